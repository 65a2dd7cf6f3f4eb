"""Destinations: which of them a caller may see."""

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from owox.models import Destination, DestinationOwner, Member
from owox.roles import Action, Role, destination_actions
from owox.services.authentication import Caller


def listed(session: Session, caller: Caller) -> list[tuple[Destination, Member | None]]:
    """The destinations in a caller's list (contract.md 6.4) with who made them, by title."""
    query = (
        select(Destination, Member)
        .outerjoin(Member, Member.id == Destination.created_by_id)
        .where(Destination.project_id == caller.project_id)
        .order_by(Destination.title, Destination.id)
    )
    return [
        (destination, member)
        for destination, member in session.execute(query)
        if Action.SEE
        in destination_actions(
            caller.role,
            owned=destination.created_by_id == caller.member_id,
            use=destination.available_for_use,
            maintenance=destination.available_for_maintenance,
        )
    ]


def seen_by(caller: Caller) -> ColumnElement[bool]:
    """Seeing by ``roles.destination_actions`` as a condition of the database."""
    present = and_(Destination.project_id == caller.project_id, Destination.deleted_at.is_(None))
    if caller.role is Role.ADMIN:
        return present
    mine = exists().where(
        DestinationOwner.destination_id == Destination.id, DestinationOwner.member_id == caller.member_id
    )
    return and_(present, or_(mine, Destination.available_for_use, Destination.available_for_maintenance))

"""Who may change a project's members, and why a project never runs out of admins.

Changes of one project's members happen one after another: each locks the project's row first (SQLite has one writer
anyway) and then looks again whether the acting member is still an admin.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from owox.models import NIL, Invitation, Member, Membership, Project
from owox.roles import Role
from owox.services.audit import Actor
from owox.services.errors import Conflict, Forbidden


def enter(session: Session, project_id: str, actor: Actor) -> None:
    """Wait for other changes of a project's members to end.

    Raises ``Forbidden`` unless the actor is the server's operator or, now that it is their turn, an active admin.
    """
    # NO KEY: rows that refer to the project may still be added meanwhile.
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(key_share=True))
    if actor.member_id is not None and actor.member_id not in _active(session, project_id):
        raise Forbidden(f"Access denied. Required role: {Role.ADMIN.display}")


def not_oneself(member_id: str, actor: Actor) -> None:
    """Raise ``Forbidden`` when an admin is about to change their own membership (contract.md 6.5)."""
    if actor.member_id == member_id:
        raise Forbidden("You cannot do this to yourself. Ask another admin of the project.")


def keep_another(session: Session, project_id: str, member_id: str) -> None:
    """Raise ``Conflict`` when nobody but this member is an active admin of the project."""
    if _active(session, project_id) == {member_id}:
        raise Conflict("This is the project's last active admin. Make somebody else an admin first.")


def forfeit(session: Session, project_ids: Iterable[str], member_id: str, now: datetime) -> None:
    """Withdraw what a member who is an admin no longer has invited people with."""
    session.execute(
        update(Invitation)
        .where(
            Invitation.project_id.in_(project_ids),
            Invitation.created_by_id == member_id,
            Invitation.used_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )


def projects_without(session: Session) -> list[Project]:
    """The projects that have no active admin, oldest first."""
    active = (
        exists()
        .where(Membership.project_id == Project.id, Membership.role == Role.ADMIN, Membership.ended_at.is_(None))
        .where(Member.id == Membership.member_id, Member.disabled_at.is_(None))
    )
    query = select(Project).where(Project.id != NIL, ~active).order_by(Project.created_at, Project.id)
    return list(session.scalars(query))


def _active(session: Session, project_id: str) -> set[str]:
    query = (
        select(Membership.member_id)
        .join(Member, Member.id == Membership.member_id)
        .where(
            Membership.project_id == project_id,
            Membership.role == Role.ADMIN,
            Membership.ended_at.is_(None),
            Member.disabled_at.is_(None),
        )
    )
    return set(session.scalars(query))

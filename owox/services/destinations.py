"""Destinations: which of them a caller may see, and creating, changing, sharing and deleting them.

Every act takes an ``Acting`` and decides by ``roles.destination_actions``: ``Forbidden`` for what is not allowed,
``NotFound`` for ids of other projects just as for ids of nothing. Secrets leave in one answer at most: that of the act
that made them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, selectinload

from owox.models import Destination, DestinationOwner, Member
from owox.models.base import new_id
from owox.roles import Action, Actions, Role, destination_actions
from owox.services import destination_settings, resources
from owox.services.acting import Acting
from owox.services.authentication import Caller
from owox.services.destination_settings import SECRET_KEY, Credentials
from owox.services.errors import Conflict, Forbidden, NotFound
from owox.services.names import clean_title
from owox.services.secrets import Vault


@dataclass(frozen=True, slots=True)
class DestinationInfo:
    """A destination with its owners loaded, and who made it.

    ``new_secret`` is set only by the act that made a secret, and can never be had again.
    """

    destination: Destination
    created_by: Member | None
    new_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewDestination:
    """What to create; ``credentials`` are as in destination_settings.py, ``id`` that of a form that may come twice."""

    type: str
    title: str
    credentials: Mapping[str, Any] = field(repr=False)
    id: str | None = None


def listed(session: Session, caller: Caller) -> list[DestinationInfo]:
    """The destinations in a caller's list (contract.md 6.4), by title."""
    query = _infos().where(seen_by(caller)).order_by(Destination.title, Destination.id)
    return [DestinationInfo(*row) for row in session.execute(query)]


def get(session: Session, caller: Caller, destination_id: str, needed: Action = Action.SEE) -> DestinationInfo:
    """One destination on which the caller may do what is ``needed``. Raises ``NotFound`` or ``Forbidden``."""
    query = _infos().where(
        Destination.id == destination_id,
        Destination.project_id == caller.project_id,
        Destination.deleted_at.is_(None),
    )
    row = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(f"Data Destination with id {destination_id} and projectId {caller.project_id} not found")
    info = DestinationInfo(*row)
    if needed not in actions(caller, info.destination):
        raise Forbidden(f"Access to Data Destination {destination_id} is not allowed")
    return info


def actions(caller: Caller, destination: Destination) -> Actions:
    """What a caller may do with a destination of their project, its owners loaded."""
    return destination_actions(caller.role, **resources.facts(caller, destination))


def seen_by(caller: Caller) -> ColumnElement[bool]:
    """Seeing by ``roles.destination_actions`` as a condition of the database."""
    present = and_(Destination.project_id == caller.project_id, Destination.deleted_at.is_(None))
    if caller.role is Role.ADMIN:
        return present
    mine = exists().where(
        DestinationOwner.destination_id == Destination.id, DestinationOwner.member_id == caller.member_id
    )
    return and_(present, or_(mine, Destination.available_for_use, Destination.available_for_maintenance))


def create(session: Session, vault: Vault, by: Acting, new: NewDestination) -> DestinationInfo:
    """Create a destination, owned by whoever creates it. Raises ``BadSetting``, ``Invalid`` or ``AlreadyMade``."""
    checked = destination_settings.check(new.type, new.credentials)
    destination = Destination(
        id=new.id or new_id(),
        project_id=by.project_id,
        type=new.type,
        title=clean_title(new.title),
        config={},
        created_by_id=by.member_id,
        created_at=by.now,
        modified_at=by.now,
    )
    _put(vault, destination, checked)
    resources.add(session, by, destination)
    made = get(session, by.caller, destination.id)
    return DestinationInfo(made.destination, made.created_by, checked.secret.get(SECRET_KEY))


def update(
    session: Session,
    vault: Vault,
    by: Acting,
    destination_id: str,
    *,
    title: str | None,
    credentials: Mapping[str, Any] | None,
) -> DestinationInfo:
    """Change the title, what the destination is reached with, or both; None leaves as it is.

    Raises ``BadSetting`` or ``Invalid``.
    """
    destination = get(session, by.caller, destination_id, Action.EDIT).destination
    if title is not None:
        destination.title = clean_title(title)
    if credentials is not None:
        checked = destination_settings.check(destination.type, credentials)
        # A secret key is made anew by rotating it, never in passing.
        if destination.type != "LOOKER_STUDIO":
            _put(vault, destination, checked)
    details = {"title": destination.title, "credentials": credentials is not None}
    resources.changed(session, by, destination, "update", **details)
    return get(session, by.caller, destination.id)


def rotate_secret_key(session: Session, vault: Vault, by: Acting, destination_id: str) -> DestinationInfo:
    """Make another secret key for a Looker Studio destination; the former one is forgotten at once.

    Raises ``Conflict`` for another type.
    """
    destination = get(session, by.caller, destination_id, Action.EDIT).destination
    if destination.type != "LOOKER_STUDIO":
        raise Conflict("Only Looker Studio destinations have a secret key.")
    fresh = destination_settings.new_secret_key()
    _put(vault, destination, fresh)
    resources.changed(session, by, destination, "rotate_secret_key")
    info = get(session, by.caller, destination.id)
    return DestinationInfo(info.destination, info.created_by, fresh.secret[SECRET_KEY])


def share(session: Session, by: Acting, destination_id: str, *, use: bool, maintenance: bool) -> DestinationInfo:
    """Set the two sharing flags."""
    destination = get(session, by.caller, destination_id, Action.CONFIGURE_SHARING).destination
    resources.share(session, by, destination, use=use, maintenance=maintenance)
    return get(session, by.caller, destination.id)


def set_owners(session: Session, by: Acting, destination_id: str, member_ids: Iterable[str]) -> list[str]:
    """Replace the owners; return their ids. Raises ``BadSetting`` for somebody who is no member."""
    destination = get(session, by.caller, destination_id, Action.MANAGE_OWNERS).destination
    return resources.set_owners(session, by, destination, member_ids)


def remove(session: Session, by: Acting, destination_id: str) -> None:
    """Delete a destination and forget its secret."""
    destination = get(session, by.caller, destination_id, Action.DELETE).destination
    resources.remove(session, by, destination)


def _put(vault: Vault, destination: Destination, credentials: Credentials) -> None:
    destination.config = credentials.shown
    destination.secret = vault.seal(destination.id, credentials.secret) if credentials.secret else None


def _infos() -> Select[Destination, Member]:
    return (
        select(Destination, Member)
        .outerjoin(Member, Member.id == Destination.created_by_id)
        .options(selectinload(Destination.owners).joinedload(DestinationOwner.member))
    )

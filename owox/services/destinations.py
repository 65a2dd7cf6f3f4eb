"""Destinations: which of them a caller may see, and creating, changing, sharing and deleting them.

Every act takes an ``Acting`` and decides by ``roles.destination_actions``: ``Forbidden`` for what is not allowed,
``NotFound`` for ids of other projects just as for ids of nothing. Secrets leave in one answer at most: that of the act
that made them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, selectinload

from owox.models import Destination, DestinationOwner, Member
from owox.models.base import new_id
from owox.roles import Action, Actions, Role, destination_actions
from owox.services import destination_settings, once, owners
from owox.services.acting import Acting
from owox.services.authentication import Caller
from owox.services.destination_settings import SECRET_KEY, Credentials
from owox.services.errors import Conflict, Forbidden, NotFound
from owox.services.names import clean_name
from owox.services.secrets import Vault

TITLE_MAX: Final = 255


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
    return destination_actions(
        caller.role,
        owned=any(owner.member_id == caller.member_id for owner in destination.owners),
        use=destination.available_for_use,
        maintenance=destination.available_for_maintenance,
    )


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
        title=clean_name(new.title, TITLE_MAX, "title"),
        config={},
        created_by_id=by.member_id,
        created_at=by.now,
        modified_at=by.now,
    )
    _put(vault, destination, checked)
    once.add(session, destination)
    if by.member_id:
        session.add(DestinationOwner(destination_id=destination.id, member_id=by.member_id))
    by.record(session, "destination.create", destination.id, type=new.type, title=destination.title)
    session.flush()
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
        destination.title = clean_name(title, TITLE_MAX, "title")
    if credentials is not None:
        checked = destination_settings.check(destination.type, credentials)
        # A secret key is made anew by rotating it, never in passing.
        if destination.type != "LOOKER_STUDIO":
            _put(vault, destination, checked)
    return _changed(session, by, destination, "update", title=destination.title, credentials=credentials is not None)


def rotate_secret_key(session: Session, vault: Vault, by: Acting, destination_id: str) -> DestinationInfo:
    """Make another secret key for a Looker Studio destination; the former one is forgotten at once.

    Raises ``Conflict`` for another type.
    """
    destination = get(session, by.caller, destination_id, Action.EDIT).destination
    if destination.type != "LOOKER_STUDIO":
        raise Conflict("Only Looker Studio destinations have a secret key.")
    fresh = destination_settings.new_secret_key()
    _put(vault, destination, fresh)
    info = _changed(session, by, destination, "rotate_secret_key")
    return DestinationInfo(info.destination, info.created_by, fresh.secret[SECRET_KEY])


def share(session: Session, by: Acting, destination_id: str, *, use: bool, maintenance: bool) -> DestinationInfo:
    """Set the two sharing flags."""
    destination = get(session, by.caller, destination_id, Action.CONFIGURE_SHARING).destination
    destination.available_for_use, destination.available_for_maintenance = use, maintenance
    return _changed(session, by, destination, "share", use=use, maintenance=maintenance)


def set_owners(session: Session, by: Acting, destination_id: str, member_ids: Iterable[str]) -> list[str]:
    """Replace the owners; return their ids. Raises ``BadSetting`` for somebody who is no member."""
    destination = get(session, by.caller, destination_id, Action.MANAGE_OWNERS).destination
    wanted = owners.checked(session, by.project_id, member_ids)
    session.execute(delete(DestinationOwner).where(DestinationOwner.destination_id == destination.id))
    session.add_all(DestinationOwner(destination_id=destination.id, member_id=each) for each in wanted)
    destination.modified_at = by.now
    by.record(session, "destination.set_owners", destination.id, owners=wanted)
    session.flush()
    return wanted


def remove(session: Session, by: Acting, destination_id: str) -> None:
    """Delete a destination and forget its secret."""
    destination = get(session, by.caller, destination_id, Action.DELETE).destination
    destination.deleted_at, destination.secret, destination.modified_at = by.now, None, by.now
    by.record(session, "destination.delete", destination.id, title=destination.title)
    session.flush()


def _put(vault: Vault, destination: Destination, credentials: Credentials) -> None:
    destination.config = credentials.shown
    destination.secret = vault.seal(destination.id, credentials.secret) if credentials.secret else None


def _changed(session: Session, by: Acting, destination: Destination, act: str, **details: Any) -> DestinationInfo:
    destination.modified_at = by.now
    by.record(session, f"destination.{act}", destination.id, **details)
    session.flush()
    return get(session, by.caller, destination.id)


def _infos() -> Select[Destination, Member]:
    return (
        select(Destination, Member)
        .outerjoin(Member, Member.id == Destination.created_by_id)
        .options(selectinload(Destination.owners).joinedload(DestinationOwner.member))
    )

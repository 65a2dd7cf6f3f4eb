"""Data marts: which of them a caller may see, getting one, and creating, naming, sharing and deleting them.

Every act takes an ``Acting`` and decides by ``roles.mart_actions``: ``Forbidden`` for what is not allowed, ``NotFound``
for ids of other projects just as for ids of nothing. What a data mart reads is in mart_definitions.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from owox.models import DataMart, DataMartOwner, MartStatus, Storage
from owox.models.base import new_id
from owox.roles import Action, Actions, Owner, Role, mart_actions
from owox.services import once, owners, storages
from owox.services.acting import Acting
from owox.services.authentication import Caller
from owox.services.errors import BadSetting, Forbidden, NotFound
from owox.services.names import clean_title

PAGE_SIZE: Final = 1000  # contract.md 3.2
DESCRIPTION_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class MartPage:
    """One page of data marts, with storage, owners and creator loaded; ``total`` counts all that match."""

    marts: tuple[DataMart, ...]
    total: int


def page(session: Session, caller: Caller, offset: int) -> MartPage:
    """The data marts that a caller may see, newest first, from ``offset`` on; drafts included (contract.md 3.2)."""
    query = select(DataMart).where(seen_by(caller))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(
        query.options(
            joinedload(DataMart.storage),
            joinedload(DataMart.created_by),
            selectinload(DataMart.owners).joinedload(DataMartOwner.member),
        )
        .order_by(DataMart.created_at.desc(), DataMart.id)
        .limit(PAGE_SIZE)
        .offset(offset)
    )
    return MartPage(tuple(rows), total)


def on_storage(session: Session, caller: Caller, storage_id: str, limit: int = 10) -> tuple[list[DataMart], int]:
    """Data marts on a storage by title, as many as ``limit`` of those that the caller may see; how many there are."""
    standing = (DataMart.storage_id == storage_id, DataMart.deleted_at.is_(None))
    seen = select(DataMart).where(*standing, seen_by(caller)).order_by(DataMart.title, DataMart.id).limit(limit)
    return list(session.scalars(seen)), session.scalar(select(func.count()).where(*standing)) or 0


def an_example(session: Session, caller: Caller) -> DataMart | None:
    """A published data mart that the caller may read: the one by the first title, if there is any."""
    published = select(DataMart).where(seen_by(caller), DataMart.status == MartStatus.PUBLISHED)
    return session.scalar(published.order_by(DataMart.title, DataMart.id).limit(1))


def for_reading(session: Session, caller: Caller, mart_id: str) -> DataMart:
    """A published data mart that the caller may use, its storage loaded.

    Raises ``NotFound`` and ``Forbidden`` in the order of contract.md 4.8.
    """
    mart = _find(session, caller, mart_id)
    if mart.status != MartStatus.PUBLISHED:
        raise NotFound(f"Data Mart {mart_id} not found")
    if Action.USE not in actions(caller, mart):
        raise Forbidden(f"Access to Data Mart {mart_id} is not allowed")
    return mart


def for_seeing(session: Session, caller: Caller, mart_id: str) -> DataMart:
    """A data mart that the caller may see, published or not; storage and owners loaded.

    Raises ``NotFound`` and ``Forbidden``.
    """
    mart = _find(session, caller, mart_id)
    if Action.SEE not in actions(caller, mart):
        raise Forbidden(f"Access to Data Mart {mart_id} is not allowed")
    return mart


def get(session: Session, caller: Caller, mart_id: str, needed: Action = Action.SEE) -> DataMart:
    """A data mart on which the caller may do what is ``needed``, with all that belongs to it loaded."""
    mart = _find(
        session,
        caller,
        mart_id,
        joinedload(DataMart.created_by),
        selectinload(DataMart.owners).joinedload(DataMartOwner.member),
    )
    if needed not in actions(caller, mart):
        raise Forbidden(f"Access to Data Mart {mart_id} is not allowed")
    return mart


def create(session: Session, by: Acting, title: str, storage_id: str, mart_id: str = "") -> DataMart:
    """Create a draft over a storage that the caller may use; its technical owner is whoever creates it.

    ``mart_id`` is that of a form which may come twice, see once.py. Raises ``Invalid`` for the title, ``NotFound`` and
    ``Forbidden`` for the storage, ``AlreadyMade``.
    """
    title = clean_title(title)
    # Held until the end, so that nobody deletes the storage in between.
    session.scalar(select(Storage.id).where(Storage.id == storage_id).with_for_update(read=True))
    storages.get(session, by.caller, storage_id, Action.USE)
    mart = DataMart(
        id=mart_id or new_id(),
        project_id=by.project_id,
        storage_id=storage_id,
        title=title,
        status=MartStatus.DRAFT,
        fields=[],
        created_by_id=by.member_id,
        created_at=by.now,
        modified_at=by.now,
    )
    once.add(session, mart)
    if by.member_id:
        session.add(DataMartOwner(data_mart_id=mart.id, member_id=by.member_id, kind=Owner.TECHNICAL))
    by.record(session, "data_mart.create", mart.id, title=title, storage=storage_id)
    session.flush()
    return get(session, by.caller, mart.id)


def rename(session: Session, by: Acting, mart_id: str, title: str) -> DataMart:
    """Give a data mart another title. Raises ``Invalid``."""
    mart = get(session, by.caller, mart_id, Action.EDIT)
    before, mart.title = mart.title, clean_title(title)
    return _changed(session, by, mart, "rename", title=mart.title, before=before)


def describe(session: Session, by: Acting, mart_id: str, description: str | None) -> DataMart:
    """Set or, with None, clear what a data mart says about itself. Raises ``BadSetting``."""
    mart = get(session, by.caller, mart_id, Action.EDIT)
    if description is not None and not 1 <= len(description) <= DESCRIPTION_MAX:
        raise BadSetting("description", f"description must be 1 to {DESCRIPTION_MAX} characters, or null.")
    mart.description = description
    return _changed(session, by, mart, "describe")


def share(session: Session, by: Acting, mart_id: str, *, reporting: bool, maintenance: bool) -> DataMart:
    """Set the two sharing flags."""
    mart = get(session, by.caller, mart_id, Action.CONFIGURE_SHARING)
    mart.available_for_reporting, mart.available_for_maintenance = reporting, maintenance
    return _changed(session, by, mart, "share", reporting=reporting, maintenance=maintenance)


def set_owners(session: Session, by: Acting, mart_id: str, member_ids: Mapping[Owner, Iterable[str]]) -> None:
    """Replace the owners of the named kinds. Raises ``BadSetting`` for somebody who is no member."""
    mart = get(session, by.caller, mart_id, Action.MANAGE_OWNERS)
    wanted = {kind: owners.checked(session, by.project_id, ids, f"{kind}OwnerIds") for kind, ids in member_ids.items()}
    for kind, ids in wanted.items():
        session.execute(delete(DataMartOwner).where(DataMartOwner.data_mart_id == mart.id, DataMartOwner.kind == kind))
        session.add_all(DataMartOwner(data_mart_id=mart.id, member_id=each, kind=kind) for each in ids)
    _changed(session, by, mart, "set_owners", **{str(kind): ids for kind, ids in wanted.items()})


def remove(session: Session, by: Acting, mart_id: str) -> None:
    """Delete a data mart; open streams of it are cut, its runs stay in the history's tables."""
    mart = get(session, by.caller, mart_id, Action.DELETE)
    mart.deleted_at = by.now
    _changed(session, by, mart, "delete", title=mart.title)


def actions(caller: Caller, mart: DataMart) -> Actions:
    """What a caller may do with a data mart of their project, its owners loaded."""
    return mart_actions(
        caller.role,
        {Owner(owner.kind) for owner in mart.owners if owner.member_id == caller.member_id},
        reporting=mart.available_for_reporting,
        maintenance=mart.available_for_maintenance,
    )


def seen_by(caller: Caller) -> ColumnElement[bool]:
    """Seeing by ``roles.mart_actions`` as a condition, so that pages and totals are counted by the database."""
    present = and_(DataMart.project_id == caller.project_id, DataMart.deleted_at.is_(None))
    if caller.role is Role.ADMIN:
        return present
    mine = exists().where(DataMartOwner.data_mart_id == DataMart.id, DataMartOwner.member_id == caller.member_id)
    shared = DataMart.available_for_reporting
    if caller.role is Role.EDITOR:
        return and_(present, or_(mine, shared, DataMart.available_for_maintenance))
    return and_(present, or_(mine, shared))


def listed(caller: Caller, has_owners: bool | None) -> ColumnElement[bool]:
    """The condition of a list: what the caller sees, of that only what has owners, or has none, if that is asked."""
    if has_owners is None:
        return seen_by(caller)
    owned = exists().where(DataMartOwner.data_mart_id == DataMart.id)
    return and_(seen_by(caller), owned if has_owners else ~owned)


def _changed(session: Session, by: Acting, mart: DataMart, act: str, **details: Any) -> DataMart:
    mart.modified_at = by.now
    by.record(session, f"data_mart.{act}", mart.id, **details)
    session.flush()
    return mart


def _find(session: Session, caller: Caller, mart_id: str, *more: ExecutableOption) -> DataMart:
    query = select(DataMart).where(
        DataMart.id == mart_id, DataMart.project_id == caller.project_id, DataMart.deleted_at.is_(None)
    )
    query = query.options(joinedload(DataMart.storage), selectinload(DataMart.owners), *more)
    mart = session.scalar(query.execution_options(populate_existing=True))
    if mart is None:
        raise NotFound(f"Data Mart with id {mart_id} and projectId {caller.project_id} not found")
    return mart

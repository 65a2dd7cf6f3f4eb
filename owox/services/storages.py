"""Storages: which of them a caller may see, and creating, changing, sharing, testing and deleting them.

Every act takes an ``Acting`` and decides by ``roles.storage_actions``: ``Forbidden`` for what is not allowed,
``NotFound`` for ids of other projects just as for ids of nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session, selectinload

from owox.models import DataMart, MartStatus, Member, Storage, StorageOwner, StorageType
from owox.models.base import new_id
from owox.reading.engines import StorageError
from owox.roles import Action, Actions, Role, storage_actions
from owox.services import resources
from owox.services.acting import Acting
from owox.services.authentication import Caller
from owox.services.errors import BadSetting, Conflict, Forbidden, NotFound
from owox.services.names import clean_title
from owox.services.storage_config import Keeper

TEST_SECONDS: Final = 15.0
TYPE_TITLES: Final[dict[str, str]] = {
    StorageType.DUCKDB: "DuckDB",
    StorageType.SQLITE: "SQLite",
    StorageType.POSTGRESQL: "PostgreSQL",
}


@dataclass(frozen=True, slots=True)
class StorageInfo:
    """A storage with its owners loaded, who made it, and how many published and draft data marts it has."""

    storage: Storage
    created_by: Member | None
    published: int
    drafts: int


@dataclass(frozen=True, slots=True)
class NewStorage:
    """What to create: ``type`` is one of ``StorageType``; without a title it is named after its type.

    ``config`` is as in storage_config.py, or None to be entered later. ``id`` is that of a form that may come twice.
    """

    type: str
    title: str | None = None
    config: Mapping[str, Any] | None = None
    id: str | None = None


def listed(session: Session, caller: Caller, has_owners: bool | None = None) -> list[StorageInfo]:
    """The storages in a caller's list (contract.md 6.4), by title."""
    query = _infos(caller.project_id).order_by(Storage.title, Storage.id)
    if has_owners is not None:
        owned = exists().where(StorageOwner.storage_id == Storage.id)
        query = query.where(owned if has_owners else ~owned)
    return [_info(*row) for row in session.execute(query.where(listed_for(caller)))]


def types_in_use(session: Session) -> list[str]:
    """The types of which any project has a storage."""
    return list(session.scalars(select(Storage.type).distinct().order_by(Storage.type)))


def listed_for(caller: Caller) -> ColumnElement[bool]:
    """``roles.may_list_storage`` as a condition of the database."""
    present = and_(Storage.project_id == caller.project_id, Storage.deleted_at.is_(None))
    if caller.role is Role.ADMIN:
        return present
    mine = exists().where(StorageOwner.storage_id == Storage.id, StorageOwner.member_id == caller.member_id)
    shared = or_(Storage.available_for_use, Storage.available_for_maintenance)
    return and_(present, or_(mine, shared if caller.role is Role.EDITOR else false()))


def get(session: Session, caller: Caller, storage_id: str, needed: Action = Action.SEE) -> StorageInfo:
    """One storage on which the caller may do what is ``needed``. Raises ``NotFound`` or ``Forbidden``."""
    query = _infos(caller.project_id).where(Storage.id == storage_id)
    row = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(f"Data Storage with id {storage_id} and projectId {caller.project_id} not found")
    info = _info(*row)
    if needed not in actions(caller, info.storage):
        raise Forbidden(f"Access to Data Storage {storage_id} is not allowed")
    return info


def actions(caller: Caller, storage: Storage) -> Actions:
    """What a caller may do with a storage of their project, its owners loaded."""
    return storage_actions(caller.role, **resources.facts(caller, storage))


def create(session: Session, keeper: Keeper, by: Acting, new: NewStorage) -> StorageInfo:
    """Create a storage, owned by whoever creates it. Raises ``BadSetting``, ``Invalid`` or ``AlreadyMade``."""
    if new.type not in list(StorageType):
        raise BadSetting("type", f"type must be one of the following values: {', '.join(StorageType)}.")
    title = TYPE_TITLES[StorageType(new.type)] if new.title is None else new.title
    storage = Storage(
        id=new.id or new_id(),
        project_id=by.project_id,
        type=new.type,
        title=clean_title(title),
        config={},
        created_by_id=by.member_id,
        created_at=by.now,
        modified_at=by.now,
    )
    if new.config is not None:
        keeper.put(storage, keeper.check(new.type, new.config))
    resources.add(session, by, storage, config=storage.config)
    return get(session, by.caller, storage.id)


def update(
    session: Session,
    keeper: Keeper,
    by: Acting,
    storage_id: str,
    *,
    title: str | None,
    config: Mapping[str, Any] | None,
) -> StorageInfo:
    """Change the title, what the storage is opened with, or both; None leaves as it is.

    Raises ``BadSetting`` or ``Invalid``.
    """
    storage = get(session, by.caller, storage_id, Action.EDIT).storage
    if title is not None:
        storage.title = clean_title(title)
    if config is not None:
        keeper.put(storage, keeper.check(storage.type, config, kept=storage))
    resources.changed(session, by, storage, "update", title=storage.title, config=storage.config)
    return get(session, by.caller, storage_id)


def share(session: Session, by: Acting, storage_id: str, *, use: bool, maintenance: bool) -> StorageInfo:
    """Set the two sharing flags."""
    storage = get(session, by.caller, storage_id, Action.CONFIGURE_SHARING).storage
    resources.share(session, by, storage, use=use, maintenance=maintenance)
    return get(session, by.caller, storage_id, Action.CONFIGURE_SHARING)


def set_owners(session: Session, by: Acting, storage_id: str, member_ids: Iterable[str]) -> list[str]:
    """Replace the owners; return their ids. Raises ``BadSetting`` for somebody who is no member."""
    storage = get(session, by.caller, storage_id, Action.MANAGE_OWNERS).storage
    return resources.set_owners(session, by, storage, member_ids)


def remove(session: Session, by: Acting, storage_id: str) -> None:
    """Delete a storage and forget its secret. Raises ``Conflict`` while it has data marts."""
    storage = get(session, by.caller, storage_id, Action.DELETE).storage
    # Whoever adds a data mart just now holds a lock on this row, and is seen after it.
    session.scalar(select(Storage.id).where(Storage.id == storage_id).with_for_update())
    count = session.scalar(select(func.count()).where(DataMart.storage_id == storage_id, DataMart.deleted_at.is_(None)))
    if count:
        raise Conflict(f"This storage has {count} data mart{'s' if count > 1 else ''}. Delete them first.")
    resources.remove(session, by, storage)


def test(keeper: Keeper, storage: Storage) -> StorageError | None:
    """Connect to a storage; return what failed, or None. Needs no session, and may take ``TEST_SECONDS``."""
    try:
        with keeper.opened(storage, TEST_SECONDS) as engine:
            engine.check()
    except StorageError as error:
        return error
    return None


def _infos(project_id: str) -> Select[Any]:
    published = func.sum(case((DataMart.status == MartStatus.PUBLISHED, 1), else_=0))
    return (
        select(Storage, Member, func.coalesce(published, 0), func.count(DataMart.id))
        .outerjoin(DataMart, (DataMart.storage_id == Storage.id) & DataMart.deleted_at.is_(None))
        .outerjoin(Member, Member.id == Storage.created_by_id)
        .where(Storage.project_id == project_id, Storage.deleted_at.is_(None))
        .group_by(Storage.id, Member.id)
        .options(selectinload(Storage.owners).joinedload(StorageOwner.member))
    )


def _info(storage: Storage, member: Member | None, published: int, marts: int) -> StorageInfo:
    return StorageInfo(storage, member, int(published), marts - int(published))

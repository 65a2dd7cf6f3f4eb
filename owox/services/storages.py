"""Storages: which of them a caller may see, with the numbers of data marts that they hold."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import Session

from owox.models import DataMart, MartStatus, Member, Storage, StorageOwner
from owox.roles import Role, may_list_storage
from owox.services.authentication import Caller


@dataclass(frozen=True, slots=True)
class StorageInfo:
    """A storage, who made it, and how many published and draft data marts it has."""

    storage: Storage
    created_by: Member | None
    published: int
    drafts: int


def listed(session: Session, caller: Caller, has_owners: bool | None = None) -> list[StorageInfo]:
    """The storages in a caller's list (contract.md 6.4), by title; whoever made one is its owner."""
    published = func.sum(case((DataMart.status == MartStatus.PUBLISHED, 1), else_=0))
    query = (
        select(Storage, Member, func.coalesce(published, 0), func.count(DataMart.id))
        .outerjoin(DataMart, DataMart.storage_id == Storage.id)
        .outerjoin(Member, Member.id == Storage.created_by_id)
        .where(Storage.project_id == caller.project_id)
        .group_by(Storage.id, Member.id)
        .order_by(Storage.title, Storage.id)
    )
    if has_owners is not None:
        query = query.where(Storage.created_by_id.is_not(None) if has_owners else Storage.created_by_id.is_(None))
    return [
        StorageInfo(storage, member, int(count), marts - int(count))
        for storage, member, count, marts in session.execute(query)
        if may_list_storage(
            caller.role,
            owned=storage.created_by_id == caller.member_id,
            use=storage.available_for_use,
            maintenance=storage.available_for_maintenance,
        )
    ]


def listed_for(caller: Caller) -> ColumnElement[bool]:
    """``roles.may_list_storage`` as a condition of the database."""
    present = and_(Storage.project_id == caller.project_id, Storage.deleted_at.is_(None))
    if caller.role is Role.ADMIN:
        return present
    mine = exists().where(StorageOwner.storage_id == Storage.id, StorageOwner.member_id == caller.member_id)
    shared = or_(Storage.available_for_use, Storage.available_for_maintenance)
    return and_(present, or_(mine, shared if caller.role is Role.EDITOR else false()))

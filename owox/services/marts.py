"""Data marts: which of them a caller may see, and getting one for reading."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from owox.models import DataMart, DataMartOwner, MartStatus
from owox.roles import Action, Actions, Owner, Role, mart_actions
from owox.services.authentication import Caller
from owox.services.errors import Forbidden, NotFound

PAGE_SIZE: Final = 1000  # contract.md 3.2


@dataclass(frozen=True, slots=True)
class MartPage:
    """One page of data marts, with storage, owners and creator loaded; ``total`` counts all that match."""

    marts: tuple[DataMart, ...]
    total: int


def page(session: Session, caller: Caller, offset: int, has_owners: bool | None = None) -> MartPage:
    """The data marts that a caller may see, newest first, from ``offset`` on; drafts included (contract.md 3.2)."""
    query = select(DataMart).where(seen_by(caller))
    if has_owners is not None:
        owned = exists().where(DataMartOwner.data_mart_id == DataMart.id)
        query = query.where(owned if has_owners else ~owned)
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


def _find(session: Session, caller: Caller, mart_id: str) -> DataMart:
    query = select(DataMart).where(
        DataMart.id == mart_id, DataMart.project_id == caller.project_id, DataMart.deleted_at.is_(None)
    )
    mart = session.scalar(query.options(joinedload(DataMart.storage), selectinload(DataMart.owners)))
    if mart is None:
        raise NotFound(f"Data Mart with id {mart_id} and projectId {caller.project_id} not found")
    return mart

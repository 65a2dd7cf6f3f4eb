"""The list of data marts as the dashboard shows it: search, filters, order, pages, and how often each was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from owox.models import DataMart, DataMartOwner, MartStatus, Member, Run
from owox.models.searchable import words
from owox.services.authentication import Caller
from owox.services.marts import seen_by
from owox.services.paging import Page, page_at, place

PAGE_SIZE: Final = 25
SEARCH_MAX: Final = 255
NOBODY: Final = "nobody"


class Sort(StrEnum):
    """Orders of the list; a leading minus means descending."""

    NEWEST = "-created"
    OLDEST = "created"
    TITLE = "title"
    TITLE_DESC = "-title"


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show: ``search`` in the title in any case, or as the whole ID; one status or all; whose.

    ``owner`` is an owner's id, ``NOBODY``, or empty for all.
    """

    search: str = ""
    status: MartStatus | None = None
    owner: str = ""
    sort: Sort = Sort.NEWEST
    number: int = 1


@dataclass(frozen=True, slots=True)
class MartInfo:
    """A data mart with storage, owners and creator loaded, the number of its runs and the start of the last one."""

    mart: DataMart
    runs: int
    last_run_at: datetime | None


def page(session: Session, caller: Caller, wanted: Filter) -> Page[MartInfo]:
    """One page of what a caller may see, drafts included; a number past the end gives the last page."""
    query = select(DataMart).where(seen_by(caller), *_conditions(wanted))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    where = place(total, wanted.number, PAGE_SIZE)
    ordered = _with_runs(query).order_by(*_ORDERS[wanted.sort])
    rows = session.execute(ordered.limit(PAGE_SIZE).offset(where.offset))
    return page_at(where, (MartInfo(*row) for row in rows))


def owners(session: Session, caller: Caller) -> Sequence[Member]:
    """Whoever owns a data mart that a caller may see, by name."""
    owner = aliased(DataMartOwner)  # seen_by asks for owners of its own
    owned = select(owner.member_id).join(DataMart, DataMart.id == owner.data_mart_id).where(seen_by(caller))
    named = (Member.search_name, Member.email)
    return session.scalars(select(Member).where(Member.id.in_(owned)).order_by(*named)).all()


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    owned = exists().where(DataMartOwner.data_mart_id == DataMart.id)
    if wanted.owner == NOBODY:
        by_owner: ColumnElement[bool] = ~owned
    else:
        by_owner = owned.where(DataMartOwner.member_id == wanted.owner) if wanted.owner else true()
    in_title = DataMart.search_title.contains(words(wanted.search), autoescape=True)
    searched = or_(in_title, DataMart.id == wanted.search.lower()) if wanted.search else true()
    return [DataMart.status == wanted.status if wanted.status else true(), by_owner, searched]


def _with_runs(query: Select[DataMart]) -> Select[Any]:
    of_mart = select(func.count()).where(Run.data_mart_id == DataMart.id)
    last = select(func.max(Run.created_at)).where(Run.data_mart_id == DataMart.id)
    return query.add_columns(of_mart.scalar_subquery(), last.scalar_subquery()).options(
        joinedload(DataMart.storage),
        joinedload(DataMart.created_by),
        selectinload(DataMart.owners).joinedload(DataMartOwner.member),
    )


_NEWEST: Final = (DataMart.created_at.desc(), DataMart.id)
_ORDERS: Final[dict[Sort, tuple[Any, ...]]] = {
    Sort.NEWEST: _NEWEST,
    Sort.OLDEST: (DataMart.created_at.asc(), DataMart.id),
    Sort.TITLE: (DataMart.search_title.asc(), *_NEWEST),
    Sort.TITLE_DESC: (DataMart.search_title.desc(), *_NEWEST),
}

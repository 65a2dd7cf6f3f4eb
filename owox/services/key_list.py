"""The list of a member's API keys as the page shows it: search, status filter, order, pages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, func, not_, or_, select, true
from sqlalchemy.orm import Session

from owox.keys import State
from owox.models import ApiKey
from owox.services.keys import KeyInfo, info, mine

PAGE_SIZE: Final = 20


class Sort(StrEnum):
    """Orders of the list; a leading minus means descending."""

    NEWEST = "-created"
    OLDEST = "created"
    NAME = "name"
    NAME_DESC = "-name"
    EXPIRES = "expires"
    EXPIRES_DESC = "-expires"
    USED = "-used"
    USED_ASC = "used"


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show: ``search`` in name or ID (any case in the name), one state or all, an order, a page number."""

    search: str = ""
    state: State | None = None
    sort: Sort = Sort.NEWEST
    number: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its keys, the number of all that match, and which page of how many it is."""

    keys: tuple[KeyInfo, ...]
    total: int
    number: int
    pages: int


def page(session: Session, membership_id: str, wanted: Filter, now: datetime) -> Page:
    """One page of a membership's keys; a number past the end gives the last page."""
    query = mine(membership_id).where(_in_state(wanted.state, now))
    if wanted.search:
        in_name = func.lower(ApiKey.name).contains(wanted.search.lower(), autoescape=True)
        query = query.where(or_(in_name, ApiKey.id.contains(wanted.search, autoescape=True)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    number = min(max(1, wanted.number), pages)
    rows = session.scalars(query.order_by(*_ORDERS[wanted.sort]).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    return Page(tuple(info(row, now) for row in rows), total, number, pages)


# The earlier of the two instants at which a key ends by itself, as ``keys.Facts.ends_at`` has it.
_ENDS_AT: Final = case(
    (or_(ApiKey.expires_at.is_(None), ApiKey.overlap_ends_at < ApiKey.expires_at), ApiKey.overlap_ends_at),
    else_=ApiKey.expires_at,
)
_NEWEST: Final = (ApiKey.created_at.desc(), ApiKey.id)
_ORDERS: Final[dict[Sort, tuple[Any, ...]]] = {
    Sort.NEWEST: _NEWEST,
    Sort.OLDEST: (ApiKey.created_at.asc(), ApiKey.id),
    Sort.NAME: (func.lower(ApiKey.name).asc(), *_NEWEST),
    Sort.NAME_DESC: (func.lower(ApiKey.name).desc(), *_NEWEST),
    # "Never" sorts after every instant.
    Sort.EXPIRES: (_ENDS_AT.asc().nulls_last(), *_NEWEST),
    Sort.EXPIRES_DESC: (_ENDS_AT.desc().nulls_first(), *_NEWEST),
    Sort.USED: (ApiKey.last_used_at.desc().nulls_last(), *_NEWEST),
    Sort.USED_ASC: (ApiKey.last_used_at.asc().nulls_first(), *_NEWEST),
}


def active(now: datetime) -> ColumnElement[bool]:
    """Which keys are active in themselves, whatever has become of their owners."""
    return _in_state(State.ACTIVE, now)


def _in_state(state: State | None, now: datetime) -> ColumnElement[bool]:
    """``keys.judge`` as a condition. An ended membership or a disabled owner has no list to look at."""
    if state is None:
        return true()
    ends: dict[State, ColumnElement[bool]] = {
        State.REVOKED: ApiKey.revoked_at.is_not(None),
        State.REPLACED: ApiKey.overlap_ends_at.is_not(None) & (ApiKey.overlap_ends_at <= now),
        State.EXPIRED: ApiKey.expires_at.is_not(None) & (ApiKey.expires_at <= now),
        State.SUSPENDED: ApiKey.suspended_at.is_not(None),
    }
    own = true() if state is State.ACTIVE else ends.get(state, false())
    return and_(own, *(not_(ends[earlier]) for earlier in takewhile(lambda each: each is not state, ends)))

"""Lists of API keys as pages show them, a member's own or all of a project: search, status filter, order, pages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, or_, select, true
from sqlalchemy.orm import Session, contains_eager

from owox import keys as core
from owox.keys import State
from owox.models import ApiKey, Member, Membership
from owox.models.searchable import words
from owox.services.authentication import NIL_KEY_ID
from owox.services.errors import NotFound
from owox.services.keys import NOT_FOUND, KeyInfo, info, mine
from owox.services.paging import Page, Place, page_at, place

PAGE_SIZE: Final = 20
ID_PART_MIN: Final = 4  # a shorter text is in many an ID by chance
Keys = TypeVar("Keys", bound=Select[*tuple[Any, ...]])


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
    """What to show: one state or all, an order, a page number, and ``search``.

    That is looked for in the name, from ``ID_PART_MIN`` characters on in the ID too, and among all keys of a project in
    the owner's name and address; always in any case.
    """

    search: str = ""
    state: State | None = None
    sort: Sort = Sort.NEWEST
    number: int = 1


def page(session: Session, membership_id: str, wanted: Filter, now: datetime) -> Page[KeyInfo]:
    """One page of a membership's keys; a number past the end gives the last page."""
    query = mine(membership_id).where(_in_state(wanted.state, _own_ends(now)), _matching(wanted.search))
    query, where = _cut(session, query, wanted)
    return page_at(where, (info(row, now) for row in session.scalars(query)))


def page_of_project(session: Session, project_id: str, wanted: Filter, now: datetime) -> Page[KeyInfo]:
    """One page of the keys of all who are or were members of a project, with their owners."""
    query, where = _cut(session, _wanted_of_project(project_id, wanted, now), wanted)
    return page_at(where, (info(row, now, membership) for row, membership in session.execute(query)))


def all_of_project(session: Session, project_id: str, wanted: Filter, now: datetime) -> list[KeyInfo]:
    """All pages of that as one; ``number`` counts for nothing."""
    query = _wanted_of_project(project_id, wanted, now).order_by(*_ORDERS[wanted.sort])
    return [info(row, now, membership) for row, membership in session.execute(query)]


def project_of(session: Session, key_id: str) -> str:
    """The id of the project that a key is for. Raises ``NotFound``."""
    query = select(Membership.project_id).join(ApiKey, ApiKey.membership_id == Membership.id)
    found = session.scalar(query.where(ApiKey.id == key_id, ApiKey.id != NIL_KEY_ID))
    if found is None:
        raise NotFound(NOT_FOUND)
    return found


def get_of_project(session: Session, project_id: str, key_id: str, now: datetime) -> KeyInfo:
    """One key of a project, with its owner. Raises ``NotFound``, the same for other projects' keys."""
    found = session.execute(_of_project(project_id).where(ApiKey.id == key_id)).one_or_none()
    if found is None:
        raise NotFound(NOT_FOUND)
    return info(found[0], now, found[1])


def find_by_secret(session: Session, project_id: str, membership_id: str | None, given: str) -> tuple[str, str]:
    """The ids of the key, and of its membership, whose secret or combined value this is.

    Among the keys of one membership, or of all who are or were in the project. Raises ``NotFound``.
    """
    key_id, secret = _parts(given)
    query = select(ApiKey.id, ApiKey.membership_id, ApiKey.digest).join(Membership)
    query = query.where(Membership.project_id == project_id)
    if membership_id is not None:
        query = query.where(Membership.id == membership_id)
    if key_id:
        query = query.where(ApiKey.id == key_id)
    rows = session.execute(query) if core.is_secret(secret) else ()
    found = next((row for row in rows if core.matches(row.digest, row.id, secret)), None)
    if found is None:
        raise NotFound(NOT_FOUND)
    return found.id, found.membership_id


def _parts(given: str) -> tuple[str, str]:
    """The ID, empty where it is not in it, and the secret of what somebody pasted."""
    try:
        combined = core.parse_combined(given)
    except core.CombinedValueError:
        return "", given
    return combined.key_id, combined.secret


def _of_project(project_id: str) -> Select[ApiKey, Membership]:
    owned = select(ApiKey, Membership).join(Membership, Membership.id == ApiKey.membership_id)
    owned = owned.join(Member, Member.id == Membership.member_id).where(Membership.project_id == project_id)
    return owned.options(contains_eager(Membership.member))


def _wanted_of_project(project_id: str, wanted: Filter, now: datetime) -> Select[ApiKey, Membership]:
    found = or_(_matching(wanted.search), Member.matching(wanted.search))
    return _of_project(project_id).where(_in_state(wanted.state, _all_ends(now)), found)


def _matching(search: str) -> ColumnElement[bool]:
    if not search:
        return true()
    named = ApiKey.search_name.contains(words(search), autoescape=True)
    return or_(named, ApiKey.id.icontains(search, autoescape=True)) if len(search) >= ID_PART_MIN else named


def _cut(session: Session, query: Keys, wanted: Filter) -> tuple[Keys, Place]:
    """The query for the page that is wanted, and which page it is."""
    total = session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    where = place(total, wanted.number, PAGE_SIZE)
    return query.order_by(*_ORDERS[wanted.sort]).limit(PAGE_SIZE).offset(where.offset), where


# The earlier of the two instants at which a key ends by itself, as ``keys.Facts.ends_at`` has it.
_ENDS_AT: Final = case(
    (or_(ApiKey.expires_at.is_(None), ApiKey.overlap_ends_at < ApiKey.expires_at), ApiKey.overlap_ends_at),
    else_=ApiKey.expires_at,
)
_NEWEST: Final = (ApiKey.created_at.desc(), ApiKey.id)
_ORDERS: Final[dict[Sort, tuple[Any, ...]]] = {
    Sort.NEWEST: _NEWEST,
    Sort.OLDEST: (ApiKey.created_at.asc(), ApiKey.id),
    Sort.NAME: (ApiKey.search_name.asc(), *_NEWEST),
    Sort.NAME_DESC: (ApiKey.search_name.desc(), *_NEWEST),
    # "Never" sorts after every instant.
    Sort.EXPIRES: (_ENDS_AT.asc().nulls_last(), *_NEWEST),
    Sort.EXPIRES_DESC: (_ENDS_AT.desc().nulls_first(), *_NEWEST),
    Sort.USED: (ApiKey.last_used_at.desc().nulls_last(), *_NEWEST),
    Sort.USED_ASC: (ApiKey.last_used_at.asc().nulls_first(), *_NEWEST),
}


def active(now: datetime) -> ColumnElement[bool]:
    """Which keys are active in themselves, whatever has become of their owners."""
    return _in_state(State.ACTIVE, _own_ends(now))


def _own_ends(now: datetime) -> dict[State, ColumnElement[bool]]:
    """What ends a key by itself, the first that applies; a member's own list needs no more."""
    return {
        State.REVOKED: ApiKey.revoked_at.is_not(None),
        State.REPLACED: ApiKey.overlap_ends_at.is_not(None) & (ApiKey.overlap_ends_at <= now),
        State.EXPIRED: ApiKey.expires_at.is_not(None) & (ApiKey.expires_at <= now),
        State.SUSPENDED: ApiKey.suspended_at.is_not(None),
    }


def _all_ends(now: datetime) -> dict[State, ColumnElement[bool]]:
    """The same together with what became of the owner, in the order of ``keys.judge``."""
    own = _own_ends(now)
    return {
        State.REVOKED: own.pop(State.REVOKED),
        State.MEMBERSHIP_ENDED: Membership.ended_at.is_not(None),
        State.OWNER_DISABLED: Member.disabled_at.is_not(None),
        **own,
    }


def _in_state(state: State | None, ends: dict[State, ColumnElement[bool]]) -> ColumnElement[bool]:
    """``keys.judge`` as a condition."""
    if state is None:
        return true()
    own = true() if state is State.ACTIVE else ends.get(state, false())
    return and_(own, *(not_(ends[earlier]) for earlier in takewhile(lambda each: each is not state, ends)))

"""The list of a project's members as admins see it, and a member's list of their own projects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from owox.models import ApiKey, Member, Membership, Project, SignIn
from owox.roles import Role
from owox.services import key_list
from owox.services.errors import NotFound
from owox.services.paging import Page, page_at, place

PAGE_SIZE: Final = 25
_BY_NAME: Final = (Member.search_name, Member.email)


@dataclass(frozen=True, slots=True)
class MemberInfo:
    """A member of a project; ``seen_at`` is their last use of the dashboard or of a key of this membership."""

    id: str
    email: str
    name: str
    role: Role
    joined_at: datetime
    disabled_at: datetime | None
    live_keys: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A project that a member is in, with the number of keys that work there."""

    project_id: str
    title: str
    role: Role
    joined_at: datetime
    live_keys: int


def of_project(session: Session, project_id: str, now: datetime) -> list[MemberInfo]:
    """All members, by name."""
    rows = session.execute(_members(project_id, now).order_by(*_BY_NAME)).all()
    return [_info(row) for row in rows]


def page(session: Session, project_id: str, search: str, number: int, now: datetime) -> Page[MemberInfo]:
    """One page of the members, by name, who have ``search`` in name or address; past the end, the last page."""
    query = _members(project_id, now).where(Member.matching(search))
    total = session.scalar(query.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    where = place(total, number, PAGE_SIZE)
    return page_at(where, map(_info, session.execute(query.order_by(*_BY_NAME).limit(PAGE_SIZE).offset(where.offset))))


def get(session: Session, project_id: str, member_id: str, now: datetime) -> MemberInfo:
    """One member. Raises ``NotFound``, the same for strangers and for those who have left."""
    row = session.execute(_members(project_id, now).where(Member.id == member_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such member in this project.")
    return _info(row)


def places(session: Session, member_id: str, now: datetime) -> list[Place]:
    """The projects of a member, in the order in which they joined."""
    query = (
        select(Project.id, Project.title, Membership.role, Membership.created_at, _live_keys(now).label("live_keys"))
        .join(Membership, Membership.project_id == Project.id)
        .where(Membership.member_id == member_id, Membership.ended_at.is_(None))
        .order_by(Membership.created_at, Membership.id)
    )
    return [
        Place(row.id, row.title, Role(row.role), row.created_at, row.live_keys) for row in session.execute(query).all()
    ]


def _members(project_id: str, now: datetime) -> Select[Any]:
    return (
        select(
            Member.id,
            Member.email,
            Member.name,
            Member.disabled_at,
            Membership.role,
            Membership.created_at.label("joined_at"),
            _live_keys(now).label("live_keys"),
            _of_keys(func.max(ApiKey.last_used_at)).label("key_seen_at"),
            select(func.max(SignIn.seen_at)).where(SignIn.member_id == Member.id).scalar_subquery().label("sign_in_at"),
        )
        .join(Membership, Membership.member_id == Member.id)
        .where(Membership.project_id == project_id, Membership.ended_at.is_(None))
    )


def _live_keys(now: datetime) -> ScalarSelect[int]:
    return _of_keys(func.count(), key_list.active(now))


def _of_keys(value: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(value).where(ApiKey.membership_id == Membership.id, *conditions).scalar_subquery()


def _info(row: Row[Any]) -> MemberInfo:
    return MemberInfo(
        id=row.id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        joined_at=row.joined_at,
        disabled_at=row.disabled_at,
        live_keys=row.live_keys,
        seen_at=_later((row.key_seen_at, row.sign_in_at)),
    )


def _later(moments: Sequence[datetime | None]) -> datetime | None:
    return max((at for at in moments if at is not None), default=None)

"""Sign-in of a terminal by way of the browser, in the model of RFC 8628 (device authorization).

A terminal asks, and gets a device code that it alone holds and a short code that it shows to a person. A signed-in
member types the short code, sees who asks, and approves or denies. ``device_tokens`` is what the terminal then gets.
"""

import hashlib
import math
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select, update
from sqlalchemy.orm import Session

from owox import keys as core
from owox.models import DeviceAuthorization, Membership, Project
from owox.services import user_codes
from owox.services.audit import Actor, one_line, record
from owox.services.authentication import Caller
from owox.services.errors import Conflict, Limit, NotFound, Throttled
from owox.services.keys import Wanted
from owox.services.names import clean_name
from owox.services.throttle import Throttle

LIFETIME: Final = timedelta(minutes=10)
OPEN_MOST: Final = 20  # requests of one address that can still be approved
_OVER: Final = "This code is not known. It was used, has expired, or never existed."


class Purpose(StrEnum):
    """What a terminal asks for: an API key, or to manage the member's API keys for a while."""

    KEY = "key"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a terminal says of itself; ``name`` is what it suggests to call the key."""

    purpose: Purpose
    name: str
    client: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A request just made. The device code can never be had again."""

    user_code: str
    device_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Approved:
    """What a member said yes to; ``name`` is what the key is called, if it is one, ``fetched`` once it is there."""

    project_id: str
    project_title: str
    name: str | None
    fetched: bool


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the member sees it who is asked; ``name`` and ``client`` are the terminal's own words."""

    id: str
    user_code: str
    purpose: Purpose
    name: str
    client: str
    address: str
    created_at: datetime
    expires_at: datetime
    approved: Approved | None


def begin(session: Session, asked: Asked, actor: Actor, now: datetime) -> Begun:
    """Note that a terminal asks; requests that are over go. Raises ``Invalid`` for the name, ``Throttled``."""
    name = clean_name(asked.name, core.NAME_MAX)
    session.execute(delete(DeviceAuthorization).where(DeviceAuthorization.expires_at <= now))
    _check_room(session, actor.address, now)
    device_code = secrets.token_urlsafe(32)
    row = DeviceAuthorization(
        digest=digest(device_code),
        user_code=_free_code(session),
        purpose=asked.purpose,
        name=name,
        client=one_line(asked.client),
        address=actor.address,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(row)
    session.flush()
    return Begun(user_codes.shown(row.user_code), device_code)


def look_up(session: Session, typed: str, member_id: str, throttle: Throttle, address: str, now: datetime) -> Request:
    """The request whose code a member typed, unless it is over or another member has approved it.

    Raises ``NotFound`` for a code that is none, ``Throttled`` before it is looked at when there were too many of those.
    """
    throttle.check_code(member_id, address)
    query = (
        select(DeviceAuthorization, Project)
        .outerjoin(Membership, Membership.id == DeviceAuthorization.membership_id)
        .outerjoin(Project, Project.id == Membership.project_id)
        .where(
            DeviceAuthorization.user_code == user_codes.read(typed),
            or_(Membership.id.is_(None), Membership.member_id == member_id),
            *_open(now),
        )
    )
    row = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        throttle.code_failed(member_id, address)
        raise NotFound(_OVER)
    return _request(*row)


def approve(
    session: Session, request: Request, caller: Caller, wanted: Wanted | None, actor: Actor, now: datetime
) -> None:
    """Say yes, in the caller's project. What was asked for is made when the terminal fetches it.

    ``wanted`` is the key, if one was asked for. Raises ``Invalid`` for its name, ``Conflict`` for a request that is
    answered already or over.
    """
    values: dict[str, Any] = {"membership_id": caller.membership_id}
    details: dict[str, Any] = {}
    if request.purpose is Purpose.KEY and wanted is not None:
        name, ends = clean_name(wanted.name, core.NAME_MAX), wanted.expires_at
        values |= {"key_name": name, "key_expires_at": ends}
        details = {"name": name, "expires_at": ends.isoformat() if ends else None}
    if not change(session, request.id, *_open(now), _unanswered(), **values, approved_at=now):
        raise Conflict("This request of a terminal is answered already, or its time is over.")
    _record(session, "terminal.approve", request, actor, now, **details)


def deny(session: Session, request: Request, actor: Actor, now: datetime) -> None:
    """Say no, for good. Raises ``Conflict`` for a request that is answered already or over."""
    if not change(session, request.id, *_open(now), _unanswered(), denied_at=now):
        raise Conflict("This request of a terminal is answered already, or its time is over.")
    _record(session, "terminal.deny", request, actor, now)


def _request(row: DeviceAuthorization, project: Project | None) -> Request:
    approved = None
    if project is not None:
        approved = Approved(project.id, project.title, row.key_name, row.taken_at is not None)
    return Request(
        id=row.id,
        user_code=user_codes.shown(row.user_code),
        purpose=Purpose(row.purpose),
        name=row.name,
        client=row.client,
        address=row.address,
        created_at=row.created_at,
        expires_at=row.expires_at,
        approved=approved,
    )


def _record(session: Session, action: str, request: Request, actor: Actor, now: datetime, **details: Any) -> None:
    asked_by = {"purpose": request.purpose, "terminal": request.client, "terminal_address": request.address}
    record(session, action, actor, now, subject_id=request.id, **asked_by, **details)


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return DeviceAuthorization.denied_at.is_(None), DeviceAuthorization.expires_at > now


def _unanswered() -> ColumnElement[bool]:
    return DeviceAuthorization.approved_at.is_(None)


def change(session: Session, request_id: str, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Change a request in one conditional statement; returns whether it was changed."""
    changing = update(DeviceAuthorization).where(DeviceAuthorization.id == request_id, *conditions).values(**values)
    result: CursorResult[Any] = session.execute(changing)  # type: ignore[assignment]
    return bool(result.rowcount)


def _check_room(session: Session, address: str, now: datetime) -> None:
    """Raise ``Throttled`` while one address has as many requests open as it may."""
    waiting = (DeviceAuthorization.address == address, DeviceAuthorization.taken_at.is_(None), *_open(now))
    query = select(func.count(), func.min(DeviceAuthorization.expires_at)).where(*waiting)
    count, ends_at = session.execute(query).one()
    if count >= OPEN_MOST:
        wait = math.ceil((ends_at - now).total_seconds())
        raise Throttled(wait, Limit("open-requests", OPEN_MOST), "open requests from this address")


def _free_code(session: Session) -> str:
    while True:
        code = user_codes.mint()
        if session.scalar(select(DeviceAuthorization.id).where(DeviceAuthorization.user_code == code)) is None:
            return code


def digest(device_code: str) -> str:
    """What is stored of a device code."""
    return hashlib.sha256(device_code.encode("utf-8", "surrogatepass")).hexdigest()

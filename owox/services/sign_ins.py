"""Signing in and out of the dashboard: server-side sign-ins that end at once, throttled, without enumeration.

The sign-ins of terminals are listed and ended here too, and made and read in ``terminal_sign_ins``.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from owox.models import NIL, Member, Membership, Project, SignIn
from owox.models.base import new_id
from owox.services.audit import Actor, one_line, record
from owox.services.errors import Invalid, NotFound, Refused
from owox.services.names import EMAIL_MAX, clean_email
from owox.services.passwords import verify_password
from owox.services.throttle import Throttle

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
TERMINAL: Final = timedelta(minutes=15)
RECENT: Final = timedelta(minutes=15)
SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in with a browser, the time zone of their screens, and when they last showed their password."""

    sign_in_id: str
    member_id: str
    email: str
    name: str
    time_zone: str
    seen_at: datetime
    proven_at: datetime


@dataclass(frozen=True, slots=True)
class SignInInfo:
    """A sign-in as its owner sees it: since when, last seen when, from which address and client program.

    ``project_title`` is set for a terminal's: the project in which API keys may be managed from there.
    """

    id: str
    created_at: datetime
    seen_at: datetime
    address: str
    client: str
    project_title: str | None


def check_password(session: Session, email: str, password: str, throttle: Throttle, address: str) -> str:
    """Return the id of the member whose password this is. Reads only, since the check takes its time.

    Raises ``Throttled`` before the password is looked at, ``Refused`` for an unknown address, a wrong password and a
    disabled member alike, after the same work.
    """
    try:
        email = clean_email(email)
    except Invalid:
        email = ""
    member = session.scalar(select(Member).where(Member.email == email, Member.disabled_at.is_(None)))
    earlier = select(SignIn.id).where(SignIn.member_id == (member.id if member else NIL), SignIn.address == address)
    earlier = earlier.where(SignIn.membership_id.is_(None))  # A terminal has shown no password.
    throttle.check_sign_in(email, address, familiar=session.scalar(earlier.limit(1)) is not None)
    stored = member.password_hash if member and member.password_hash else None
    if not verify_password(password, stored) or member is None or stored is None:
        throttle.sign_in_failed(email, address)
        raise Refused
    return member.id


def note_failure(session: Session, email: str, actor: Actor, now: datetime) -> None:
    """Record a failed sign-in; what was typed is kept only as far as it may be an e-mail address."""
    record(session, "sign_in.create", actor, now, result="refused", email=one_line(email, EMAIL_MAX))


def start(session: Session, member_id: str, time_zone: str, actor: Actor, now: datetime) -> str:
    """Sign a member in; return the new random value for the cookie. No value that came in is ever taken over."""
    value = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            id=new_id(),
            member_id=member_id,
            digest=digest(value),
            time_zone=time_zone,
            address=actor.address,
            client=actor.client,
            created_at=now,
            seen_at=now,
        )
    )
    record(session, "sign_in.create", actor, now, subject_id=member_id)
    session.flush()
    return value


def find(session: Session, value: str, now: datetime) -> Visitor | None:
    """Who a cookie's value belongs to; ``None`` when unknown, ended, idle for 30 minutes or older than 12 hours."""
    query = (
        select(
            SignIn.id,
            SignIn.member_id,
            Member.email,
            Member.name,
            SignIn.time_zone,
            SignIn.seen_at,
            func.coalesce(SignIn.proven_at, SignIn.created_at),
        )
        .join(Member, Member.id == SignIn.member_id)
        .where(
            SignIn.digest == digest(value),
            SignIn.membership_id.is_(None),
            _lasting(now),
            Member.disabled_at.is_(None),
        )
    )
    row = session.execute(query).one_or_none()
    return None if row is None else Visitor(*row)


def all_of(session: Session, member_id: str, now: datetime) -> list[SignInInfo]:
    """A member's sign-ins that last, browsers' and terminals', newest first."""
    query = (
        select(SignIn, Project.title)
        .outerjoin(Membership, Membership.id == SignIn.membership_id)
        .outerjoin(Project, Project.id == Membership.project_id)
        .where(SignIn.member_id == member_id, _lasting(now), Membership.ended_at.is_(None))
        .order_by(SignIn.created_at.desc(), SignIn.id)
    )
    return [
        SignInInfo(row.id, row.created_at, row.seen_at, row.address, row.client, title)
        for row, title in session.execute(query)
    ]


def prove(session: Session, visitor: Visitor, actor: Actor, now: datetime) -> None:
    """Note that a member has shown their password again. Raises ``Refused`` when the sign-in has ended meanwhile."""
    lasting = update(SignIn).where(SignIn.id == visitor.sign_in_id, SignIn.ended_at.is_(None))
    if session.scalar(lasting.values(proven_at=now).returning(SignIn.id)) is None:
        raise Refused
    record(session, "sign_in.prove", _in_no_project(actor), now, subject_id=visitor.member_id)


def note_no_proof(session: Session, visitor: Visitor, actor: Actor, now: datetime) -> None:
    """Record that somebody with a member's browser was asked for the password and did not know it."""
    who = _in_no_project(actor)
    record(session, "sign_in.prove", who, now, subject_id=visitor.member_id, result="refused")


def touch(session: Session, sign_in_id: str, now: datetime) -> None:
    """Note that a sign-in is in use; one conditional statement, which writes at most once a minute."""
    session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None), SignIn.seen_at <= now - SEEN_EVERY)
        .values(seen_at=now)
    )


def end(session: Session, sign_in_id: str, actor: Actor, now: datetime) -> None:
    """Sign out: a copy of the cookie is worth nothing from here on."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None)).values(ended_at=now))
    record(session, "sign_in.end", actor, now, sign_in=sign_in_id)


def end_one(session: Session, member_id: str, sign_in_id: str, actor: Actor, now: datetime) -> None:
    """Sign a member out of one browser or terminal. Raises ``NotFound``, the same for other members' sign-ins."""
    query = select(SignIn.id).where(SignIn.id == sign_in_id, SignIn.member_id == member_id)
    if session.scalar(query) is None:
        raise NotFound("There is no such sign-in.")
    end(session, sign_in_id, actor, now)


def end_all(session: Session, member_id: str, now: datetime) -> None:
    """End all sign-ins of a member. Whoever asks for it records why."""
    session.execute(update(SignIn).where(SignIn.member_id == member_id, SignIn.ended_at.is_(None)).values(ended_at=now))


def end_everywhere(session: Session, member_id: str, actor: Actor, now: datetime) -> None:
    """Sign a member out of all browsers and terminals, as they asked."""
    end_all(session, member_id, now)
    record(session, "sign_in.end_all", actor, now, subject_id=member_id)


def _in_no_project(actor: Actor) -> Actor:
    """A password is asked for on pages of a project too, and is no act in it."""
    return replace(actor, project_id=None)


def _lasting(now: datetime) -> ColumnElement[bool]:
    browsers = and_(SignIn.membership_id.is_(None), SignIn.seen_at > now - IDLE, SignIn.created_at > now - ABSOLUTE)
    terminals = and_(SignIn.membership_id.is_not(None), SignIn.created_at > now - TERMINAL)
    return and_(SignIn.ended_at.is_(None), or_(browsers, terminals))


def digest(value: str) -> str:
    """What is stored of a cookie's or a token's value."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()

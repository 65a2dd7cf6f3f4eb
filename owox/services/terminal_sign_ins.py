"""A terminal's sign-in: a member manages their API keys of one project from there, for 15 minutes and nothing else.

It is a row among the member's other sign-ins and ends with them: by sign-out everywhere, a new password, the end of the
membership, a disabled member. Its token is no cookie, and a cookie's value is no token.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from owox.models import Member, Membership, Project, SignIn
from owox.models.base import new_id
from owox.roles import Role
from owox.services.audit import Actor, record
from owox.services.authentication import Caller
from owox.services.errors import Forbidden, Refused
from owox.services.sign_ins import TERMINAL, digest

PREFIX: Final = "owox_mgmt_"


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in just made: its token, which can never be had again, and the instant at which it ends."""

    token: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Terminal:
    """Who acts from a terminal, in which project, and when it was last noted that they did."""

    sign_in_id: str
    seen_at: datetime
    caller: Caller


@dataclass(frozen=True, slots=True)
class Owned:
    """A sign-in that lasts or has ended, and whose it is or was, in which project."""

    sign_in_id: str
    member_id: str
    project_id: str


def begin(session: Session, membership_id: str, actor: Actor, now: datetime) -> Begun:
    """Sign a terminal in for a membership. Raises ``Forbidden`` when that has ended or its member is disabled.

    ``actor`` is the terminal: its address and client program are what the member sees among their sign-ins.
    """
    lasting = select(Membership).join(Member, Member.id == Membership.member_id)
    lasting = lasting.where(Membership.id == membership_id, Membership.ended_at.is_(None), Member.disabled_at.is_(None))
    membership = session.scalar(lasting)
    if membership is None:
        raise Forbidden("You are no longer a member of this project.")
    token = PREFIX + secrets.token_urlsafe(32)
    session.add(
        SignIn(
            id=new_id(),
            member_id=membership.member_id,
            membership_id=membership_id,
            digest=digest(token),
            time_zone="UTC",
            address=actor.address,
            client=actor.client,
            created_at=now,
            seen_at=now,
        )
    )
    actor = replace(actor, member_id=membership.member_id, project_id=membership.project_id)
    record(session, "terminal_sign_in.create", actor, now)
    session.flush()
    return Begun(token, now + TERMINAL)


def owner(session: Session, token: str) -> Owned:
    """Whose a sign-in is or was, told to whoever has its token. Raises ``Refused`` for an unknown one."""
    query = select(SignIn.id, SignIn.member_id, Membership.project_id)
    query = query.join(Membership, Membership.id == SignIn.membership_id).where(SignIn.digest == digest(token))
    row = session.execute(query).one_or_none()
    if row is None:
        raise Refused
    return Owned(*row)


def end(session: Session, sign_in_id: str, actor: Actor, now: datetime) -> None:
    """Sign a terminal out; once more changes nothing."""
    ending = update(SignIn).where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None)).values(ended_at=now)
    if session.scalar(ending.returning(SignIn.id)) is not None:
        record(session, "terminal_sign_in.end", actor, now)


def find(session: Session, token: str, now: datetime) -> Terminal:
    """Whose terminal a token belongs to. Raises ``Refused`` for one that is unknown or whose sign-in has ended."""
    query = (
        select(SignIn, Membership, Member, Project)
        .join(Membership, Membership.id == SignIn.membership_id)
        .join(Member, Member.id == Membership.member_id)
        .join(Project, Project.id == Membership.project_id)
        .where(SignIn.digest == digest(token))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise Refused
    sign_in, membership, member, project = row
    ends = (sign_in.ended_at, membership.ended_at, member.disabled_at)
    if any(ends) or now >= sign_in.created_at + TERMINAL:
        raise Refused(ended=True)
    caller = Caller(
        member_id=member.id,
        email=member.email,
        name=member.name,
        project_id=project.id,
        project_title=project.title,
        membership_id=membership.id,
        role=Role(membership.role),
        terminal_id=sign_in.id,
    )
    return Terminal(sign_in.id, sign_in.seen_at, caller)

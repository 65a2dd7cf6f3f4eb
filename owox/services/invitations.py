"""Invitations: one-time links by which an admin adds a member, bound to an e-mail address, a role and a project."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, Row, Select, and_, select, update
from sqlalchemy.orm import Session

from owox.models import Invitation, Member, Membership, Project
from owox.models.base import new_id
from owox.roles import Role
from owox.services import admins, members
from owox.services.audit import Actor, record
from owox.services.errors import Conflict, Forbidden, NotFound
from owox.services.names import clean_email

LIFETIME: Final = timedelta(days=7)
_OVER: Final = "This invitation was used before, was withdrawn, has expired, or never existed."


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation just made. Its token, and so its link, can never be had again."""

    id: str
    email: str
    role: Role
    expires_at: datetime
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class InvitationInfo:
    """An invitation that nobody has used yet, as admins see it."""

    id: str
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers; ``member_id`` is set when its e-mail address has an account already."""

    email: str
    role: Role
    project_id: str
    project_title: str
    expires_at: datetime
    member_id: str | None


def invite(session: Session, project_id: str, email: str, role: Role, actor: Actor, now: datetime) -> Invited:
    """Make a link for somebody. Raises ``Invalid``, ``Forbidden``, ``Conflict`` for members and those invited."""
    email = clean_email(email)
    admins.enter(session, project_id, actor)
    if actor.member_id is None:
        raise Forbidden("Only an admin of the project can invite somebody.")
    if _is_member(session, project_id, email):
        raise Conflict(f"{email} is a member of the project already.")
    if session.scalar(select(Invitation.id).where(*_pending(project_id, now), Invitation.email == email)):
        raise Conflict(f"{email} is invited already. Withdraw that invitation first to make another link.")
    token = secrets.token_urlsafe(32)
    row = Invitation(
        digest=_digest(token), id=new_id(), project_id=project_id, email=email, role=role,
        created_by_id=actor.member_id, created_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    session.add(row)
    record(session, "invitation.create", actor, now, subject_id=row.id, email=email, role=role)
    session.flush()
    return Invited(row.id, email, role, row.expires_at, token)


def pending(session: Session, project_id: str, now: datetime) -> list[InvitationInfo]:
    """The invitations of a project that can still be used, newest first."""
    rows = session.execute(_listed(project_id, now).order_by(Invitation.created_at.desc(), Invitation.id)).all()
    return [_info(row) for row in rows]


def get(session: Session, project_id: str, invitation_id: str, now: datetime) -> InvitationInfo:
    """One of them. Raises ``NotFound``."""
    row = session.execute(_listed(project_id, now).where(Invitation.id == invitation_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such invitation, or it is over.")
    return _info(row)


def withdraw(session: Session, project_id: str, invitation_id: str, actor: Actor, now: datetime) -> None:
    """Take an invitation back: its link is worth nothing from here on. Raises ``NotFound``, ``Forbidden``."""
    admins.enter(session, project_id, actor)
    gone = update(Invitation).where(*_pending(project_id, now), Invitation.id == invitation_id)
    result: CursorResult[Any] = session.execute(gone.values(withdrawn_at=now))  # type: ignore[assignment]
    if not result.rowcount:
        raise NotFound("There is no such invitation, or it is over.")
    record(session, "invitation.withdraw", actor, now, subject_id=invitation_id)


def find(session: Session, token: str, now: datetime) -> Offer:
    """What a link offers. Raises ``NotFound`` once it is over."""
    query = (
        select(Invitation, Project.title, Member.id)
        .join(Project, Project.id == Invitation.project_id)
        .outerjoin(Member, Member.email == Invitation.email)
        .where(_open(token, now))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound(_OVER)
    invitation, title, member_id = row
    role = Role(invitation.role)
    return Offer(invitation.email, role, invitation.project_id, title, invitation.expires_at, member_id)


def accept(session: Session, token: str, member_id: str, actor: Actor, now: datetime) -> str:
    """Make the invited member part of the project and end the link; return the project's id.

    Raises ``NotFound`` for all but the first however many come at once, ``Forbidden`` for another member than the
    invited one, ``Conflict`` for somebody who is a member already.
    """
    offer = find(session, token, now)
    if offer.member_id != member_id:
        raise Forbidden(f"This invitation is for {offer.email}.")
    using = update(Invitation).where(_open(token, now)).values(used_at=now)
    result: CursorResult[Any] = session.execute(using)  # type: ignore[assignment]
    if not result.rowcount:
        raise NotFound(_OVER)
    members.join(session, member_id, offer.project_id, offer.role, actor, now)
    record(session, "invitation.accept", actor, now, subject_id=member_id, project=offer.project_id)
    return offer.project_id


def sign_up(session: Session, token: str, name: str, password: str, actor: Actor, now: datetime) -> str:
    """Make an account for the invited e-mail address and accept; return the new member's id. Raises ``Invalid`` too."""
    offer = find(session, token, now)
    member_id = members.create(session, offer.email, name, password, actor, now)
    accept(session, token, member_id, actor, now)
    return member_id


def _listed(project_id: str, now: datetime) -> Select[Invitation, str]:
    return (
        select(Invitation, Member.name)
        .join(Member, Member.id == Invitation.created_by_id)
        .where(*_pending(project_id, now))
    )


def _info(row: Row[Invitation, str]) -> InvitationInfo:
    invitation, by = row
    role = Role(invitation.role)
    return InvitationInfo(invitation.id, invitation.email, role, by, invitation.created_at, invitation.expires_at)


def _is_member(session: Session, project_id: str, email: str) -> bool:
    query = select(Membership.id).join(Member, Member.id == Membership.member_id)
    query = query.where(Member.email == email, Membership.project_id == project_id, Membership.ended_at.is_(None))
    return session.scalar(query) is not None


def _pending(project_id: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.project_id == project_id, *_usable(now)


def _open(token: str, now: datetime) -> ColumnElement[bool]:
    return and_(Invitation.digest == _digest(token), *_usable(now))


def _usable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > now


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

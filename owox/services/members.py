"""Members and their memberships: adding, changing roles, ending, disabling. Every change acts on the next request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from owox.models import NIL, Member, Membership, Project
from owox.models.base import new_id
from owox.roles import Role
from owox.services.audit import Actor, record
from owox.services.authentication import Caller
from owox.services.errors import Conflict, NotFound
from owox.services.names import clean_email, clean_name
from owox.services.passwords import hash_password

NAME_MAX = 100


@dataclass(frozen=True, slots=True)
class MembershipInfo:
    """One of a member's projects, as the project menu lists them."""

    project_id: str
    project_title: str
    role: Role


def exist(session: Session) -> bool:
    """Whether any member has been added yet."""
    return session.scalar(select(Member.id).where(Member.id != NIL).limit(1)) is not None


def create(session: Session, email: str, name: str, password: str, actor: Actor, now: datetime) -> str:
    """Add a member, as yet of no project; return their id. Raises ``Invalid`` or ``Conflict``."""
    email, name = clean_email(email), clean_name(name, NAME_MAX)
    member = Member(
        id=new_id(),
        email=email,
        name=name,
        password_hash=hash_password(password, email.partition("@")[0], name),
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(member)
    except IntegrityError:
        raise Conflict(f"There is a member with the e-mail address {email} already.") from None
    record(session, "member.create", actor, now, subject_id=member.id, email=email)
    return member.id


def join(session: Session, member_id: str, project_id: str, role: Role, actor: Actor, now: datetime) -> str:
    """Make a member part of a project; return the membership's id. Raises ``NotFound`` or ``Conflict``."""
    if session.get(Project, project_id) is None or project_id == NIL:
        raise NotFound(f"There is no project with the id {project_id}.")
    membership = Membership(id=new_id(), project_id=project_id, member_id=member_id, role=role, created_at=now)
    try:
        with session.begin_nested():
            session.add(membership)
    except IntegrityError:
        raise Conflict("This person is a member of the project already.") from None
    record(session, "membership.create", actor, now, subject_id=member_id, project=project_id, role=role)
    return membership.id


def by_email(session: Session, email: str) -> str:
    """The id of the member with an e-mail address. Raises ``Invalid`` or ``NotFound``."""
    found = session.scalar(select(Member.id).where(Member.email == clean_email(email)))
    if found is None:
        raise NotFound(f"There is no member with the e-mail address {email}.")
    return found


def change_role(session: Session, member_id: str, project_id: str, role: Role, actor: Actor, now: datetime) -> None:
    """Give a member another role. Raises ``NotFound``."""
    _change(session, member_id, project_id, role=role)
    record(session, "membership.change_role", actor, now, subject_id=member_id, project=project_id, role=role)


def end_membership(session: Session, member_id: str, project_id: str, actor: Actor, now: datetime) -> None:
    """Take a member out of a project, and with the membership all its keys. Raises ``NotFound``."""
    _change(session, member_id, project_id, ended_at=now)
    record(session, "membership.end", actor, now, subject_id=member_id, project=project_id)


def disable(session: Session, member_id: str, actor: Actor, now: datetime) -> None:
    """Stop a member from doing anything, in every project. Raises ``NotFound``."""
    if session.scalar(select(Member.id).where(Member.id == member_id, Member.id != NIL)) is None:
        raise NotFound("There is no such member.")
    session.execute(update(Member).where(Member.id == member_id, Member.disabled_at.is_(None)).values(disabled_at=now))
    record(session, "member.disable", actor, now, subject_id=member_id)


def memberships(session: Session, member_id: str) -> list[MembershipInfo]:
    """A member's projects in the order in which they joined."""
    query = (
        select(Project.id, Project.title, Membership.role)
        .join(Project, Project.id == Membership.project_id)
        .where(Membership.member_id == member_id, Membership.ended_at.is_(None))
        .order_by(Membership.created_at, Membership.id)
    )
    return [MembershipInfo(row.id, row.title, Role(row.role)) for row in session.execute(query)]


def caller_in(session: Session, member_id: str, project_id: str) -> Caller:
    """A member as a caller in one of their projects.

    Raises ``NotFound``, the same for a project that does not exist and for one that they are no member of.
    """
    query = (
        select(Membership.id, Membership.role, Member.email, Member.name, Project.title)
        .join(Member, Member.id == Membership.member_id)
        .join(Project, Project.id == Membership.project_id)
        .where(
            Membership.member_id == member_id,
            Membership.project_id == project_id,
            Membership.ended_at.is_(None),
            Member.disabled_at.is_(None),
        )
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such project, or you are not a member of it.")
    return Caller(
        member_id=member_id,
        email=row.email,
        name=row.name,
        project_id=project_id,
        project_title=row.title,
        membership_id=row.id,
        role=Role(row.role),
    )


def _change(session: Session, member_id: str, project_id: str, **values: Any) -> None:
    current = update(Membership).where(
        Membership.member_id == member_id, Membership.project_id == project_id, Membership.ended_at.is_(None)
    )
    result: CursorResult[Any] = session.execute(current.values(**values))  # type: ignore[assignment]
    if not result.rowcount:
        raise NotFound("There is no such member in this project.")

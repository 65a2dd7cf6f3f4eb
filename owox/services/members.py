"""Members and their memberships: adding, changing roles, ending, disabling. Every change acts on the next request."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from owox.models import NIL, Member, Membership, Project
from owox.models.base import new_id
from owox.roles import Role
from owox.services import admins, endings, sign_ins
from owox.services.audit import Actor, record
from owox.services.authentication import Caller
from owox.services.errors import Conflict, Forbidden, NotFound
from owox.services.names import clean_email, clean_name
from owox.services.passwords import hash_password

NAME_MAX = 100
_NO_MEMBER = "There is no such member in this project."


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
    """Give a member another role. Raises ``NotFound``, ``Forbidden`` for oneself, ``Conflict`` for the last admin."""
    admins.enter(session, project_id, actor)
    admins.not_oneself(member_id, actor)
    if role is not Role.ADMIN:
        admins.keep_another(session, project_id, member_id)
        admins.forfeit(session, [project_id], member_id, now)
    _change(session, member_id, project_id, role=role)
    record(session, "membership.change_role", actor, now, subject_id=member_id, project=project_id, role=role)


def end_membership(session: Session, member_id: str, project_id: str, actor: Actor, now: datetime) -> None:
    """Take a member out of a project, and with the membership all its keys; out of the last one, sign them out.

    Raises ``NotFound``, ``Forbidden`` for oneself, ``Conflict`` for the last admin.
    """
    admins.enter(session, project_id, actor)
    admins.not_oneself(member_id, actor)
    admins.keep_another(session, project_id, member_id)
    _change(session, member_id, project_id, ended_at=now)
    admins.forfeit(session, [project_id], member_id, now)
    if not memberships(session, member_id):
        sign_ins.end_all(session, member_id, now)
    record(session, "membership.end", actor, now, subject_id=member_id, project=project_id)


def was_member(session: Session, member_id: str, project_id: str) -> bool:
    """Whether somebody is or ever was a member of a project."""
    query = select(Membership.id).where(Membership.member_id == member_id, Membership.project_id == project_id)
    return session.scalar(query.limit(1)) is not None


def disable(session: Session, member_id: str, actor: Actor, now: datetime) -> None:
    """Stop a member from doing anything, in every project, and sign them out everywhere.

    Raises ``NotFound``, ``Forbidden`` for oneself and where the actor is not an admin of all the member's projects,
    ``Conflict`` for the last admin of one of them.
    """
    project_ids = _govern(session, member_id, actor)
    for project_id in project_ids:
        admins.keep_another(session, project_id, member_id)
    if _set_disabled(session, member_id, now):
        sign_ins.end_all(session, member_id, now)
        admins.forfeit(session, project_ids, member_id, now)
        _record_everywhere(session, "member.disable", project_ids, member_id, actor, now)


def enable(session: Session, member_id: str, actor: Actor, now: datetime) -> None:
    """Let a disabled member act again, with the keys they had. Raises like ``disable``, except ``Conflict``."""
    project_ids = _govern(session, member_id, actor)
    if _set_disabled(session, member_id, None):
        _record_everywhere(session, "member.enable", project_ids, member_id, actor, now)


def may_disable(session: Session, member_id: str, actor_id: str) -> bool:
    """Whether an admin may disable or enable a member: all the member's projects must be theirs to administer."""
    administered = {each.project_id for each in memberships(session, actor_id) if each.role is Role.ADMIN}
    return {each.project_id for each in memberships(session, member_id)} <= administered


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
    membership_id = session.scalar(current.values(**values).returning(Membership.id))
    if membership_id is None:
        raise NotFound(_NO_MEMBER)
    endings.note(session, "membership", membership_id, values)


def _govern(session: Session, member_id: str, actor: Actor) -> list[str]:
    """Lock a member's projects and the member; return the projects' ids. Raises unless the actor may act in all."""
    admins.not_oneself(member_id, actor)
    project_ids = _project_ids(session, member_id)
    if actor.member_id is not None and actor.project_id not in project_ids:
        raise NotFound(_NO_MEMBER)
    # First the projects, in one order, then the member: whoever locks more than one thing does it so.
    for project_id in project_ids:
        _enter(session, project_id, actor)
    if session.scalar(select(Member.id).where(Member.id == member_id, Member.id != NIL).with_for_update()) is None:
        raise NotFound("There is no such member.")
    if _project_ids(session, member_id) != project_ids:
        raise Conflict("Their projects have changed in this moment. Try again.")
    return project_ids


def _record_everywhere(
    session: Session, action: str, project_ids: list[str], member_id: str, actor: Actor, now: datetime
) -> None:
    """One event in each of a member's projects, whose admins read their own; one in none for a member of no project."""
    places: list[str | None] = [*project_ids] or [None]
    for project_id in places:
        record(session, action, replace(actor, project_id=project_id), now, subject_id=member_id)


def _enter(session: Session, project_id: str, actor: Actor) -> None:
    try:
        admins.enter(session, project_id, actor)
    except Forbidden:
        if project_id == actor.project_id:
            raise
        raise Forbidden(
            "They are also a member of projects that you are not an admin of. "
            "You can remove them from this project instead."
        ) from None


def _project_ids(session: Session, member_id: str) -> list[str]:
    return sorted(each.project_id for each in memberships(session, member_id))


def _set_disabled(session: Session, member_id: str, at: datetime | None) -> bool:
    """Whether that changed anything; a second time keeps the first moment."""
    other = Member.disabled_at.is_not(None) if at is None else Member.disabled_at.is_(None)
    changing = update(Member).where(Member.id == member_id, other).values(disabled_at=at)
    result: CursorResult[Any] = session.execute(changing)  # type: ignore[assignment]
    return bool(result.rowcount)

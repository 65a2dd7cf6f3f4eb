"""More people than the cast: members who come and go in one test, and what they are afterwards."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import Invitation, Member, Membership, SignIn
from owox.models.base import new_id
from owox.roles import Role
from owox.services import invitations, keys, members
from owox.services.audit import Actor
from tests.cast import OPERATOR, Person, Stage


def acting(stage: Stage, name: str) -> Actor:
    """Somebody of the cast at work in their project, as the dashboard has it."""
    person = stage[name]
    return replace(OPERATOR, member_id=person.member_id, project_id=person.project_id)


def newcomer(stage: Stage, role: Role = Role.VIEWER, project_id: str | None = None) -> Person:
    """One more member, with a key; of alice's project unless another is named."""
    home, at = project_id or stage.cast.project_id, datetime.now(UTC)
    email, password = f"{uuid4()}@example.com", secrets.token_urlsafe(24)
    with stage.session() as session:
        member_id = members.create(session, email, "Newcomer", password, OPERATOR, at)
        membership_id = members.join(session, member_id, home, role, OPERATOR, at)
        made = keys.create(session, membership_id, keys.Wanted("a newcomer's key"), OPERATOR, at)
    return Person(member_id, membership_id, home, email, password, made.key.id, made.secret)


def joined(stage: Stage, role: Role = Role.VIEWER) -> str:
    """The id of one more member of alice's project, who has no key."""
    at = datetime.now(UTC)
    # No password fits, and none is hashed, which takes its time.
    somebody = Member(id=new_id(), email=f"{uuid4()}@example.com", name="Joined", password_hash="", created_at=at)
    with stage.session() as session:
        session.add(somebody)
        session.flush()
        members.join(session, somebody.id, stage.cast.project_id, role, OPERATOR, at)
    return somebody.id


def waiting(stage: Stage) -> str:
    """The id of a new invitation to alice's project."""
    email = f"{uuid4()}@example.com"
    invited(stage, email)
    return invitation_id(stage, email)


def signed_in(stage: Stage, name: str) -> str:
    """The id of one more sign-in of somebody."""
    stage.visitor(name)
    with Session(stage.engine) as session:
        query = select(SignIn.id).where(SignIn.member_id == stage[name].member_id).order_by(SignIn.created_at.desc())
        return session.scalars(query).first() or ""


def invited(stage: Stage, email: str, role: Role = Role.VIEWER, by: str = "alice") -> str:
    """The token of a new invitation."""
    with stage.session() as session:
        made = invitations.invite(session, stage[by].project_id, email, role, acting(stage, by), datetime.now(UTC))
    return made.token


def invitation_id(stage: Stage, email: str) -> str:
    """The id of the newest invitation of an address."""
    with Session(stage.engine) as session:
        query = select(Invitation.id).where(Invitation.email == email).order_by(Invitation.created_at.desc())
        return session.scalars(query).first() or ""


def roles(stage: Stage) -> dict[str, str]:
    """The current members of alice's project by name, with role; a disabled one's role is in brackets."""
    with Session(stage.engine) as session:
        query = select(Member.name, Membership.role, Member.disabled_at).join(
            Membership, Membership.member_id == Member.id
        )
        query = query.where(Membership.project_id == stage.cast.project_id, Membership.ended_at.is_(None))
        return {name: f"({role})" if disabled else role for name, role, disabled in session.execute(query)}

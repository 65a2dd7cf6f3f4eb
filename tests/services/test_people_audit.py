"""What is done to members and accounts stands in the audit log, without anything secret."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import AuditEvent
from owox.roles import Role
from owox.services import accounts, invitations, members, sign_ins
from owox.services.audit import Actor
from tests.cast import Stage, disable
from tests.people import acting, invitation_id, invited

NOW = datetime.now(UTC)
DAN, PASSWORD = "dan@example.com", "five green words in a row"
Act = Callable[[Stage, Session, Actor], object]


def _bob(stage: Stage) -> tuple[str, str]:
    return stage["bob"].member_id, stage.cast.project_id


def _sign_up(stage: Stage, session: Session, actor: Actor) -> None:
    made = invitations.invite(session, stage.cast.project_id, DAN, Role.VIEWER, actor, NOW)
    invitations.sign_up(session, made.token, "Dan", PASSWORD, actor, NOW)


ACTS: dict[str, Act] = {
    "membership.change_role": lambda stage, session, actor: members.change_role(
        session, *_bob(stage), Role.VIEWER, actor, NOW
    ),
    "membership.end": lambda stage, session, actor: members.end_membership(session, *_bob(stage), actor, NOW),
    "member.disable": lambda stage, session, actor: members.disable(session, _bob(stage)[0], actor, NOW),
    "invitation.create": lambda stage, session, actor: invitations.invite(
        session, stage.cast.project_id, DAN, Role.ADMIN, actor, NOW
    ),
    "invitation.accept": _sign_up,
    "member.rename": lambda stage, session, actor: accounts.rename(session, _bob(stage)[0], "Robert", actor, NOW),
    "member.change_password": lambda stage, session, actor: accounts.change_password(
        session, _bob(stage)[0], accounts.hashed(PASSWORD, DAN, "Bob"), actor, NOW
    ),
    "sign_in.end_all": lambda stage, session, actor: sign_ins.end_everywhere(session, _bob(stage)[0], actor, NOW),
}


def logged(stage: Stage, action: str) -> list[AuditEvent]:
    """The events of one kind by alice."""
    with Session(stage.engine) as session:
        query = select(AuditEvent).where(AuditEvent.action == action, AuditEvent.member_id == stage["alice"].member_id)
        return list(session.scalars(query))


@pytest.mark.parametrize("action", ACTS)
def test_each_act_is_recorded_with_who_did_it(action: str, stage: Stage):
    """U1, U4."""
    with stage.session() as session:
        ACTS[action](stage, session, acting(stage, "alice"))

    (event,) = logged(stage, action)
    assert (event.result, event.project_id) == ("ok", stage.cast.project_id)
    assert event.subject_id
    assert PASSWORD not in json.dumps(event.details)
    assert "argon2" not in json.dumps(event.details)


def test_enabling_and_withdrawing_are_recorded_too(stage: Stage):
    """U1."""
    disable(stage, "bob")
    invited(stage, DAN)
    actor = acting(stage, "alice")

    with stage.session() as session:
        members.enable(session, stage["bob"].member_id, actor, NOW)
        members.enable(session, stage["bob"].member_id, actor, NOW)
        invitations.withdraw(session, stage.cast.project_id, invitation_id(stage, DAN), actor, NOW)

    assert [len(logged(stage, action)) for action in ("member.enable", "invitation.withdraw")] == [1, 1]


def test_a_wrong_old_password_is_recorded(stage: Stage):
    """U1, L9."""
    alice = stage["alice"]

    with stage.session() as session:
        accounts.note_failure(session, alice.member_id, acting(stage, "alice"), NOW)

    (event,) = logged(stage, "member.change_password")
    assert (event.result, event.subject_id) == ("refused", alice.member_id)

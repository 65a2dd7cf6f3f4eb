"""A terminal that asks to manage its member's API keys: what the member sees, and what it gets."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from owox.models import AuditEvent
from owox.services.device_authorizations import LIFETIME, Purpose
from owox.services.device_tokens import Refusal
from tests import terminals
from tests.api.calls import DEVICE_TOKEN
from tests.api.matrix.keys import API_KEYS
from tests.cast import Stage, disable, end_membership
from tests.web.browsing import fields, visit
from tests.web.test_terminal import answered, heading, shown


def asked(stage: Stage, at: datetime | None = None) -> terminals.Begun:
    """A terminal that has just asked for it."""
    return terminals.asked(stage, purpose=Purpose.MANAGE, at=at)


def fetched(stage: Stage, begun: terminals.Begun) -> TestResponse:
    """What it gets now."""
    return stage.app.test_client().post(DEVICE_TOKEN, json={"deviceCode": begun.device_code})


def test_a_member_sees_what_is_asked_for_and_lets_the_terminal_manage_their_keys(stage: Stage):
    """K1, T2: the one answer with the token is kept by no cache, and it is made only then."""
    alice, begun = visit(stage, "alice"), asked(stage)

    page = shown(alice, begun)
    answer = answered(alice, page)
    got = fetched(stage, begun)
    later = answered(alice, page)

    told = got.get_json()
    sent = {"Authorization": f"Bearer {told['managementToken']}"}
    listed = stage.app.test_client().get(API_KEYS, headers=sent)
    assert heading(page) == "A terminal asks to manage your API keys"
    assert "For 15 minutes it could list, create, rename, rotate and revoke your API keys" in page.text
    assert {"name", "expires"}.isdisjoint(fields(page))
    assert "it signs in by itself" in answer.text
    assert (got.status_code, got.headers["Cache-Control"]) == (200, "no-store")
    assert list(told) == [
        "purpose", "managementToken", "managementTokenExpiresIn", "projectId", "projectTitle", "member",
    ]  # fmt: skip
    assert (told["purpose"], told["managementTokenExpiresIn"], told["projectTitle"]) == ("manage", 900, "Shop")
    assert [key["name"] for key in listed.get_json()] == ["alice's key"]
    assert "The terminal is signed in to manage your API keys in <bdi>Shop</bdi>" in later.text
    assert "Terminal for API keys in <bdi>Shop</bdi>" in alice.get("/account").text
    assert told["managementToken"] not in answer.text + later.text


def test_it_is_fetched_once(stage: Stage):
    """K1."""
    begun = asked(stage)
    terminals.approve(stage, begun)

    statuses = [fetched(stage, begun).status_code for _ in range(3)]

    assert statuses == [200, 400, 400]


def test_no_key_is_made_and_both_acts_are_on_record(stage: Stage):
    """U1."""
    alice, begun, before = visit(stage, "alice"), asked(stage), stage.key_count()

    answered(alice, shown(alice, begun))
    fetched(stage, begun)

    with Session(stage.engine) as session:
        acts = ["terminal.approve", "terminal_sign_in.create"]
        events = session.query(AuditEvent).filter(AuditEvent.action.in_(acts)).order_by(AuditEvent.action).all()
    assert stage.key_count() == before
    assert [event.action for event in events] == acts
    assert {event.member_id for event in events} == {stage["alice"].member_id}
    assert events[0].details["purpose"] == "manage"
    assert "name" not in events[0].details
    log = alice.get(f"{alice.home}/activity").text
    assert "Approved what a terminal asked for" in log
    assert "purpose: manage" in log


def test_denying_gives_the_terminal_nothing(stage: Stage):
    alice, begun = visit(stage, "alice"), asked(stage)

    answer = answered(alice, shown(alice, begun), "deny")

    assert heading(answer) == f"You denied {begun.user_code}"
    assert "they tried to" in answer.text
    assert "get at your API keys." in answer.text
    assert fetched(stage, begun).get_json()["code"] == Refusal.DENIED


@pytest.mark.parametrize("end", [end_membership, disable])
def test_whoever_approved_and_has_left_lets_nobody_in(end, stage: Stage):
    """L6."""
    begun = asked(stage)
    terminals.approve(stage, begun, "bob")
    end(stage, "bob")

    assert fetched(stage, begun).get_json()["code"] == Refusal.DENIED


def test_a_foreign_project_is_refused_at_the_field(stage: Stage):
    """Z2."""
    alice, begun = visit(stage, "alice"), asked(stage)

    answer = answered(alice, shown(alice, begun), project=stage["charlie"].project_id)

    assert answer.status_code == 422
    assert fetched(stage, begun).get_json()["code"] == Refusal.PENDING


def test_it_lasts_from_the_fetch_and_not_from_the_request(stage: Stage):
    """L7."""
    begun = asked(stage, datetime.now(UTC) - LIFETIME + timedelta(minutes=1))
    terminals.approve(stage, begun)

    token = fetched(stage, begun).get_json()["managementToken"]

    sent = {"Authorization": f"Bearer {token}"}
    assert stage.app.test_client().get(API_KEYS, headers=sent).status_code == 200

"""What is refused is on record too, unless it is about nobody, and never so often that it fills the log."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from owox import keys
from owox.models import AuditEvent
from owox.services.throttle import NOTES
from tests.api import actors
from tests.cast import Stage, disable, end_membership, settle
from tests.record import ADDRESS, CLIENT, REQUEST, last_number, placed, since
from tests.states import EXCHANGE, REVOKE, basic

CONTEXT = "/api/auth/context"
WRONG = keys.mint().secret
NOW = datetime.now(UTC)
ENDS: dict[str, Callable[[Stage], object]] = {
    "revoked": lambda stage: stage.set_key(stage["bob"].key_id, revoked_at=NOW),
    "suspended": lambda stage: stage.set_key(stage["bob"].key_id, suspended_at=NOW),
    "expired": lambda stage: stage.set_key(stage["bob"].key_id, expires_at=NOW - timedelta(hours=1)),
    "membership ended": lambda stage: end_membership(stage, "bob"),
    "owner disabled": lambda stage: disable(stage, "bob"),
}


def exchanged(stage: Stage, key_id: str, secret: str, path: str = EXCHANGE) -> int:
    """The status of an attempt to exchange a key."""
    client = placed(stage.app.test_client())
    return client.post(path, headers={"x-owox-api-key-id": key_id}, json={"apiKeySecret": secret}).status_code


def told(event: AuditEvent) -> tuple[Any, ...]:
    """All that an event says, without its ids and its time."""
    return event.action, event.result, event.address, event.client, event.request_id, event.details


def refused(path: str, reason: str, verb: str = "POST") -> tuple[Any, ...]:
    """What the event of a refused key says."""
    return "api_key.refuse", "refused", ADDRESS, CLIENT, REQUEST, {"asked": f"{verb} {path}", "reason": reason}


@pytest.mark.parametrize("path", [EXCHANGE, REVOKE])
def test_a_wrong_secret_of_a_key_is_on_record_in_its_project(path: str, stage: Stage):
    """U1, U4: with whose key it is, and nothing of the secret."""
    bob, number = stage["bob"], last_number(stage)

    status = exchanged(stage, bob.key_id, WRONG, path)

    (event,) = since(stage, number)
    assert status == 401
    assert told(event) == refused(path, "wrong secret")
    assert (event.api_key_id, event.project_id, event.member_id) == (bob.key_id, bob.project_id, None)


@pytest.mark.parametrize("reason", ENDS)
def test_the_right_secret_of_a_key_that_has_ended_is_on_record_at_every_door(reason: str, stage: Stage):
    """U1, K14."""
    bob = stage["bob"]
    client = placed(stage.app.test_client())
    token = client.post(
        EXCHANGE, headers={"x-owox-api-key-id": bob.key_id}, json={"apiKeySecret": bob.secret}
    ).get_json()["accessToken"]
    ENDS[reason](stage)
    number = last_number(stage)

    status = exchanged(stage, bob.key_id, bob.secret)
    client.get(CONTEXT, headers={"Authorization": basic(f"{bob.key_id}:{bob.secret}".encode())})
    client.get(CONTEXT, headers={"Authorization": f"Bearer {token}"})

    events = since(stage, number)
    assert status == 401
    assert [told(event) for event in events] == [refused(EXCHANGE, reason), *[refused(CONTEXT, reason, "GET")] * 2]
    assert {(event.api_key_id, event.project_id) for event in events} == {(bob.key_id, bob.project_id)}


@pytest.mark.parametrize(
    "key_id",
    [keys.mint().key_id, "", "pmk_", "x" * 4000, "pmk_" + "-" * 22],
    ids=["of nobody", "empty", "short", "long", "no letters"],
)
def test_a_key_that_is_none_leaves_nothing(key_id: str, shared_stage: Stage):
    """U1: strangers cannot fill the log."""
    number = last_number(shared_stage)

    exchanged(shared_stage, key_id, WRONG)
    shared_stage.app.test_client().get(CONTEXT, headers={"Authorization": "Bearer nothing"})
    shared_stage.app.test_client().get(CONTEXT)

    assert since(shared_stage, number) == []


def test_who_may_not_do_something_is_on_record_by_whichever_door(stage: Stage):
    """U1, Z1: by cookie, by key, by terminal, and with another key's ID beside a token."""
    vera, home = stage["vera"], stage.cast.project_id
    key, terminal = actors.by_key(stage, vera, "vera"), actors.by_terminal(stage, "vera")
    token = _token(stage, "vera")
    number = last_number(stage)

    statuses = [
        placed(stage.visitor("vera")).get(f"/projects/{home}/activity").status_code,
        placed(key.client).get("/api/project-member-api-keys", headers=key.headers).status_code,
        placed(terminal.client).get("/api/data-marts", headers=terminal.headers).status_code,
        placed(stage.app.test_client())
        .get(CONTEXT, headers={"x-owox-authorization": token, "x-owox-api-key-id": stage["bob"].key_id})
        .status_code,
    ]

    _signed_in, *events = since(stage, number)
    assert statuses == [403] * 4
    assert [(event.action, event.result, event.project_id) for event in events] == [
        ("access.deny", "refused", home)
    ] * 4
    assert [event.details["asked"] for event in events] == [
        "GET /projects/<project_id>/activity",
        "GET /api/project-member-api-keys",
        "GET /api/data-marts",
        f"GET {CONTEXT}",
    ]
    assert [event.details["reason"] for event in events] == [
        "Access denied. Required role: Project Admin",
        "API key authentication is not allowed for this endpoint",
        "A terminal's sign-in is for managing API keys and nothing else",
        "Access denied by api key",
    ]
    assert [event.member_id for event in events] == [*[vera.member_id] * 3, None]
    assert [event.api_key_id for event in events] == [None, vera.key_id, None, vera.key_id]
    assert {(event.address, event.client, event.request_id) for event in events} == {(ADDRESS, CLIENT, REQUEST)}


def _token(stage: Stage, name: str) -> str:
    answer = stage.app.test_client().post(
        EXCHANGE, headers={"x-owox-api-key-id": stage[name].key_id}, json={"apiKeySecret": stage[name].secret}
    )
    return f"Bearer {answer.get_json()['accessToken']}"


def test_of_one_key_and_one_member_only_so_many_go_on_record(stage: Stage):
    """U1: whoever holds the secret of a revoked key is told so as often as they like, and fills no log."""
    stage.set_key(stage["bob"].key_id, revoked_at=NOW)
    vera = stage.visitor("vera")
    number = last_number(stage)

    statuses = {exchanged(stage, stage["bob"].key_id, stage["bob"].secret) for _ in range(3 * NOTES[0])}
    pages = {vera.get(f"/projects/{stage.cast.project_id}/members").status_code for _ in range(3 * NOTES[0])}

    actions = [event.action for event in since(stage, number)]
    assert (statuses, pages) == ({401}, {403})
    assert actions == ["api_key.refuse"] * NOTES[0] + ["access.deny"] * NOTES[0]


def test_a_refusal_is_answered_though_it_cannot_be_put_on_record(stage: Stage, caplog: pytest.LogCaptureFixture):
    """U3: it changes nothing, so nothing is undone; the server's own log says what is missing."""
    with stage.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event RENAME COLUMN client TO program"))

    status = exchanged(stage, stage["bob"].key_id, WRONG)
    settle(stage.app)

    assert status == 401
    assert f"api_key.refuse of {stage['bob'].key_id} was not noted" in caplog.text

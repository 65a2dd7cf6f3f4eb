"""A key's own secret revokes it: in whatever state it is, at once, for good, and nothing else."""

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from owox.models import AuditEvent
from owox.services.throttle import KEY_FAILURES
from tests.cast import Person, Stage
from tests.states import DOORS, EXCHANGE, REVOKE, TABLE, Holder, comparable, knock, play, wrong
from tests.web.browsing import visit


def revoke(stage: Stage, holder: Holder | Person, address: str = "127.0.0.1") -> TestResponse:
    """Send both parts of a key."""
    sent = {"x-owox-api-key-id": holder.key_id}
    body, environ = {"apiKeySecret": holder.secret}, {"REMOTE_ADDR": address}
    return stage.app.test_client().post(REVOKE, headers=sent, json=body, environ_base=environ)


def events(stage: Stage, key_id: str) -> list[AuditEvent]:
    """The revokes of a key on record."""
    with Session(stage.engine) as session:
        query = select(AuditEvent).where(AuditEvent.api_key_id == key_id, AuditEvent.action == "api_key.revoke")
        return list(session.scalars(query))


@pytest.mark.parametrize("name", TABLE)
def test_the_right_secret_revokes_a_key_in_any_state(name: str, stage: Stage):
    """K10, K13: and the next call is refused at every door."""
    played = play(stage, TABLE[name])

    with time_machine.travel(played.moment, tick=False):
        first, second = (revoke(stage, played.holder) for _ in range(2))
        codes = {door: knock(stage.app.test_client(), door, played.holder).get_json()["code"] for door in DOORS[2:]}
        doors = {door: knock(stage.app.test_client(), door, played.holder).status_code for door in DOORS}

    assert [(answer.status, answer.data) for answer in (first, second)] == [("204 No Content", b"")] * 2
    assert codes == dict.fromkeys(DOORS[2:], "API_KEY_REVOKED")
    assert doors == dict.fromkeys(DOORS, 401)


def test_a_second_time_keeps_the_first_moment_and_is_no_second_event(stage: Stage):
    """U1: the event says whose key it was and that its own secret ended it."""
    person = stage.more("bob")

    revoke(stage, person)
    first = stage.key(person.key_id).revoked_at
    revoke(stage, person)

    (event,) = events(stage, person.key_id)
    assert stage.key(person.key_id).revoked_at == first
    assert (event.member_id, event.project_id) == (person.member_id, person.project_id)
    assert event.details == {"by": "its own secret"}
    assert "by: its own secret" in visit(stage, "alice").get(f"/projects/{stage.cast.project_id}/activity").text


def test_wrong_credentials_cannot_be_told_apart_and_end_nothing(shared_stage: Stage):
    """K4, K6, K7: the one 401, with the words of the exchange."""
    person, answers, states = shared_stage.more("bob"), {}, {}

    cases = wrong(person, shared_stage["vera"])
    del cases["no id"]  # Nothing was claimed, and the challenge says so.
    for at, (what, holder) in enumerate(cases.items()):
        if holder.key_id == person.key_id:
            holder = Holder(shared_stage.more("bob").key_id, holder.secret)  # A key of its own for each count.
        answers[what] = comparable(revoke(shared_stage, holder, f"10.0.3.{at}"))
        states[what] = shared_stage.key(person.key_id).revoked_at

    exchange = comparable(knock(shared_stage.app.test_client(), "exchange", wrong(person, person)["unknown id"]))
    first = answers["unknown id"]
    assert (first[0], first[1]["message"]) == (401, "Unauthorized")
    assert {what for what, answer in answers.items() if answer != first} == set()
    assert first[1] | {"path": EXCHANGE} == exchange[1]
    assert set(states.values()) == {None}
    assert shared_stage.key(shared_stage["vera"].key_id).revoked_at is None


def test_guessing_is_slowed_down_and_the_right_secret_never_is(stage: Stage):
    """K7: one count with the other doors."""
    person, place = stage.more("bob"), "192.0.2.90"
    wrong_secret = Holder(person.key_id, stage["vera"].secret)

    guesses = [revoke(stage, wrong_secret, place).status_code for _ in range(KEY_FAILURES[0] + 1)]
    exchange = knock(stage.app.test_client(), "exchange", wrong_secret, place)

    assert guesses == [401] * KEY_FAILURES[0] + [429]
    assert exchange.status_code == 429
    assert revoke(stage, person, place).status_code == 204


def test_neither_a_cookie_nor_a_header_stands_in_for_the_secret(stage: Stage):
    """Z3, K14: a token of the key, which its secret was exchanged for, does not revoke it either."""
    bob = stage["bob"]
    token = knock(stage.app.test_client(), "exchange", Holder(bob.key_id, bob.secret)).get_json()["accessToken"]
    sent = {"x-owox-api-key-id": bob.key_id, "x-owox-authorization": f"Bearer {token}"}

    bodies: list[dict[str, str]] = [{}, {"apiKeySecret": token}, {"apiKeySecret": "x"}]
    statuses = [stage.visitor("bob").post(REVOKE, headers=sent, json=body).status_code for body in bodies]

    assert statuses == [400, 401, 401]
    assert stage.key(bob.key_id).revoked_at is None


def test_other_keys_of_its_owner_go_on(stage: Stage):
    person, other = stage.more("bob"), stage.more("bob")

    assert revoke(stage, person).status_code == 204
    assert knock(stage.app.test_client(), "basic", Holder(other.key_id, other.secret)).status_code == 200

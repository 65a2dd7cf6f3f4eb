"""Rotating a key and changing its expiry by JSON."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.api import actors
from tests.api.matrix.keys import API_KEYS
from tests.cast import Stage
from tests.states import DOORS, Holder, knock

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
MILLISECOND, DAY = timedelta(milliseconds=1), timedelta(days=1)


def written(at: datetime) -> str:
    """An instant as the API writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


def test_the_old_key_works_in_the_overlap_and_not_a_millisecond_after(stage: Stage):
    """K8, K12: at every door, also with a token."""
    bob, visitor = stage.more("bob", "CI"), actors.by_cookie(stage, "bob")
    client = stage.app.test_client()
    token = knock(client, "exchange", Holder(bob.key_id, bob.secret)).get_json()["accessToken"]
    old = Holder(bob.key_id, bob.secret, token)
    with time_machine.travel(NOW, tick=False):
        made = visitor.send("POST", f"{API_KEYS}/{bob.key_id}/rotate", json={"overlapSeconds": 60})

    with time_machine.travel(NOW + timedelta(seconds=60) - MILLISECOND, tick=False):
        before = {door: knock(client, door, old).status_code for door in DOORS}
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        after = {door: knock(client, door, old) for door in DOORS}

    key = made.get_json()
    assert (made.status_code, key["name"], key["expiresAt"]) == (201, "CI", None)
    assert made.headers["Cache-Control"] == "no-store"
    assert before == dict.fromkeys(DOORS, 200)
    assert {answer.get_json()["code"] for answer in after.values()} == {"API_KEY_REPLACED"}
    assert knock(client, "basic", Holder(key["apiKeyId"], key["apiKeySecret"])).status_code == 200


def test_without_a_word_a_rotation_has_no_overlap_and_the_same_length_of_life(stage: Stage):
    bob, visitor = stage.more("bob", expires_at=NOW + 90 * DAY), actors.by_cookie(stage, "bob")
    stage.set_key(bob.key_id, created_at=NOW - DAY)
    with time_machine.travel(NOW, tick=False):
        made = visitor.send("POST", f"{API_KEYS}/{bob.key_id}/rotate").get_json()
        refused = knock(stage.app.test_client(), "basic", Holder(bob.key_id, bob.secret))
        listed = {key["apiKeyId"]: key for key in visitor.send("GET", API_KEYS).get_json()}

    assert made["expiresAt"] == written(NOW + 91 * DAY)
    assert refused.get_json()["details"] == {"at": written(NOW)}
    assert listed[bob.key_id]["expiresAt"] == written(NOW)


@pytest.mark.parametrize("seconds", [-1, 604_801, 1.0, "60", True, None, [], 2**53 - 1])
def test_an_overlap_that_is_none_is_refused(seconds: object, shared_stage: Stage):
    bob, before = shared_stage["bob"], shared_stage.key_count()

    answer = actors.by_cookie(shared_stage, "bob").send(
        "POST", f"{API_KEYS}/{bob.key_id}/rotate", json={"overlapSeconds": seconds}
    )

    assert answer.status_code == 400
    assert "overlapSeconds must be an integer from 0 to 604800." in answer.text
    assert shared_stage.key_count() == before


def test_a_key_is_rotated_once(stage: Stage):
    """K12."""
    bob, visitor = stage["bob"], actors.by_cookie(stage, "bob")

    answers = [visitor.send("POST", f"{API_KEYS}/{bob.key_id}/rotate") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]
    assert answers[0].get_json()["apiKeyId"] in answers[1].get_json()["message"]


def test_an_active_keys_expiry_is_shortened_extended_and_taken_away(stage: Stage):
    bob, visitor = stage.more("bob", expires_at=NOW + DAY), actors.by_cookie(stage, "bob")
    path, seen = f"{API_KEYS}/{bob.key_id}", []

    for expires_at in (written(NOW + DAY / 2), written(NOW + 900 * DAY), None):
        seen.append(visitor.send("PATCH", path, json={"expiresAt": expires_at}).get_json())
    both = visitor.send("PATCH", path, json={"name": "renamed", "expiresAt": written(NOW + DAY)}).get_json()

    assert [key["expiresAt"] for key in seen] == [written(NOW + DAY / 2), written(NOW + 900 * DAY), None]
    assert (both["name"], both["expiresAt"]) == ("renamed", written(NOW + DAY))


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at", "suspended_at"])
def test_an_ended_keys_expiry_stays_and_its_name_with_it(ended: str, stage: Stage):
    """K11."""
    bob, moment = stage.more("bob"), datetime.now(UTC).replace(microsecond=0)
    stage.set_key(bob.key_id, **{ended: moment})

    answer = actors.by_cookie(stage, "bob").send(
        "PATCH", f"{API_KEYS}/{bob.key_id}", json={"name": "renamed", "expiresAt": None}
    )

    key = stage.key(bob.key_id)
    assert (answer.status_code, key.name, getattr(key, ended)) == (409, "another", moment)

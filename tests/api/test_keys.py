"""A member's own keys by JSON: made, listed, renamed, revoked."""

from datetime import UTC, datetime

import pytest

from owox import keys
from owox.roles import Role
from owox.services import members
from tests.api import actors
from tests.api.actors import Actor
from tests.api.matrix.keys import API_KEYS
from tests.cast import OPERATOR, Stage, settle
from tests.states import ORIGIN, Holder, knock

FIELDS = ["apiKeyId", "name", "expiresAt", "createdAt", "lastAuthenticatedAt"]


@pytest.fixture
def alice(stage: Stage) -> Actor:
    """Alice's browser."""
    return actors.by_cookie(stage, "alice")


def test_the_create_answer_is_the_only_one_that_holds_the_secret(alice: Actor):
    """K5: both parts and the combined value, in an answer that nobody may keep."""
    answer = alice.send("POST", API_KEYS, json={"name": "CI"})
    made = answer.get_json()

    assert answer.status == "201 Created"
    assert answer.headers["Cache-Control"] == "no-store"
    assert list(made) == [*FIELDS, "apiKeySecret", "apiKey"]
    assert keys.parse_combined(made["apiKey"]) == keys.Combined(ORIGIN, made["apiKeyId"], made["apiKeySecret"])
    for path in (API_KEYS, f"{API_KEYS}?includeRevoked=true", "/api/auth/context"):
        assert made["apiKeySecret"] not in alice.send("GET", path).text


def test_a_key_works_from_its_making_to_its_revoking(stage: Stage, alice: Actor):
    """K10: and not one call longer."""
    made = alice.send("POST", API_KEYS, json={"name": "CI"}).get_json()
    holder = Holder(made["apiKeyId"], made["apiKeySecret"])
    before = knock(stage.app.test_client(), "combined", holder)

    revoked = alice.send("DELETE", f"{API_KEYS}/{holder.key_id}")
    after = knock(stage.app.test_client(), "combined", holder)

    assert (before.status_code, revoked.status, revoked.data) == (200, "204 No Content", b"")
    assert (after.status_code, after.get_json()["code"]) == (401, "API_KEY_REVOKED")


def test_revoking_again_is_204_and_keeps_the_first_moment(stage: Stage, alice: Actor):
    """K11."""
    key_id = stage["alice"].key_id
    alice.send("DELETE", f"{API_KEYS}/{key_id}")
    first = stage.key(key_id).revoked_at

    again = alice.send("DELETE", f"{API_KEYS}/{key_id}")

    assert again.status_code == 204
    assert stage.key(key_id).revoked_at == first


def test_a_revoked_key_cannot_be_renamed(stage: Stage, alice: Actor):
    key_id = stage["alice"].key_id
    alice.send("DELETE", f"{API_KEYS}/{key_id}")

    answer = alice.send("PATCH", f"{API_KEYS}/{key_id}", json={"name": "other"})

    assert answer.status == "409 Conflict"
    assert answer.get_json()["message"] == "A revoked API key cannot be renamed."
    assert stage.key(key_id).name == "alice's key"


@pytest.mark.parametrize(
    ("query", "shown"), [("", 1), ("?includeRevoked=true", 2), ("?includeRevoked=True", 1), ("?includeRevoked=1", 1)]
)
def test_revoked_keys_are_listed_only_for_the_exact_word(query: str, shown: int, stage: Stage, alice: Actor):
    """contract.md 1.5."""
    stage.set_key(stage.more("alice").key_id, revoked_at=datetime.now(UTC))

    listed = alice.send("GET", API_KEYS + query).get_json()

    assert len(listed) == shown
    assert all(list(key) == FIELDS for key in listed)


def test_expired_keys_stay_in_the_list(stage: Stage, alice: Actor):
    """contract.md 1.5."""
    stage.set_key(stage["alice"].key_id, expires_at=datetime(2020, 1, 1, tzinfo=UTC))

    assert [key["expiresAt"] for key in alice.send("GET", API_KEYS).get_json()] == ["2020-01-01T00:00:00.000Z"]


def test_names_need_not_differ(alice: Actor):
    made = [alice.send("POST", API_KEYS, json={"name": "same"}).get_json()["apiKeyId"] for _ in range(3)]

    assert len(set(made)) == 3


def test_the_last_use_is_shown_after_the_first_call(stage: Stage, alice: Actor):
    made = alice.send("POST", API_KEYS, json={"name": "CI"}).get_json()
    assert made["lastAuthenticatedAt"] is None

    knock(stage.app.test_client(), "basic", Holder(made["apiKeyId"], made["apiKeySecret"]))
    settle(stage.app)

    listed = {key["apiKeyId"]: key for key in alice.send("GET", API_KEYS).get_json()}
    assert listed[made["apiKeyId"]]["lastAuthenticatedAt"] >= made["createdAt"]


def test_a_member_of_several_projects_names_one(stage: Stage, alice: Actor):
    """Z2: and only one of their own."""
    elsewhere = stage["charlie"].project_id
    with stage.session() as session:
        members.join(session, stage["alice"].member_id, elsewhere, Role.VIEWER, OPERATOR, datetime.now(UTC))

    unnamed = alice.send("POST", API_KEYS, json={"name": "x"})
    named = alice.send("POST", API_KEYS, json={"name": "x"}, headers={"X-OWOX-Project-Id": elsewhere})
    foreign = alice.send("GET", API_KEYS, headers={"X-OWOX-Project-Id": "nowhere"})
    listed = alice.send("GET", API_KEYS, headers={"X-OWOX-Project-Id": elsewhere}).get_json()

    assert unnamed.status_code == 400
    assert "X-OWOX-Project-Id" in unnamed.get_json()["message"]
    assert (named.status_code, foreign.status_code) == (201, 404)
    assert [key["apiKeyId"] for key in listed] == [named.get_json()["apiKeyId"]]


def test_the_exchange_ends_with_the_key_and_not_after_900_seconds(stage: Stage):
    """T2, K8."""
    bob = stage["bob"]
    client = stage.app.test_client()

    answer = knock(client, "exchange", Holder(bob.key_id, bob.secret))
    short = stage.more("bob", expires_at=datetime.fromtimestamp(int(datetime.now(UTC).timestamp()) + 60, UTC))
    shorter = knock(client, "exchange", Holder(short.key_id, short.secret))

    assert list(answer.get_json()) == ["accessToken", "accessTokenExpiresIn"]
    assert answer.get_json()["accessTokenExpiresIn"] == 900
    assert answer.headers["Cache-Control"] == "no-store"
    assert 55 <= shorter.get_json()["accessTokenExpiresIn"] <= 60

"""Failed attempts are slowed down; whoever holds the right secret never is."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from owox import keys
from owox.services.throttle import KEY_FAILURES
from tests.cast import Stage
from tests.states import CONTEXT, DOORS, EXCHANGE, SECRET_DOORS, Holder, knock
from tests.throttled import waits

MOST, SECONDS = KEY_FAILURES


def unknown() -> Holder:
    """A key that nobody has."""
    minted = keys.mint()
    return Holder(minted.key_id, minted.secret, "owox_at_x")


def spend(stage: Stage, door: str, holder: Holder | None = None, address: str = "192.0.2.1") -> list[int]:
    """As many failed attempts as are allowed."""
    client = stage.app.test_client()
    return [knock(client, door, holder or unknown(), address).status_code for _ in range(MOST)]


@pytest.mark.parametrize("door", DOORS)
def test_failures_from_one_address_are_slowed_down_at_every_door(door: str, stage: Stage):
    """T8."""
    client = stage.app.test_client()

    allowed = spend(stage, door)
    answer = knock(client, door, unknown(), "192.0.2.1")
    elsewhere = knock(client, door, unknown(), "192.0.2.2")

    assert allowed == [401] * MOST
    assert answer.status == "429 Too Many Requests"
    assert answer.get_json()["statusCode"] == 429
    wait = waits(answer, "address", MOST, SECONDS)
    assert answer.get_json()["message"] == f"Too many failed attempts. Wait {wait} seconds."
    assert elsewhere.status_code == 401


def test_failures_at_all_doors_are_counted_together(stage: Stage):
    """T8, Z3: no door is a way around the others."""
    spend(stage, "basic")

    answers = [knock(stage.app.test_client(), door, unknown(), "192.0.2.1").status_code for door in DOORS]

    assert answers == [429] * len(DOORS)


@pytest.mark.parametrize(
    ("first", "next_one", "is_theirs"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
    ],
)
def test_the_next_address_of_the_same_subscriber_is_no_way_around(
    first: str, next_one: str, is_theirs: bool, stage: Stage
):
    """T8."""
    spend(stage, "basic", address=first)

    answer = knock(stage.app.test_client(), "basic", unknown(), next_one)

    assert answer.status_code == (429 if is_theirs else 401)


def test_failures_about_one_key_are_slowed_down_from_wherever_they_come(stage: Stage):
    """T8, L4."""
    bob, client = stage["bob"], stage.app.test_client()
    guess = Holder(bob.key_id, keys.mint().secret)

    first = [knock(client, "exchange", guess, f"192.0.2.{at}").status_code for at in range(MOST)]
    next_one = knock(client, "basic", guess, "198.51.100.1")
    about_another = knock(client, "basic", Holder(stage["vera"].key_id, guess.secret), "198.51.100.2")

    assert first == [401] * MOST
    assert next_one.status_code == 429
    assert waits(next_one, "key", MOST, SECONDS) > 0
    assert about_another.status_code == 401


def test_a_right_secret_always_passes(stage: Stage):
    """T8: strangers cannot lock the owner out."""
    bob, client = stage["bob"], stage.app.test_client()
    right = Holder(bob.key_id, bob.secret)
    token = knock(client, "exchange", right).get_json()["accessToken"]
    spend(stage, "basic", Holder(bob.key_id, keys.mint().secret))

    answers = [knock(client, door, Holder(bob.key_id, bob.secret, token), "192.0.2.1").status_code for door in DOORS]

    assert answers == [200] * len(DOORS)


def test_a_right_secret_of_a_revoked_key_is_still_told_why(stage: Stage):
    """T8."""
    bob, client = stage["bob"], stage.app.test_client()
    stage.set_key(bob.key_id, revoked_at=datetime.now(UTC))
    spend(stage, "basic", Holder(bob.key_id, keys.mint().secret))

    for _ in range(2 * MOST):
        for door in SECRET_DOORS:
            answer = knock(client, door, Holder(bob.key_id, bob.secret), "192.0.2.1")
            assert (answer.status_code, answer.get_json()["code"]) == (401, "API_KEY_REVOKED")


def test_tokens_that_have_ended_are_no_attempts(stage: Stage):
    """T8: their clients exchange anew after a 401, and many of them may sit behind one address."""
    bob, client = stage["bob"], stage.app.test_client()
    token, _ = stage.services.tokens.issue(bob.key_id, None, datetime.now(UTC) - timedelta(seconds=900))

    answers = {knock(client, "own token", Holder(bob.key_id, "", token)).status_code for _ in range(3 * MOST)}

    assert answers == {401}


def test_calls_without_a_credential_are_no_attempts(stage: Stage):
    client = stage.app.test_client()

    assert {client.get(CONTEXT).status_code for _ in range(3 * MOST)} == {401}
    assert {client.post(EXCHANGE, json={}).status_code for _ in range(3 * MOST)} == {400}


def test_the_wait_is_over_when_it_was_said_to_be(stage: Stage):
    """T8, S6."""
    client, start = stage.app.test_client(), datetime.now(UTC)
    with time_machine.travel(start, tick=False):
        spend(stage, "basic")
        wait = int(knock(client, "basic", unknown(), "192.0.2.1").headers["Retry-After"])

    with time_machine.travel(start + timedelta(seconds=wait), tick=False):
        assert knock(client, "basic", unknown(), "192.0.2.1").status_code == 401


def test_an_id_of_any_length_is_counted_by_its_beginning(stage: Stage):
    """S12: claimed IDs take no more memory than real ones."""
    client = stage.app.test_client()

    for at in range(MOST):
        knock(client, "basic", Holder("pmk_" + "x" * 22 + str(at) * 5000, "y"), f"192.0.2.{at}")

    assert knock(client, "basic", Holder("pmk_" + "x" * 22, "y"), "198.51.100.1").status_code == 429

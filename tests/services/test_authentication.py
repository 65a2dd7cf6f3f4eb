"""The state table where credentials become callers, below any door."""

from datetime import UTC, datetime, timedelta

import pytest

from owox import keys
from owox.keys import State
from owox.services import authentication
from owox.services.errors import Refused
from tests.cast import Stage
from tests.states import ORIGIN, TABLE, Holder, play, wrong, wrong_tokens

NOW = datetime.now(UTC)


def asked(stage: Stage, holder: Holder, now: datetime) -> list[tuple[object, object]]:
    """What each way of proving a key comes to: the state and since when, or the caller's role and key."""
    reader, tokens = stage.services.keys, stage.services.tokens
    ways = (
        lambda: authentication.by_secret(reader, holder.key_id, holder.secret, now),
        lambda: authentication.by_combined(
            reader, keys.combine(ORIGIN, holder.key_id, holder.secret), ORIGIN, now
        ),
        lambda: authentication.by_key_id(reader, holder.key_id, now),
        lambda: authentication.by_token(reader, tokens, tokens.issue(holder.key_id, None, now)[0], now),
    )  # fmt: skip
    results: list[tuple[object, object]] = []
    for way in ways:
        try:
            caller = way()
            results.append((caller.role, caller.api_key_id))
        except Refused as refused:
            results.append((refused.state, refused.at))
    return results


@pytest.mark.parametrize("name", TABLE)
def test_every_way_of_proving_a_key_comes_to_the_same(name: str, stage: Stage):
    """K8, K10, Z5."""
    row = TABLE[name]
    played = play(stage, row)

    results = asked(stage, played.holder, played.moment)

    role = "viewer" if name == "downgraded" else "editor"
    expected = (role, played.holder.key_id) if row.state is State.ACTIVE else (row.state, played.since)
    assert results == [expected] * 4


def test_a_wrong_secret_is_never_told_a_state(shared_stage: Stage):
    """K4: not even that of a revoked key."""
    bob = shared_stage.more("bob")
    shared_stage.set_key(bob.key_id, revoked_at=NOW)

    for what, holder in wrong(bob, shared_stage["vera"]).items():
        with pytest.raises(Refused) as caught:
            authentication.by_secret(shared_stage.services.keys, holder.key_id, holder.secret, NOW)
        assert (caught.value.state, caught.value.at, caught.value.hint) == (None, None, ""), what


def test_a_wrong_token_is_refused(shared_stage: Stage):
    """T6."""
    bob, services = shared_stage["bob"], shared_stage.services
    token, _ = services.tokens.issue(bob.key_id, None, NOW)

    for what, altered in wrong_tokens(shared_stage, bob, token).items():
        with pytest.raises(Refused) as caught:
            authentication.by_token(services.keys, services.tokens, altered, datetime.now(UTC))
        assert caught.value.state is None, what


@pytest.mark.parametrize("key_id", ["pmk_" + "-" * 22, "pmk_" + "\0" * 22, "'; DROP TABLE api_key --", "é", "\ud800"])
def test_an_id_that_no_key_can_have_reads_the_row_of_a_miss(key_id: str, shared_stage: Stage):
    """K3, K4, I4: the same statement, whatever is asked for; what has not the form of an ID never gets so far."""
    for secret in (keys.mint().secret, "", "owox_sec_"):
        with pytest.raises(Refused):
            authentication.by_secret(shared_stage.services.keys, key_id, secret, NOW)


def test_the_row_of_a_miss_is_the_same_for_every_unknown_key(shared_stage: Stage):
    """K3, K4."""
    rows = {shared_stage.services.keys.read(keys.mint().key_id) for _ in range(5)}

    assert [row.id for row in rows] == [authentication.NIL_KEY_ID]


def test_two_keys_in_turn_never_get_each_others_rights(shared_stage: Stage):
    """Z9: nothing is kept between requests."""
    reader = shared_stage.services.keys
    people = [shared_stage[name] for name in ("alice", "vera", "charlie")]

    for _ in range(100):
        for person in people:
            caller = authentication.by_secret(reader, person.key_id, person.secret, NOW)
            assert (caller.member_id, caller.project_id) == (person.member_id, person.project_id)


def test_a_caller_is_who_owns_the_key(shared_stage: Stage):
    ends_at = NOW.replace(microsecond=0) + timedelta(days=1)
    bob = shared_stage.more("bob", expires_at=ends_at)

    caller = authentication.by_secret(shared_stage.services.keys, bob.key_id, bob.secret, NOW)

    assert (caller.email, caller.name, caller.project_title) == ("bob@example.com", "Bob", "Shop")
    assert caller.key_ends_at == ends_at
    assert caller.membership_id == bob.membership_id


def test_reading_a_key_writes_nothing(shared_stage: Stage):
    """A question has no effect: when a key was last used is noted elsewhere."""
    bob = shared_stage.more("bob")

    authentication.by_secret(shared_stage.services.keys, bob.key_id, bob.secret, NOW + timedelta(days=1))

    assert shared_stage.key(bob.key_id).last_used_at is None

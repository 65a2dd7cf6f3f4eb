"""Suspending and resuming a key: refused at once, accepted again at once, and no way around any other end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from owox.keys import State
from owox.services import keys, suspension
from owox.services.errors import Conflict, NotFound
from tests.cast import OPERATOR, Stage
from tests.services.test_keys import events, revoke, together
from tests.services.test_rotation import accepted

NOW = datetime(2026, 11, 25, 10, 0, 0, 123_000, tzinfo=UTC)
HOUR = timedelta(hours=1)
ENDS: dict[str, dict[str, Any]] = {
    "revoked": {"revoked_at": NOW - HOUR},
    "expired": {"expires_at": NOW},
    "replaced": {"overlap_ends_at": NOW},
}


def do(act: Callable[..., keys.KeyInfo], stage: Stage, key_id: str, at: datetime = NOW) -> keys.KeyInfo:
    """One act on bob's key in a transaction of its own."""
    with stage.session() as session:
        return act(session, stage["bob"].membership_id, key_id, OPERATOR, at)


def test_a_suspended_key_is_refused_until_it_is_resumed(stage: Stage):
    """K10, U1."""
    bob = stage.more("bob", expires_at=NOW + 9 * HOUR)

    suspended = do(suspension.suspend, stage, bob.key_id)
    meanwhile = accepted(stage, bob.key_id, bob.secret, NOW)
    resumed = do(suspension.resume, stage, bob.key_id, NOW + HOUR)

    assert (suspended.state, suspended.since, meanwhile) == (State.SUSPENDED, NOW, False)
    assert (resumed.state, resumed.expires_at, resumed.suspended_at) == (State.ACTIVE, NOW + 9 * HOUR, None)
    assert accepted(stage, bob.key_id, bob.secret, NOW + HOUR)
    assert sorted(events(stage, bob.key_id)) == ["api_key.create", "api_key.resume", "api_key.suspend"]


def test_doing_it_again_changes_nothing(stage: Stage):
    bob = stage.more("bob")

    first, again = do(suspension.suspend, stage, bob.key_id), do(suspension.suspend, stage, bob.key_id, NOW + HOUR)
    resumed = [do(suspension.resume, stage, bob.key_id, NOW + HOUR) for _ in range(2)]

    assert (first.suspended_at, again.suspended_at) == (NOW, NOW)
    assert [key.state for key in resumed] == [State.ACTIVE, State.ACTIVE]
    assert sorted(events(stage, bob.key_id)) == ["api_key.create", "api_key.resume", "api_key.suspend"]


@pytest.mark.parametrize("act", [suspension.suspend, suspension.resume], ids=["suspend", "resume"])
@pytest.mark.parametrize("ended", ENDS)
@pytest.mark.parametrize("suspended_at", [None, NOW - HOUR], ids=["never suspended", "suspended before"])
def test_a_key_that_has_ended_is_neither_suspended_nor_resumed(
    act: Callable[..., keys.KeyInfo], ended: str, suspended_at: datetime | None, stage: Stage
):
    """K11: nothing brings it back."""
    bob = stage.more("bob")
    stage.set_key(bob.key_id, suspended_at=suspended_at, **ENDS[ended])

    with pytest.raises(Conflict, match=f"This API key is {ended}"):
        do(act, stage, bob.key_id)

    assert stage.key(bob.key_id).suspended_at == suspended_at
    assert not accepted(stage, bob.key_id, bob.secret, NOW)


def test_keys_of_others_are_not_there(stage: Stage):
    """Z2."""
    for act in (suspension.suspend, suspension.resume):
        with pytest.raises(NotFound):
            do(act, stage, stage["alice"].key_id)
    assert stage.key(stage["alice"].key_id).suspended_at is None


def test_suspending_resuming_and_revoking_at_once_leave_the_key_revoked(stage: Stage):
    """K11, S11."""
    for _ in range(15):
        bob = stage.more("bob")
        do(suspension.suspend, stage, bob.key_id)

        results = together(
            lambda bob=bob: do(suspension.resume, stage, bob.key_id),
            lambda bob=bob: revoke(stage, bob.key_id, NOW),
            lambda bob=bob: do(suspension.suspend, stage, bob.key_id),
        )

        assert all(isinstance(each, keys.KeyInfo | Conflict) for each in results), results
        assert not accepted(stage, bob.key_id, bob.secret, NOW)
        with stage.session() as session:
            assert keys.get(session, bob.membership_id, bob.key_id, NOW).state is State.REVOKED

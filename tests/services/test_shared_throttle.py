"""Failed attempts counted by several processes together, in a real Redis."""

import pytest

from owox.services.errors import Throttled, Unavailable
from owox.services.throttle import CODE_FAILURES, KEY_FAILURES, SIGN_IN_FAILURES, Throttle
from tests.infra.ports import free_port
from tests.infra.redis import running_redis


def test_failed_attempts_at_two_workers_share_one_count() -> None:
    """T8, L4, S10: in total as many as the limit says, whichever worker saw them."""
    with running_redis() as url:
        one, other = Throttle(url), Throttle(url)
        for at in range(KEY_FAILURES[0]):
            (one if at % 2 else other).key_failed("", "192.0.2.1")
        for at in range(SIGN_IN_FAILURES[0]):
            (one if at % 2 else other).sign_in_failed("alice@example.com", "192.0.2.1")
        for at in range(CODE_FAILURES[0]):
            (one if at % 2 else other).code_failed("a member", f"192.0.2.{at}")

        with pytest.raises(Throttled) as refused:
            other.key_failed("", "192.0.2.1")
        with pytest.raises(Throttled):
            one.check_sign_in("alice@example.com", "192.0.2.1")
        with pytest.raises(Throttled):
            one.check_code("a member", "198.51.100.1")
        one.check_code("another", "198.51.100.1")
        one.check_sign_in("bob@example.com", "192.0.2.1")

    assert 0 < refused.value.retry_after <= KEY_FAILURES[1]


def test_redis_that_is_gone_loses_counts_but_lets_nobody_in() -> None:
    """A refused key stays refused; a password is not tried without a count."""
    with running_redis() as url:
        throttle = Throttle(url)
        throttle.reach()

    throttle.key_failed("", "192.0.2.1")
    throttle.sign_in_failed("alice@example.com", "192.0.2.1")
    throttle.code_failed("a member", "192.0.2.1")
    for ask in (
        lambda: throttle.check_sign_in("alice@example.com", "192.0.2.1"),
        lambda: throttle.check_code("a member", "192.0.2.1"),
        lambda: throttle.terminal_asked("192.0.2.1"),
    ):
        with pytest.raises(Unavailable):
            ask()


def test_server_does_not_start_on_a_redis_that_does_not_answer() -> None:
    """Said at start, not at the first failed attempt."""
    with pytest.raises(Unavailable, match="OWOX_REDIS_URL"):
        Throttle(f"redis://127.0.0.1:{free_port()}/0").reach()

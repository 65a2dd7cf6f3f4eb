"""Counting failed attempts at every door. Successes are never counted, and a right secret is never refused.

Of those who have shown no credential at all, the requests of terminals are counted too. An IPv6 address counts as its
network of 64 bits, all of which one subscriber has (RFC 6177).

Counts live in this process, or, with OWOX_REDIS_URL, are shared by all workers.
"""

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from ipaddress import IPv4Address, IPv6Network, ip_address
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from owox.services.errors import Limit, Throttled, Unavailable

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import RateLimiter

KEY_FAILURES: Final = (10, 300)  # failed attempts, in seconds: per address, and per API Key ID
SIGN_IN_FAILURES: Final = (5, 300)  # per e-mail address and network address
SIGN_IN_FAILURES_ADDRESS: Final = (30, 300)  # per network address
# Per e-mail address, from anywhere: far more than a person needs, and below the 100 of NIST SP 800-63B-4, 3.2.2.
SIGN_IN_FAILURES_ACCOUNT: Final = (50, 3600)
TERMINAL_REQUESTS: Final = (40, 300)  # of sign-in by way of the browser, per network address
NOTES: Final = (10, 300)  # refusals that go on record, per API key and per member
CODE_FAILURES: Final = (10, 600)  # codes of terminals that are none, per member and per network address


_log = logging.getLogger(__name__)


class Throttle:
    """The counters of one process, or of all. ``limits`` is loaded at the first failure, not at start."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._redis_url = redis_url

    @cached_property
    def _limiter(self) -> "RateLimiter":
        from limits.storage import storage_from_string
        from limits.strategies import MovingWindowRateLimiter

        return MovingWindowRateLimiter(storage_from_string(self._redis_url or "memory://", wrap_exceptions=True))

    def reach(self) -> None:
        """Raise ``Unavailable`` when shared counters are wanted and cannot be reached; asked once, at start."""
        if self._redis_url is None:
            return
        from limits.errors import ConfigurationError

        try:
            answers = self._limiter.storage.check()
        except ConfigurationError as error:
            raise Unavailable(
                f"OWOX_REDIS_URL cannot be used: {error}. Write it like redis://host:6379, and run: pip install redis"
            ) from None
        if not answers:
            raise Unavailable("Redis does not answer at OWOX_REDIS_URL.")

    def key_failed(self, key_id: str, address: str) -> None:
        """Count a credential that was not accepted; raise ``Throttled`` once there were too many."""
        # A claimed ID is any text; only its beginning is kept.
        doors = [(_item(KEY_FAILURES), "address", _subscriber(address))]
        if key_id:
            doors.append((_item(KEY_FAILURES), "key", key_id[:26]))
        with _counting():
            self._raise_longest([door for door in doors if not self._limiter.hit(*door)])

    def check_sign_in(self, email: str, address: str, *, familiar: bool = False) -> None:
        """Raise ``Throttled`` when too many sign-ins failed before this one, ``Unavailable`` when nobody can say.

        From an address that is ``familiar``, failures elsewhere do not count: strangers cannot lock the owner out.
        """
        from limits.errors import StorageError

        try:
            doors = _sign_in_doors(email, address)[: 2 if familiar else None]
            self._raise_longest([door for door in doors if not self._limiter.test(*door)])
        except StorageError:
            raise Unavailable("Signing in is not possible just now: failed attempts cannot be counted.") from None

    def sign_in_failed(self, email: str, address: str) -> None:
        """Count a failed sign-in."""
        with _counting():
            for door in _sign_in_doors(email, address):
                self._limiter.hit(*door)

    def terminal_asked(self, address: str) -> None:
        """Count a terminal's request; raise ``Throttled`` once there were too many, ``Unavailable`` uncounted."""
        from limits.errors import StorageError

        door = (_item(TERMINAL_REQUESTS), "terminal", _subscriber(address))
        try:
            self._raise_longest([] if self._limiter.hit(*door) else [door], "requests from this address")
        except StorageError:
            raise Unavailable("Terminals cannot sign in just now: their requests cannot be counted.") from None

    def check_code(self, member_id: str, address: str) -> None:
        """Raise ``Throttled`` when too many codes before this one were none, ``Unavailable`` when nobody can say."""
        from limits.errors import StorageError

        try:
            doors = _code_doors(member_id, address)
            self._raise_longest([door for door in doors if not self._limiter.test(*door)])
        except StorageError:
            raise Unavailable("Codes cannot be used just now: failed attempts cannot be counted.") from None

    def code_failed(self, member_id: str, address: str) -> None:
        """Count a code that is none."""
        with _counting():
            for door in _code_doors(member_id, address):
                self._limiter.hit(*door)

    def worth_noting(self, who: str) -> bool:
        """Count a refusal of a known key or member; whether it is among the few that go on record."""
        from limits.errors import StorageError

        try:
            return self._limiter.hit(_item(NOTES), "note", who)
        except StorageError:
            return False

    def _raise_longest(self, full: list[tuple[Any, ...]], what: str = "failed attempts") -> None:
        if full:
            ends, (item, name, *_) = max(
                ((self._limiter.get_window_stats(*door).reset_time, door) for door in full), key=itemgetter(0)
            )
            # An attempt counts up to and with the instant at which its window ends.
            wait = max(1, math.floor(ends - time.time()) + 1)
            raise Throttled(wait, Limit(name, item.amount, item.get_expiry()), what)


@contextmanager
def _counting() -> Iterator[None]:
    """While a failed attempt is counted: it is refused all the same when the shared counters are out of reach."""
    from limits.errors import StorageError

    try:
        yield
    except StorageError:
        _log.warning("a failed attempt was not counted: the shared counters are out of reach")


def _sign_in_doors(email: str, address: str) -> list[tuple[Any, ...]]:
    return [
        (_item(SIGN_IN_FAILURES), "sign-in", email, _subscriber(address)),
        (_item(SIGN_IN_FAILURES_ADDRESS), "sign-in-address", _subscriber(address)),
        (_item(SIGN_IN_FAILURES_ACCOUNT), "sign-in-account", email),
    ]


def _code_doors(member_id: str, address: str) -> list[tuple[Any, ...]]:
    return [
        (_item(CODE_FAILURES), "code", member_id),
        (_item(CODE_FAILURES), "code-address", _subscriber(address)),
    ]


def _subscriber(address: str) -> str:
    """Whom a network address stands for, so that nobody tries on from the next of their own addresses."""
    try:
        given = ip_address(address)
    except ValueError:
        return address
    if isinstance(given, IPv4Address):
        return address
    return str(given.ipv4_mapped or IPv6Network((int(given), 64), strict=False))


def _item(limit: tuple[int, int]) -> "RateLimitItem":
    from limits import RateLimitItemPerSecond

    return RateLimitItemPerSecond(*limit)

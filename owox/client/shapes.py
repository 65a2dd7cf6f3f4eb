"""What an answer must look like to be used (contract.md 3). Members that are not named here pass through.

Words of a vocabulary, such as a run's status, are any text here: a server that knows one more is no reason to fail.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from owox.client.decoding import decoded
from owox.client.errors import ApiError

Check = Callable[[Any], bool]

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}(?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def unexpected(what: str, text: str, *, hint: str | None = None) -> ApiError:
    """Return the error for an answer of another shape; its details are the answer, cut if it is not JSON."""
    try:
        details = decoded(text)
    except ValueError:
        details = text[:200]
    return ApiError(f"OWOX {what} API returned an unexpected response shape", details=details, hint=hint)


def text(value: Any) -> bool:
    """Whether it is a string."""
    return isinstance(value, str)


def flag(value: Any) -> bool:
    """Whether it is true or false."""
    return isinstance(value, bool)


def number(value: Any) -> bool:
    """Whether it is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def count(value: Any) -> bool:
    """Whether it is an integer of at least 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def mapping(value: Any) -> bool:
    """Whether it is an object, with whatever members."""
    return isinstance(value, dict)


def moment(value: Any) -> bool:
    """Whether it is an instant in the contract's profile of RFC 3339 (contract.md 3.0)."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.strptime(value[:10], "%Y-%m-%d")  # noqa: DTZ007
    except ValueError:
        return False
    return True


def nullable(check: Check) -> Check:
    """Return the check that takes ``null`` too."""
    return lambda value: value is None or check(value)


def listing(check: Check) -> Check:
    """Return the check of an array by each of its items."""
    return lambda value: isinstance(value, list) and all(map(check, value))


def having(**members: Check) -> Check:
    """Return the check of an object that must have all these members."""
    return lambda value: (
        isinstance(value, dict) and all(name in value and check(value[name]) for name, check in members.items())
    )


def perhaps(**members: Check) -> Check:
    """Return the check of an object that may have these members."""
    return lambda value: (
        isinstance(value, dict) and all(check(value[name]) for name, check in members.items() if name in value)
    )


def both(*checks: Check) -> Check:
    """Return the check that all of these pass."""
    return lambda value: all(check(value) for check in checks)


USER = both(having(userId=text), perhaps(fullName=nullable(text), email=nullable(text), avatar=nullable(text)))

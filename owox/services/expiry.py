"""Reading the instant at which a key ends, from the forms in which people and programs write it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from owox.services.errors import Invalid, Problem

_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_INSTANT: Final = re.compile(
    _DATE + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DAYS: Final = re.compile(r"([0-9]{1,5})d")


def parse_instant(text: str, now: datetime) -> datetime:
    """Read RFC 3339 (seconds and zone required), or a date alone, which means 00:00 UTC of it (contract.md 1.5).

    Raises ``Invalid`` for anything else, for days that do not exist, and for what is not later than ``now``.
    """
    if re.fullmatch(_DATE, text, re.ASCII):
        text += "T00:00:00Z"
    if not _INSTANT.fullmatch(text):
        raise Invalid("expiresAt", Problem.NOT_A_DATE)
    try:
        # fromisoformat reads at most six digits of a fraction; finer ones make no difference here.
        at = datetime.fromisoformat(re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text.upper())).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("expiresAt", Problem.NOT_A_DATE) from None
    return future(at, now)


def parse_when(text: str, now: datetime) -> datetime | None:
    """Read what a command line says: ``never``, ``90d``, a date (its end, UTC), or RFC 3339. Raises ``Invalid``."""
    if text == "never":
        return None
    if days := _DAYS.fullmatch(text):
        return after_days(int(days[1]), now)
    if re.fullmatch(_DATE, text, re.ASCII):
        return end_of_day(text, ZoneInfo("UTC"), now)
    return parse_instant(text, now)


def after_days(days: int, now: datetime) -> datetime:
    """The instant ``days`` times 24 hours from now; raises ``Invalid`` when that is no time at all."""
    try:
        return future(now + timedelta(days=days), now)
    except OverflowError:
        raise Invalid("expiresAt", Problem.NOT_A_DATE) from None


def end_of_day(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The last millisecond of a calendar day (``YYYY-MM-DD``) in a time zone, as UTC; raises ``Invalid``."""
    try:
        if not re.fullmatch(_DATE, text, re.ASCII):
            raise ValueError(text)
        day = date.fromisoformat(text)
        at = datetime.combine(day, time(23, 59, 59, 999000), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("expiresAt", Problem.NOT_A_DATE) from None
    return future(at, now)


def future(at: datetime, now: datetime) -> datetime:
    """Return ``at`` in whole milliseconds; raise ``Invalid`` unless it is later than ``now``."""
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    if at <= now:
        raise Invalid("expiresAt", Problem.PAST)
    return at

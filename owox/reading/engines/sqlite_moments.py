"""Dates and times as SQLite's columns hold them: text, of which one written form is made.

The forms sort as text: ``2026-11-25``, ``2026-11-25T10:00:00.25`` without zeros at the end, ``10:00:00``.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from owox.reading.controls import Unit

_CLOCK: Final = r"(?P<clock>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.(?P<fraction>[0-9]{1,9})0*)?"
_OFFSET: Final = r"(?: ?(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?))?"
_MOMENT: Final = re.compile(rf"(?P<day>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})(?:[T ]{_CLOCK}{_OFFSET})?", re.ASCII)
_TIME: Final = re.compile(_CLOCK, re.ASCII)


def day_or_moment(text: str) -> str | None:
    """Write a date, and one with a time other than midnight as a moment; None for what is neither."""
    written = moment(text)
    return written.removesuffix("T00:00:00") if written else None


def moment(text: str) -> str | None:
    """Write a date with or without a time as a moment, in UTC if it has an offset; None for anything else."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    try:
        found = datetime.fromisoformat(f"{match['day']}T{match['clock'] or '00:00'}")
        if match["offset"] and match["offset"] != "Z":
            found -= _offset(match["offset"])
    except (ValueError, OverflowError):
        return None
    return found.isoformat() + _fraction(match["fraction"])


def instant(text: str) -> str | None:
    """The same with the mark of UTC."""
    written = moment(text)
    return f"{written}Z" if written else None


def clock(text: str) -> str | None:
    """Write a time of day; None for anything else."""
    match = _TIME.fullmatch(text)
    try:
        return time.fromisoformat(match["clock"]).isoformat() + _fraction(match["fraction"]) if match else None
    except ValueError:
        return None


@lru_cache(maxsize=65_536)
def local_bucket(written: str, unit: str, zone: str) -> str | None:
    """Return the local midnight at which the unit begins that a moment of UTC lies in, seen from a time zone.

    None where that is before year 1 or after year 9999, as SQLite's own calendar may be.
    """
    try:
        # No zone has ever been off by less than a second, so that a fraction of one changes nothing.
        local = datetime.fromisoformat(written[:19]).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        start = start_of(local.date(), Unit(unit))
    except (OverflowError, ValueError):
        return None
    return f"{start.isoformat()}T00:00:00"


def start_of(day: date, unit: Unit) -> date:
    """Return the first day of the unit that a day lies in; weeks begin on Monday."""
    if unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    if unit is Unit.DAY:
        return day
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}[unit]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def _offset(text: str) -> timedelta:
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    return timedelta(hours=hours, minutes=minutes) * (-1 if text[0] == "-" else 1)


def _fraction(digits: str | None) -> str:
    kept = (digits or "").rstrip("0")
    return f".{kept}" if kept else ""

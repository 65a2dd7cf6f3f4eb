"""Times as people read them: in the time zone of their sign-in, with UTC beside."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import g

from owox.access import now

ZONE_MAX: Final = 64
# Browsers go on naming these as they were before tzdata renamed them.
_RENAMED: Final = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Europe/Kiev": "Europe/Kyiv",
}
# Unit, seconds from which on it is used (months are too rough below two of them), its length.
# app.js refreshes these texts while a page stays open, and words them in the same way.
_UNITS: Final = (
    ("year", 31536000, 31536000),
    ("month", 5184000, 2592000),
    ("day", 86400, 86400),
    ("hour", 3600, 3600),
    ("minute", 60, 60),
)


def known_zone(name: str) -> str:
    """The name of an IANA time zone if it is one, else UTC."""
    try:
        return ZoneInfo(_RENAMED.get(name, name)).key if len(name) <= ZONE_MAX else "UTC"
    except (ValueError, LookupError, OSError):
        return "UTC"


def zone() -> ZoneInfo:
    """The time zone of whoever is signed in."""
    visitor = g.get("visitor")
    return ZoneInfo(known_zone(visitor.time_zone) if visitor else "UTC")


def rfc3339(at: datetime) -> str:
    """For programs: ``2026-11-25T10:05:03Z``."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def utc(at: datetime) -> str:
    """Exactly, in UTC: ``25 Nov 2026, 10:05:03``."""
    return f"{_day(at.astimezone(UTC))}, {at.astimezone(UTC):%H:%M:%S}"


def local(at: datetime) -> str:
    """To the minute, in the member's time zone: ``25 Nov 2026, 12:05``."""
    try:
        there = at.astimezone(zone())
    except OverflowError:  # The last hours of year 9999, east of Greenwich.
        there = at.astimezone(UTC)
    return f"{_day(there)}, {there:%H:%M}"


def relative(at: datetime) -> str:
    """Roughly, from now: ``3 minutes ago``, ``in 30 days``, ``just now``."""
    seconds = round((at - now()).total_seconds())
    for unit, least, length in _UNITS:
        if abs(seconds) >= least:
            count = int(abs(seconds) / length + 0.5)
            words = f"{count:,} {unit}{'' if count == 1 else 's'}"
            return f"in {words}" if seconds > 0 else f"{words} ago"
    return "just now"


def _day(at: datetime) -> str:
    # Not strftime's %Y, which does not pad years before 1000 alike on all systems.
    return f"{at.day} {at:%b} {at.year:04}"

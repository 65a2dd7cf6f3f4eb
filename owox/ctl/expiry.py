"""``--expires``: when a new key ends, as people write it."""

import re
from datetime import UTC, date, datetime, time, timedelta

import click

NEVER = "never"
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DAYS = re.compile(r"([0-9]{1,5})d", re.ASCII)


def option(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Return RFC 3339 in UTC, or ``never``; what lies in the past is for the server to refuse.

    Takes ``90d``, a date (its end, in this machine's time zone), an instant with its zone (RFC 3339), or ``never``.
    """
    if value is None or value == NEVER:
        return value
    try:
        return _instant(value).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter("give 90d, 2027-12-31, 2027-12-31T18:00:00Z or never.") from None


def _instant(value: str) -> datetime:
    if days := _DAYS.fullmatch(value):
        return datetime.now(UTC) + timedelta(days=int(days[1]))
    if _DATE.fullmatch(value):
        return datetime.combine(date.fromisoformat(value), time(23, 59, 59, 999000)).astimezone()
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at

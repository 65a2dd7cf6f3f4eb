"""The values that filters compare with, turned into the kind of the column they meet (contract.md 4.3).

The calendar knows no clock: today is always an argument.
"""

import calendar
import math
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from owox.reading.controls import Relative, Scalar, Span
from owox.reading.fields import Category, category, is_day, is_zoned

Operand = str | Decimal | date | datetime | time

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_ZONE: Final = r"(?:\s?(Z|[+-][0-9]{2}(?::?[0-9]{2})?))?"
_CLOCK: Final = r"([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)" + _ZONE
_MOMENT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]" + _CLOCK + ")?", re.ASCII)
_TIME: Final = re.compile(_CLOCK, re.ASCII)


def operand(value: Scalar, type_name: str) -> Operand:
    """Turn a value into what a column of this type holds.

    Dates and times with a zone come as UTC. Raises ``ValueError``, whose text says what was expected.
    """
    kind = category(type_name)
    if kind is Category.STRING:
        return written(value)
    if kind is Category.NUMBER:
        return _number(value)
    if not isinstance(value, str):
        raise ValueError(f"Expected a {kind} as a string")
    if kind is Category.TIME:
        return _time(value, zoned=is_zoned(type_name))
    moment = _moment(value)
    return moment.date() if is_day(type_name) else moment


def days(relative: Relative, today: date) -> tuple[date, date]:
    """Return the first and the last day of a range; weeks begin on Monday, months and longer are the calendar's."""
    span, n = relative.span, relative.n
    if span in {Span.LAST_N_DAYS, Span.TODAY}:
        return today - timedelta(days=n), today
    if span is Span.NEXT_N_DAYS:
        return today, today + timedelta(days=n)
    if span is Span.LAST_N_MONTHS:
        return _months_before(today, n), today
    if span is Span.YESTERDAY:
        return today - timedelta(days=1), today - timedelta(days=1)
    if span in {Span.THIS_WEEK, Span.LAST_WEEK}:
        monday = today - timedelta(days=today.weekday() + (7 if span is Span.LAST_WEEK else 0))
        return monday, monday + timedelta(days=6)
    return _period(span, today)


def written(value: Scalar) -> str:
    """Write a value as JavaScript does, which is how the contract's clients see it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if value == value.to_integral_value() and abs(value) < Decimal("1e21"):
        return str(int(value))
    if Decimal("1e-6") <= abs(value) < Decimal("1e21"):
        return f"{value.normalize():f}"
    digits, _, exponent = repr(float(value)).partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent or 0):+d}"


def _number(value: Scalar) -> Decimal:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not math.isfinite(float(value)):
        raise ValueError("Expected a number")
    return value


def _moment(text: str) -> datetime:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError("Expected a date such as 2026-11-25 or 2026-11-25T10:00:00Z")
    return _utc(datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00'}{_offset(match[3])}"))


def _time(text: str, *, zoned: bool) -> time:
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("Expected a time such as 10:00 or 10:00:00.25")
    found = time.fromisoformat(match[1] + (_offset(match[2]) if zoned else ""))
    return found.replace(tzinfo=UTC) if zoned and found.tzinfo is None else found


def _offset(zone: str | None) -> str:
    return "" if zone is None else "+00:00" if zone == "Z" else zone if len(zone) > 3 else f"{zone}:00"


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except OverflowError:
        raise ValueError("Expected a date between the years 1 and 9999") from None


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _period(span: Span, today: date) -> tuple[date, date]:
    length = {"month": 1, "quarter": 3, "year": 12}[span.partition("_")[2]]
    first = today.replace(month=(today.month - 1) // length * length + 1, day=1)
    if span.startswith("last_"):
        first = _months_before(first, length)
    return first, _months_before(first, -length) - timedelta(days=1)

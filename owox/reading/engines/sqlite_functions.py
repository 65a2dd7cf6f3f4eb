"""The functions that SQLite lacks, registered on each connection.

Text comes in as bytes, since what a column holds need not be in the database's encoding; bytes that are no text are
read as U+FFFD.
"""

import base64
import json
import math
import sqlite3
from array import array
from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any, Final

from owox.reading.dialect import SEPARATOR
from owox.reading.engines.sqlite_moments import clock, day_or_moment, instant, local_bucket, moment
from owox.reading.engines.sqlite_patterns import finds

QUANTILE_VALUES: Final = 4_000_000  # in one read: they are sorted in memory

_EXACT: Final = Context(prec=2_000, traps=[])


class TooMany(Exception):
    """A percentile over more values than fit in memory."""


def register(connection: sqlite3.Connection, notice: Callable[[Exception], None]) -> frozenset[str]:
    """Give a connection all of the functions, and return their names.

    SQLite says no more of an error in a function than that there was one: ``notice`` is told which.
    """
    encoding = str(connection.execute("PRAGMA encoding").fetchone()[0])

    def text(raw: bytes) -> str:
        return raw.decode(encoding, "replace")

    def over(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda raw, *more: function(text(raw), *more)

    functions: dict[str, tuple[int, Callable[..., Any]]] = {
        "owox_real": (1, real),
        "owox_base64": (1, lambda raw: base64.b64encode(raw).decode()),
        "owox_decimal": (2, decimal),
        "owox_day": (1, over(day_or_moment)),
        "owox_moment": (1, over(moment)),
        "owox_instant": (1, over(instant)),
        "owox_clock": (1, over(clock)),
        "owox_bucket": (3, local_bucket),
        "owox_matches": (2, over(finds)),
        "owox_join": (1, over(joined)),
        "owox_total": (3, total),
        "owox_mean": (4, mean),
        "owox_near": (1, lambda value: float(value) if isinstance(value, str) else value),
    }
    for name, (arguments, function) in functions.items():
        connection.create_function(name, arguments, _noticed(function, notice), deterministic=True)
    aggregates: dict[str, tuple[int, Any]] = {
        "owox_decimal_sum": (2, DecimalSum),
        "owox_decimal_mean": (1, DecimalMean),
        "owox_quantile": (2, _quantiles(notice)),
    }
    for name, (arguments, kind) in aggregates.items():
        connection.create_aggregate(name, arguments, kind)
    return frozenset(functions) | frozenset(aggregates)


def _noticed(function: Callable[..., Any], notice: Callable[[Exception], None]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as error:
            notice(error)
            raise

    return call


def real(value: float) -> str:
    """Write a double as JSON: the shortest digits that read back as the same double."""
    if math.isfinite(value):
        return repr(value)
    if math.isnan(value):
        return '"NaN"'
    return '"Infinity"' if value > 0 else '"-Infinity"'


def number(value: float) -> str:
    """Write a number of either kind as JSON: a whole one beyond 2^53 - 1 as a string."""
    if isinstance(value, float):
        return real(value)
    return str(value) if abs(value) < 2**53 else f'"{value}"'


def decimal(value: float, scale: int) -> str:
    """Write a number as a decimal with at least the digits of its column's scale."""
    return written(_decimal(value), scale) if math.isfinite(value) else real(value).strip('"')


def written(number: Decimal, scale: int) -> str:
    """Write a decimal with at least so many digits after the point, and no more zeros than that."""
    text = f"{number:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0").ljust(scale, "0")
    return f"{whole}.{fraction}" if fraction else whole


def total(high: int | None, low: int | None, reals: float | None) -> int | str | float | None:
    """Add up whole numbers from the sums of their upper and lower 32 bits: text where 64 bits do not hold it.

    With a double among the values the sum is one.
    """
    whole = None if high is None or low is None else high * 2**32 + low
    if reals is not None:
        return reals + (whole or 0)
    return whole if whole is None or -(2**63) <= whole < 2**63 else str(whole)


def mean(high: int | None, low: int | None, reals: float | None, count: int) -> float | None:
    """Divide such a sum by the number of values."""
    found = total(high, low, reals)
    return None if found is None else float(found) / count


def joined(array_of_texts: str) -> str | None:
    """Join the texts of a JSON array in the order of their code points; NULL where there are none."""
    texts = json.loads(array_of_texts)
    return SEPARATOR.join(sorted(texts)) if texts else None


class DecimalSum:
    """The exact sum of numbers, each taken for the decimal it is written as."""

    def __init__(self) -> None:
        self._sum: Decimal | None = None
        self._scale = 0

    def step(self, value: float, scale: int) -> None:
        """Add one number."""
        self._scale = scale
        self._sum = _EXACT.add(self._sum or Decimal(0), _decimal(value))

    def finalize(self) -> str | None:
        """Return the sum as text; NULL over nothing."""
        if self._sum is None:
            return None
        return written(self._sum, self._scale) if self._sum.is_finite() else real(float(self._sum)).strip('"')


class DecimalMean:
    """The mean of such numbers, as a double."""

    def __init__(self) -> None:
        self._sum, self._count = Decimal(0), 0

    def step(self, value: float) -> None:
        """Add one number."""
        self._sum, self._count = _EXACT.add(self._sum, _decimal(value)), self._count + 1

    def finalize(self) -> float | None:
        """Return the mean; NULL over nothing."""
        return float(_EXACT.divide(self._sum, Decimal(self._count))) if self._count else None


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _quantiles(notice: Callable[[Exception], None]) -> type:
    """The interpolating percentile, as an aggregate; all of one connection's share one limit."""
    left = QUANTILE_VALUES

    class Quantile:
        def __init__(self) -> None:
            self._values = array("d")
            self._fraction = 0.5

        def step(self, value: float, fraction: float) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                error = TooMany(f"Percentiles of more than {QUANTILE_VALUES:,} values cannot be computed over SQLite")
                notice(error)
                raise error
            self._values.append(value)
            self._fraction = fraction

        def finalize(self) -> float | None:
            nonlocal left
            if left < 0 or not self._values:
                return None
            left += len(self._values)
            ordered = sorted(self._values)
            at = (len(ordered) - 1) * self._fraction
            below = math.floor(at)
            above = min(below + 1, len(ordered) - 1)
            return ordered[below] + (ordered[above] - ordered[below]) * (at - below)

    return Quantile

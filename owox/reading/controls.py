"""What a rows request may ask for beyond columns: filters, order, aggregates, date buckets (contract.md 4.3 to 4.6)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from owox.reading.fields import Function

Scalar = str | Decimal | bool


class Operator(StrEnum):
    """How a filter compares."""

    EQ = "eq"
    NEQ = "neq"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    GT = "gt"
    LT = "lt"
    GTE = "gte"
    LTE = "lte"
    REGEX = "regex"
    NOT_REGEX = "not_regex"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"
    IS_NULL = "is_null"
    IS_NOT_NULL = "is_not_null"
    IS_TRUE = "is_true"
    IS_FALSE = "is_false"
    IN = "in"
    NOT_IN = "not_in"
    BETWEEN = "between"
    RELATIVE_DATE = "relative_date"


class Span(StrEnum):
    """A range of dates, seen from today."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"
    THIS_YEAR = "this_year"
    LAST_N_DAYS = "last_n_days"
    LAST_N_MONTHS = "last_n_months"
    NEXT_N_DAYS = "next_n_days"


class Unit(StrEnum):
    """The length of a date bucket."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class Relative:
    """The value of ``relative_date``; ``n`` is 0 where the span has no number."""

    span: Span
    n: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition; ``values`` are none, one, the list of in, or the two ends of between."""

    column: str
    operator: Operator
    values: tuple[Scalar, ...] = ()
    relative: Relative | None = None
    pre_join: bool = False
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order of rows."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One aggregate of a column."""

    column: str
    function: Function


@dataclass(frozen=True, slots=True)
class DateBucket:
    """A column of dates cut down to the start of a unit, in a time zone or as it stands."""

    column: str
    unit: Unit
    time_zone: str | None = None

"""Relative dates by hand, and the text that JavaScript makes of values."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from owox.reading.controls import Relative, Scalar, Span
from owox.reading.operands import Operand, days, operand, written


@pytest.mark.parametrize(
    ("today", "span", "n", "first", "last"),
    [
        ("2026-11-25", Span.TODAY, 0, "2026-11-25", "2026-11-25"),
        ("2026-03-01", Span.YESTERDAY, 0, "2026-02-28", "2026-02-28"),
        ("2026-11-25", Span.THIS_WEEK, 0, "2026-11-23", "2026-11-29"),
        ("2026-11-23", Span.THIS_WEEK, 0, "2026-11-23", "2026-11-29"),
        ("2026-11-29", Span.THIS_WEEK, 0, "2026-11-23", "2026-11-29"),
        ("2026-01-01", Span.LAST_WEEK, 0, "2025-12-22", "2025-12-28"),
        ("2028-02-10", Span.THIS_MONTH, 0, "2028-02-01", "2028-02-29"),
        ("2026-01-31", Span.LAST_MONTH, 0, "2025-12-01", "2025-12-31"),
        ("2026-11-25", Span.THIS_QUARTER, 0, "2026-10-01", "2026-12-31"),
        ("2026-02-28", Span.LAST_QUARTER, 0, "2025-10-01", "2025-12-31"),
        ("2026-11-25", Span.THIS_YEAR, 0, "2026-01-01", "2026-12-31"),
        ("2026-11-25", Span.LAST_N_DAYS, 7, "2026-11-18", "2026-11-25"),
        ("2026-11-25", Span.NEXT_N_DAYS, 7, "2026-11-25", "2026-12-02"),
        ("2026-03-31", Span.LAST_N_MONTHS, 1, "2026-02-28", "2026-03-31"),
        ("2026-03-31", Span.LAST_N_MONTHS, 3650, "1722-01-31", "2026-03-31"),
    ],
)
def test_a_relative_range_has_these_days(today: str, span: Span, n: int, first: str, last: str) -> None:
    assert days(Relative(span, n), date.fromisoformat(today)) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"), (True, "true"), (False, "false"), (Decimal("1"), "1"), (Decimal("1.0"), "1"),
        (Decimal("1e3"), "1000"),
        (Decimal("-0.5"), "-0.5"), (Decimal("1.50"), "1.5"), (Decimal("1e21"), "1e+21"), (Decimal("1.5e22"), "1.5e+22"),
        (Decimal("1e-7"), "1e-7"), (Decimal("0.000001"), "0.000001"), (Decimal("9007199254740993"), "9007199254740993"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_javascript_does(value: Scalar, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize(
    ("value", "type_name", "expected"),
    [
        (Decimal(5), "VARCHAR", "5"),
        ("1.50", "DECIMAL(10,2)", Decimal("1.50")),
        ("-.5e1", "DOUBLE", Decimal("-5")),
        ("2026-11-25", "DATE", date(2026, 11, 25)),
        ("2026-11-25T23:30:00-05", "DATE", date(2026, 11, 26)),
        ("2026-11-25", "TIMESTAMP", datetime.fromisoformat("2026-11-25")),
        ("2026-11-25 10:00", "TIMESTAMP", datetime.fromisoformat("2026-11-25T10")),
        ("2026-11-25T10:00:00.25Z", "TIMESTAMP", datetime.fromisoformat("2026-11-25T10:00:00.250")),
        ("2026-11-25T10:00:00+02:00", "TIMESTAMPTZ", datetime.fromisoformat("2026-11-25T08")),
        ("10:00", "TIME", time(10)),
        ("10:00:00.5+02", "TIME", time(10, 0, 0, 500_000)),
    ],
)  # fmt: skip
def test_a_value_becomes_what_its_column_holds(value: Scalar, type_name: str, expected: Operand) -> None:
    assert operand(value, type_name) == expected

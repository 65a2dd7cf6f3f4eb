"""Every operator on every type (contract.md 4.3): the ids of the rows that stay, worked out by hand."""

import json
from datetime import date
from typing import Any

import pytest

from owox.reading.engines import Engine
from owox.reading.query import parse_query
from owox.reading.rules import plan
from tests.reading.encoded import encode
from tests.reading.stores import Store

TODAY = date(2026, 11, 25)
COLUMNS = (
    'id INTEGER, "text" VARCHAR, n BIGINT, price DECIMAL(10, 2), x DOUBLE, single FLOAT, "day" DATE, "at" TIMESTAMP, '
    '"instant" TIMESTAMP WITH TIME ZONE, clock TIME, done BOOLEAN, raw BLOB'
)
ROWS = [
    [1, "apple", 1, "0.10", 0.1, 0.1, "2026-11-25", "2026-11-25 00:00:00", "2026-11-25 00:00:00+00", "08:00:00", True],
    [2, "Apple", -5, "10.00", -2.5, 1.5, "2026-11-24", "2026-11-24 23:59:59.5", "2026-11-25 01:00:00+02", "10:00:00",
     False],
    [3, "a%_b", 9007199254740993, "10.01", 1e300, 2, "2026-11-30", "2026-11-25 23:59:59", "2026-11-25 23:59:59+00",
     "10:00:00.5", True],
    [4, "", 0, "0.00", 0, 0, "2025-12-31", "2026-01-01 00:00:00", "2025-12-31 23:59:59+00", "23:59:59", False],
    [5] + [None] * 10,
]  # fmt: skip
DEFINITION = {"fullyQualifiedName": "t"}

CASES: list[tuple[str, str, Any, list[int]]] = [
    ("text", "eq", "apple", [1]),
    ("text", "neq", "apple", [2, 3, 4, 5]),
    ("text", "contains", "pp", [1, 2]),
    ("text", "contains", "%_", [3]),
    ("text", "contains", "_", [3]),
    ("text", "contains", "", [1, 2, 3, 4]),
    ("text", "not_contains", "pp", [3, 4, 5]),
    ("text", "starts_with", "a", [1, 3]),
    ("text", "ends_with", "le", [1, 2]),
    ("text", "ends_with", "", [1, 2, 3, 4]),
    ("text", "in", ["apple", ""], [1, 4]),
    ("text", "not_in", ["apple", ""], [2, 3, 5]),
    ("text", "is_empty", None, [4, 5]),
    ("text", "is_not_empty", None, [1, 2, 3]),
    ("text", "is_null", None, [5]),
    ("text", "is_not_null", None, [1, 2, 3, 4]),
    ("text", "regex", "^[aA]p+le$", [1, 2]),
    ("text", "not_regex", "^[aA]p+le$", [3, 4, 5]),
    ("text", "eq", 1, []),
    ("n", "eq", 9007199254740993, [3]),
    ("n", "eq", "1", [1]),
    ("n", "eq", 1.5, []),
    ("n", "neq", 1.5, [1, 2, 3, 4, 5]),
    ("n", "neq", 1, [2, 3, 4, 5]),
    ("n", "gt", 0.5, [1, 3]),
    ("n", "gte", 0.5, [1, 3]),
    ("n", "lt", 0.5, [2, 4]),
    ("n", "lte", 0.5, [2, 4]),
    ("n", "lte", -5, [2]),
    ("n", "gt", 1e40, []),
    ("n", "lt", 1e40, [1, 2, 3, 4]),
    ("n", "gt", -1e300, [1, 2, 3, 4]),
    ("n", "between", {"from": -5, "to": 0}, [2, 4]),
    ("n", "in", [1, 0, 7], [1, 4]),
    ("n", "not_in", [1, 0, 7], [2, 3, 5]),
    ("n", "is_null", None, [5]),
    ("price", "eq", 0.1, [1]),
    ("price", "eq", 10.005, []),
    ("price", "gt", 10.005, [3]),
    ("price", "lt", 10.005, [1, 2, 4]),
    ("price", "between", {"from": "0.1", "to": "10"}, [1, 2]),
    ("x", "eq", 0.1, [1]),
    ("x", "gte", 0, [1, 3, 4]),
    ("x", "neq", 0.1, [2, 3, 4, 5]),
    ("single", "eq", 0.1, [1]),
    ("single", "lt", 1.5, [1, 4]),
    ("day", "eq", "2026-11-25", [1]),
    ("day", "neq", "2026-11-25", [2, 3, 4, 5]),
    ("day", "gt", "2026-11-24T12:00:00", [1, 3]),
    ("day", "between", {"from": "2026-11-24", "to": "2026-11-25"}, [1, 2]),
    ("day", "in", ["2026-11-24", "2025-12-31"], [2, 4]),
    ("day", "relative_date", {"kind": "today"}, [1]),
    ("day", "relative_date", {"kind": "yesterday"}, [2]),
    ("day", "relative_date", {"kind": "this_week"}, [1, 2]),
    ("day", "relative_date", {"kind": "this_month"}, [1, 2, 3]),
    ("day", "relative_date", {"kind": "last_n_days", "n": 1}, [1, 2]),
    ("day", "relative_date", {"kind": "next_n_days", "n": 5}, [1, 3]),
    ("day", "is_null", None, [5]),
    ("at", "eq", "2026-11-25", [1]),
    ("at", "gte", "2026-11-25T02:00:00+02:00", [1, 3]),
    ("at", "lt", "2026-11-24T23:59:59.6", [2, 4]),
    ("at", "relative_date", {"kind": "today"}, [1, 3]),
    ("at", "relative_date", {"kind": "this_year"}, [1, 2, 3, 4]),
    ("instant", "eq", "2026-11-24T23:00:00Z", [2]),
    ("instant", "eq", "2026-11-25", [1]),
    ("instant", "relative_date", {"kind": "today"}, [1, 3]),
    ("instant", "relative_date", {"kind": "this_year"}, [1, 2, 3]),
    ("clock", "eq", "10:00", [2]),
    ("clock", "gt", "10:00:00", [3, 4]),
    ("clock", "between", {"from": "08:00", "to": "10:00:00.5"}, [1, 2, 3]),
    ("clock", "not_in", ["10:00"], [1, 3, 4, 5]),
    ("done", "is_true", None, [1, 3]),
    ("done", "is_false", None, [2, 4]),
    ("done", "is_null", None, [5]),
    ("raw", "is_null", None, [5]),
    ("raw", "is_not_null", None, [1, 2, 3, 4]),
]  # fmt: skip


@pytest.fixture(scope="module")
def engine(store: Store) -> Engine:
    store.rows_of_table("t", COLUMNS, [[*row, None if row[1] is None else b"a"] for row in ROWS])
    return store.engine()


def rows(engine: Engine, *pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    sent = [(name, value if isinstance(value, str) else encode(value)) for name, value in pairs]
    read = engine.open_rows(DEFINITION, plan(parse_query(sent), engine.describe(DEFINITION), TODAY))
    try:
        return [json.loads(line) for line in b"".join(read).splitlines()]
    finally:
        read.close()


@pytest.mark.parametrize(("column", "operator", "value", "ids"), CASES)
def test_a_filter_keeps_these_rows(engine: Engine, column: str, operator: str, value: Any, ids: list[int]) -> None:
    rule = {"column": column, "operator": operator} | ({} if value is None else {"value": value})

    found = rows(engine, ("column", "id"), ("filter", [rule]), ("sort", [{"column": "id", "direction": "asc"}]))

    assert [row["id"] for row in found] == ids


def test_filters_are_joined_by_and(engine: Engine) -> None:
    rules = [{"column": "done", "operator": "is_true"}, {"column": "n", "operator": "gt", "value": 1}]

    assert rows(engine, ("column", "id"), ("filter", rules)) == [{"id": 3}]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_rows_without_a_value_come_last_in_either_direction(engine: Engine, direction: str) -> None:
    order = [{"column": "done", "direction": "asc"}, {"column": "text", "direction": direction}]
    texts = {"asc": [4, 2, 3, 1, 5], "desc": [1, 3, 2, 4, 5]}[direction]

    assert [row["id"] for row in rows(engine, ("column", "id"), ("column", "text"), ("sort", order[1:]))] == texts
    assert [row["id"] for row in rows(engine, ("column", "done"), ("column", "id"), ("sort", order[:1]))][-1] == 5


def test_groups_have_their_labels_count_and_order(engine: Engine) -> None:
    found = rows(
        engine, ("column", "done"), ("column", "n"), ("column", "text"), ("column", "price"),
        ("aggregation", [
            {"column": "n", "function": "SUM"}, {"column": "n", "function": "AVG"},
            {"column": "text", "function": "STRING_AGG"}, {"column": "text", "function": "COUNT_DISTINCT"},
            {"column": "price", "function": "MAX"},
        ]),
        ("sort", [{"column": "n", "direction": "desc"}]),
    )  # fmt: skip

    assert found == [
        {"done": True, "n | SUM": "9007199254740994", "n | AVG": 4503599627370497.0, "text | STRINGAGG": "a%_b, apple",
         "text | COUNTUNIQUE": 2, "price | MAX": "10.01", "Row Count": 2},
        {"done": False, "n | SUM": -5, "n | AVG": -2.5, "text | STRINGAGG": ", Apple", "text | COUNTUNIQUE": 2,
         "price | MAX": "10.00", "Row Count": 2},
        {"done": None, "n | SUM": None, "n | AVG": None, "text | STRINGAGG": None, "text | COUNTUNIQUE": 0,
         "price | MAX": None, "Row Count": 1},
    ]  # fmt: skip


def test_having_and_a_grand_total(engine: Engine) -> None:
    total = [("column", "n"), ("aggregation", [{"column": "n", "function": "MIN"}])]
    rule = {"column": "n", "function": "MIN", "operator": "gt"}

    assert rows(engine, *total) == [{"n | MIN": -5, "Row Count": 5}]
    assert rows(engine, *total, ("filter", [rule | {"value": -6}])) == [{"n | MIN": -5, "Row Count": 5}]
    assert rows(engine, *total, ("filter", [rule | {"value": -5}])) == []


@pytest.mark.parametrize(
    ("column", "unit", "zone", "starts"),
    [
        ("day", "WEEK", None, ["2025-12-29", "2026-11-23", "2026-11-30", None]),
        ("day", "QUARTER", None, ["2025-10-01", "2026-10-01", None]),
        ("at", "DAY", None, ["2026-01-01T00:00:00", "2026-11-24T00:00:00", "2026-11-25T00:00:00", None]),
        ("at", "DAY", "Asia/Tokyo", ["2026-01-01T00:00:00", "2026-11-25T00:00:00", "2026-11-26T00:00:00", None]),
        ("instant", "YEAR", None, ["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z", None]),
        ("instant", "DAY", "Europe/Kyiv", ["2026-01-01T00:00:00", "2026-11-25T00:00:00", "2026-11-26T00:00:00", None]),
    ],
)
def test_buckets_begin_here(engine: Engine, column: str, unit: str, zone: str | None, starts: list[str | None]) -> None:
    rule = {"column": column, "unit": unit, "timeZone": zone}
    order = [{"column": column, "direction": "asc"}]

    found = rows(engine, ("column", column), ("dateTrunc", [rule]), ("sort", order))

    assert found == [{column: start} for start in starts]

"""Filters, aggregates and buckets over what SQLite alone can hold, and patterns that would take for ever."""

import json
import sqlite3
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from owox.reading.engines import Engine, StorageError, sqlite_functions
from owox.reading.fields import Field, Function
from owox.reading.query import parse_query
from owox.reading.rules import plan
from tests.reading.conftest import read
from tests.reading.encoded import encode
from tests.reading.test_sqlite_values import made

TODAY = date(2026, 11, 25)
ROWS = [
    [1, "b", 5, 1.1, "2026-11-25 10:00:00", "2026-11-25", "10:00:00", True],
    [2, "B", "five", "x", "2026-11-25T12:00:00+02:00", "2026-11-25 23:00", "10:00", False],
    [3, "a\x00b", 5.5, 2.2, 1764000000, 1764000000, 7, 2],
    [4, b"b", b"\x05", b"\x05", "no date", "2026-02-30", "no time", "true"],
    [5, None, None, None, None, None, None, None],
]
COLUMNS = (
    "id INTEGER, v TEXT COLLATE NOCASE, n INTEGER, p DECIMAL(9,2), at DATETIME, day DATE, clock TIME, done BOOLEAN"
)
CASES: list[tuple[str, str, Any, list[int]]] = [
    ("v", "eq", "b", [1]),
    ("v", "neq", "b", [2, 3, 4, 5]),
    ("v", "in", ["B", "x"], [2]),
    ("v", "contains", "b", [1, 3]),
    ("v", "not_contains", "b", [2, 4, 5]),
    ("v", "starts_with", "a", [3]),
    ("v", "ends_with", "b", [1, 3]),
    ("v", "regex", "b", [1, 3]),
    ("v", "regex", "^b$", [1]),
    ("v", "not_regex", "b", [2, 4, 5]),
    ("n", "gt", 4, [1, 3]),
    ("n", "gte", 5.5, [3]),
    ("n", "lt", 1e300, [1, 3]),
    ("n", "eq", 5.5, [3]),
    ("n", "neq", 5, [2, 3, 4, 5]),
    ("n", "lt", "5.00000000000000000001", [1]),
    ("n", "gte", "5.00000000000000000001", [3]),
    ("n", "gt", "4.99999999999999999999", [1, 3]),
    ("p", "gt", 1.1, [3]),
    ("p", "between", {"from": "1", "to": "2.2"}, [1, 3]),
    ("at", "eq", "2026-11-25T10:00:00", [1, 2]),
    ("at", "neq", "2026-11-25T10:00:00", [3, 4, 5]),
    ("at", "gt", "2020-01-01", [1, 2]),
    ("at", "relative_date", {"kind": "today"}, [1, 2]),
    ("day", "eq", "2026-11-25", [1, 2]),
    ("day", "relative_date", {"kind": "this_year"}, [1, 2]),
    ("day", "is_not_null", None, [1, 2, 3, 4]),
    ("clock", "eq", "10:00", [1, 2]),
    ("clock", "not_in", ["10:00"], [3, 4, 5]),
    ("done", "is_true", None, [1]),
    ("done", "is_false", None, [2]),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    rows = [(f"INSERT INTO t VALUES ({', '.join('?' * len(row))})", row) for row in ROWS]
    return made(tmp_path_factory.mktemp("controls"), f"CREATE TABLE t ({COLUMNS})", *rows)


def rows(engine: Engine, *pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    sent = [(name, value if isinstance(value, str) else encode(value)) for name, value in pairs]
    fields = [Field(f.name, f.type, aggregations=tuple(Function)) for f in engine.describe({"fullyQualifiedName": "t"})]
    opened = engine.open_rows({"fullyQualifiedName": "t"}, plan(parse_query(sent), fields, TODAY))
    try:
        return [json.loads(line) for line in b"".join(opened).splitlines()]
    finally:
        opened.close()


@pytest.mark.parametrize(("column", "operator", "value", "ids"), CASES)
def test_a_value_of_another_kind_is_different_from_everything(
    engine: Engine, column: str, operator: str, value: Any, ids: list[int]
) -> None:
    rule = {"column": column, "operator": operator} | ({} if value is None else {"value": value})

    found = rows(engine, ("column", "id"), ("filter", [rule]), ("sort", [{"column": "id", "direction": "asc"}]))

    assert [row["id"] for row in found] == ids


def aggregated(engine: Engine, column: str, *functions: str) -> list[Any]:
    rules = [{"column": column, "function": function} for function in functions]
    [row] = rows(engine, ("column", column), ("aggregation", rules))
    return list(row.values())[:-1]


@pytest.mark.parametrize(
    ("column", "functions", "values"),
    [
        ("n", ["SUM", "AVG", "MIN", "MAX", "COUNT", "COUNT_DISTINCT"], [10.5, 5.25, 5, 5.5, 4, 4]),
        ("n", ["P25", "P50", "P75", "P95"], [5.125, 5.25, 5.375, 5.475]),
        ("p", ["SUM", "AVG", "MIN", "MAX", "P50"], ["3.30", 1.65, "1.10", "2.20", 1.6500000000000001]),
        ("at", ["MIN", "MAX", "COUNT"], ["2026-11-25T10:00:00", "2026-11-25T10:00:00", 4]),
        ("v", ["MIN", "MAX", "ANY_VALUE"], ["B", "b", "B"]),
        ("v", ["STRING_AGG"], ["B, a\x00b, b, b"]),
        ("at", ["STRING_AGG"], ["1764000000, 2026-11-25T10:00:00, 2026-11-25T10:00:00, no date"]),
        ("done", ["COUNT", "COUNT_DISTINCT"], [4, 4]),
    ],
)
def test_a_value_of_another_kind_is_left_out_of_aggregates(
    engine: Engine, column: str, functions: list[str], values: list[Any]
) -> None:
    assert aggregated(engine, column, *functions) == values


@pytest.mark.parametrize(
    ("values", "total", "mean"),
    [
        ([2**63 - 1, 2**63 - 1, 1], "18446744073709551615", 6148914691236517205.0),
        ([-(2**63), -(2**63)], "-18446744073709551616", -9.223372036854775808e18),
        ([2**62, -(2**62), 7], 7, 7 / 3),
        ([-1, -1], -2, -1.0),
        ([2**53, 1], "9007199254740993", 4503599627370496.0),
        ([1, 0.5], 1.5, 0.75),
        ([None], None, None),
        ([], None, None),
    ],
)
def test_whole_numbers_add_up_exactly(tmp_path: Path, values: list[Any], total: Any, mean: Any) -> None:
    engine = made(tmp_path, "CREATE TABLE t (n INTEGER)", *[("INSERT INTO t VALUES (?)", [value]) for value in values])

    assert aggregated(engine, "n", "SUM", "AVG") == [total, mean]


def test_decimals_add_up_exactly(tmp_path: Path) -> None:
    values = [0.1] * 10 + [0.2, 1e15, -1e15, 7]
    engine = made(tmp_path, "CREATE TABLE t (n DECIMAL(20,2))", *[("INSERT INTO t VALUES (?)", [v]) for v in values])

    assert aggregated(engine, "n", "SUM", "AVG", "COUNT") == ["8.20", 0.5857142857142857, 14]


def test_sums_that_are_text_are_ordered_and_compared_as_numbers(tmp_path: Path) -> None:
    pairs = [("a", 5), ("b", 2**63 - 1), ("b", 2**63 - 1), ("c", -(2**63)), ("c", -(2**63)), ("d", None)]
    engine = made(
        tmp_path, "CREATE TABLE t (k TEXT, n INTEGER)", *[("INSERT INTO t VALUES (?, ?)", [*p]) for p in pairs]
    )
    asked = [("column", "k"), ("column", "n"), ("aggregation", [{"column": "n", "function": "SUM"}])]
    order = ("sort", [{"column": "n", "direction": "asc"}])
    above = ("filter", [{"column": "n", "function": "SUM", "operator": "gt", "value": 0}])

    assert [row["k"] for row in rows(engine, *asked, order)] == ["c", "a", "b", "d"]
    assert [row["k"] for row in rows(engine, *asked, order, above)] == ["a", "b"]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_text_is_ordered_by_code_point_and_searched_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    texts = ["b", "\u0141", "Ab", "\uffee", "\U0001f986", "\u0100", "a\x00b"]
    inserts = [("INSERT INTO t VALUES (?)", [text]) for text in texts]
    engine = made(tmp_path, f"PRAGMA encoding = '{encoding}'", "CREATE TABLE t (v TEXT COLLATE NOCASE)", *inserts)

    def kept(operator: str, value: str) -> list[str]:
        rule = {"column": "v", "operator": operator, "value": value}
        order = [{"column": "v", "direction": "asc"}]
        return [row["v"] for row in rows(engine, ("filter", [rule]), ("sort", order))]

    assert kept("neq", "") == sorted(texts)
    assert kept("ends_with", "b") == ["Ab", "a\x00b", "b"]
    assert kept("starts_with", "\u0141") == kept("regex", "^\u0141$") == kept("contains", "\u0141") == ["\u0141"]
    assert aggregated(engine, "v", "STRING_AGG", "MAX") == [", ".join(sorted(texts)), "\U0001f986"]


def test_a_collation_that_only_its_program_knows_is_told_with_what_to_do(tmp_path: Path) -> None:
    made(tmp_path)
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.create_collation("theirs", lambda one, other: (one < other) - (one > other))
        connection.execute("CREATE TABLE t (v TEXT COLLATE theirs)")
        connection.execute("INSERT INTO t VALUES ('a'), ('b')")
    connection.close()
    engine = made(tmp_path)

    with pytest.raises(StorageError, match=r"^no such collation sequence: theirs; read such columns by SQL that adds"):
        engine.describe({"fullyQualifiedName": "t"})

    sql = "SELECT v COLLATE BINARY AS v FROM t ORDER BY v COLLATE BINARY"
    assert [row["v"] for row in read(engine, {"sqlQuery": sql})] == ["a", "b"]


@pytest.mark.parametrize(
    ("unit", "zone", "starts"),
    [
        ("DAY", None, ["2026-11-25T00:00:00", None]),
        ("WEEK", None, ["2026-11-23T00:00:00", None]),
        ("MONTH", None, ["2026-11-01T00:00:00", None]),
        ("QUARTER", "Asia/Tokyo", ["2026-10-01T00:00:00", None]),
        ("YEAR", "America/New_York", ["2026-01-01T00:00:00", None]),
    ],
)
def test_what_is_no_date_has_no_bucket(engine: Engine, unit: str, zone: str | None, starts: list[str | None]) -> None:
    bucket = ("dateTrunc", [{"column": "at", "unit": unit, "timeZone": zone}])

    found = rows(engine, ("column", "at"), bucket, ("sort", [{"column": "at", "direction": "asc"}]))

    assert [row["at"] for row in found] == starts


def test_percentiles_of_too_many_values_are_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_functions, "QUANTILE_VALUES", 1)

    with pytest.raises(StorageError, match="Percentiles of more than 1 values"):
        aggregated(engine, "n", "P50")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$"])
def test_a_pattern_that_backtracks_for_ever_is_stopped(tmp_path: Path, pattern: str) -> None:
    engine = made(tmp_path, "CREATE TABLE t (v TEXT)", ("INSERT INTO t VALUES (?)", ["a" * 5_000 + "!"]))
    started = time.monotonic()

    with pytest.raises(StorageError, match="The regular expression takes longer than 1 second on one value"):
        rows(engine, ("filter", [{"column": "v", "operator": "regex", "value": pattern}]))

    assert time.monotonic() - started < 10

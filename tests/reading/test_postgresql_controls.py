"""Output controls on the types that only PostgreSQL has: results worked out by hand."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from owox.reading.engines import StorageError
from owox.reading.fields import Field, supported
from owox.reading.query import OutputControlsError, parse_query
from owox.reading.rules import plan
from tests.infra.postgres import Postgres
from tests.reading.encoded import encode
from tests.reading.stores import Store, postgresql_store

LONG = "é" * 31
COLUMNS = (
    "id INTEGER, big BIGINT, exact NUMERIC(10, 2), any_exact NUMERIC, double DOUBLE PRECISION, padded CHAR(5),"
    " ci citext, mood mood, done BOOLEAN, doc JSONB, raw_doc JSON, list INTEGER[], pair pair, bytes BYTEA, uuid UUID,"
    f' "{LONG}" TEXT, place POINT, at TIMESTAMP, instant TIMESTAMP WITH TIME ZONE, amount amount'
)
ROWS: list[list[Any]] = [
    [1, 9223372036854775807, "1.10", "1e30", 0.5, "ab", "Ab", "low", True, '{"a": 1}', '{"a": 1}', "{1}", "(1,x)",
     b"a", "d4f6a7a2-0000-4000-8000-000000000001", "z", "(1,2)", "2026-03-29 00:30", "2026-03-29 00:30+00", "1.10"],
    [2, 1, "2.20", "0.001", "NaN", "AB", "aB", "high", False, '{"a": 1}', '{"a":  1}', "{1}", "(1,x)",
     b"a", "d4f6a7a2-0000-4000-8000-000000000001", "Z", "(1,2)", "2026-07-01 22:30", "2026-07-01 22:30+00", "2.20"],
    [3] + [None] * 19,
]  # fmt: skip


@pytest.fixture(scope="module")
def store(postgres: Postgres) -> Iterator[Store]:
    with postgresql_store(postgres) as store:
        for statement in (
            "CREATE EXTENSION citext",
            "CREATE TYPE mood AS ENUM ('low', 'high')",
            "CREATE TYPE pair AS (a INTEGER, b TEXT)",
            "CREATE DOMAIN amount AS NUMERIC(10, 2)",
        ):
            store.execute(statement, [])
        store.rows_of_table("t", COLUMNS, ROWS)
        yield store


def rows(store: Store, *pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    engine, definition = store.engine(), {"fullyQualifiedName": "t"}
    fields = [
        replace(field, aggregations=tuple(function.value for function in supported(field.type)))
        for field in engine.describe(definition)
    ]
    sent = [(name, value if isinstance(value, str) else encode(value)) for name, value in pairs]
    read = engine.open_rows(definition, plan(parse_query(sent), fields, date(2026, 11, 25)))
    try:
        return [json.loads(line) for line in b"".join(read).splitlines()]
    finally:
        read.close()


@pytest.mark.parametrize(
    ("column", "operator", "value", "ids"),
    [
        ("big", "eq", "9223372036854775807", [1]),
        ("big", "lte", "9223372036854775806.5", [2]),
        ("big", "lt", "9223372036854775808", [1, 2]),
        ("big", "gt", "-9223372036854775809", [1, 2]),
        ("big", "gt", "99999999999999999999", []),
        ("any_exact", "eq", "1000000000000000000000000000000", [1]),
        ("any_exact", "eq", "0.001", [2]),
        ("any_exact", "neq", "0.001", [1, 3]),
        ("exact", "eq", "1.1", [1]),
        ("exact", "gt", "1.099999999999", [1, 2]),
        ("amount", "in", [1.1, 5], [1]),
        ("double", "gt", 0.4, [1, 2]),
        ("double", "lt", 1e300, [1]),
        ("padded", "eq", "ab", [1]),
        ("padded", "ends_with", "b", [1]),
        ("padded", "contains", " ", []),
        ("ci", "eq", "Ab", [1]),
        ("ci", "contains", "B", [2]),
        ("ci", "regex", "^A", [1]),
        ("mood", "eq", "low", [1]),
        ("mood", "neq", "low", [2, 3]),
        ("mood", "in", ["low", "never"], [1]),
        ("mood", "contains", "ig", [2]),
        ("mood", "regex", "^l", [1]),
        (LONG, "starts_with", "z", [1]),
    ],
)
def test_a_filter_keeps_these_rows(store: Store, column: str, operator: str, value: Any, ids: list[int]) -> None:
    rule = {"column": column, "operator": operator, "value": value}

    found = rows(store, ("column", "id"), ("filter", [rule]), ("sort", [{"column": "id", "direction": "asc"}]))

    assert [row["id"] for row in found] == ids


@pytest.mark.parametrize(
    ("column", "function", "label", "value"),
    [
        ("big", "SUM", "SUM", "9223372036854775808"),
        ("big", "AVG", "AVG", 4611686018427387904.0),
        ("id", "SUM", "SUM", 6),
        ("exact", "SUM", "SUM", "3.30"),
        ("amount", "SUM", "SUM", "3.30"),
        ("amount", "AVG", "AVG", 1.65),
        ("any_exact", "MAX", "MAX", "1000000000000000000000000000000"),
        ("double", "SUM", "SUM", "NaN"),
        ("double", "MIN", "MIN", 0.5),
        ("double", "MAX", "MAX", "NaN"),
        ("id", "P25", "P25", 1.5),
        ("id", "P50", "MEDIAN", 2),
        ("id", "P95", "P95", 2.9),
        ("padded", "STRING_AGG", "STRINGAGG", "AB, ab"),
        ("ci", "COUNT_DISTINCT", "COUNTUNIQUE", 2),
        ("ci", "MIN", "MIN", "Ab"),
        ("mood", "ANY_VALUE", "ANYVALUE", "high"),
        ("mood", "MAX", "MAX", "low"),
        ("mood", "STRING_AGG", "STRINGAGG", "high, low"),
        ("done", "ANY_VALUE", "ANYVALUE", False),
        ("doc", "ANY_VALUE", "ANYVALUE", {"a": 1}),
        ("raw_doc", "COUNT", "COUNT", 2),
        ("list", "ANY_VALUE", "ANYVALUE", [1]),
        ("pair", "ANY_VALUE", "ANYVALUE", {"a": 1, "b": "x"}),
        ("bytes", "ANY_VALUE", "ANYVALUE", "YQ=="),
        ("place", "ANY_VALUE", "ANYVALUE", "(1,2)"),
        ("instant", "MAX", "MAX", "2026-07-01T22:30:00Z"),
        ("instant", "STRING_AGG", "STRINGAGG", "2026-03-29T00:30:00Z, 2026-07-01T22:30:00Z"),
        ("at", "STRING_AGG", "STRINGAGG", "2026-03-29T00:30:00, 2026-07-01T22:30:00"),
        (LONG, "COUNT_DISTINCT", "COUNTUNIQUE", 2),
        (LONG, "MIN", "MIN", "Z"),
    ],
)
def test_an_aggregate_gives_this_under_its_whole_label(
    store: Store, column: str, function: str, label: str, value: Any
) -> None:
    [row] = rows(store, ("column", column), ("aggregation", [{"column": column, "function": function}]))

    assert row == {f"{column} | {label}": value, "Row Count": 3}
    assert type(row[f"{column} | {label}"]) is type(value) or isinstance(value, float)


@pytest.mark.parametrize(
    ("column", "groups"),
    [
        ("doc", [({"a": 1}, 3), (None, 3)]),
        ("raw_doc", [({"a": 1}, 3), (None, 3)]),
        ("list", [([1], 3), (None, 3)]),
        ("pair", [({"a": 1, "b": "x"}, 3), (None, 3)]),
        ("place", [("(1,2)", 3), (None, 3)]),
        ("uuid", [("d4f6a7a2-0000-4000-8000-000000000001", 3), (None, 3)]),
        ("ci", [("Ab", 1), ("aB", 2), (None, 3)]),
        ("padded", [("AB", 2), ("ab", 1), (None, 3)]),
        ("mood", [("high", 2), ("low", 1), (None, 3)]),
        ("double", [(0.5, 1), ("NaN", 2), (None, 3)]),
    ],
)
def test_values_of_any_type_make_groups_and_an_order(store: Store, column: str, groups: list[tuple[Any, int]]) -> None:
    found = rows(
        store, ("column", column), ("column", "id"), ("aggregation", [{"column": "id", "function": "SUM"}]),
        ("sort", [{"column": column, "direction": "asc"}]),
    )  # fmt: skip

    assert [(row[column], row["id | SUM"]) for row in found] == groups


@pytest.mark.parametrize(
    ("column", "zone", "days"),
    [
        ("instant", "CET", ["2026-03-29T00:00:00", "2026-07-02T00:00:00"]),
        ("instant", "Etc/GMT-1", ["2026-03-29T00:00:00", "2026-07-01T00:00:00"]),
        ("instant", "WET", ["2026-03-29T00:00:00", "2026-07-01T00:00:00"]),
        ("at", "EET", ["2026-03-29T00:00:00", "2026-07-02T00:00:00"]),
        ("instant", "EST", ["2026-03-28T00:00:00", "2026-07-01T00:00:00"]),
    ],
)
def test_zones_that_postgresql_takes_for_abbreviations_know_summer(
    store: Store, column: str, zone: str, days: list[str]
) -> None:
    found = rows(
        store, ("column", column), ("dateTrunc", [{"column": column, "unit": "DAY", "timeZone": zone}]),
        ("sort", [{"column": column, "direction": "asc"}]),
    )  # fmt: skip

    assert [row[column] for row in found] == [*days, None]


@pytest.mark.parametrize(
    ("column", "operator", "value"),
    [("page", "eq", "page-77"), ("page", "in", ["page-1", "page-2"]), ("name", "eq", "page-77"), ("n", "eq", 77),
     ("n", "between", {"from": 5, "to": 7}), ("day", "eq", "2026-11-25"), ("at", "gte", "2080-01-01")],
)  # fmt: skip
def test_a_filter_is_looked_up_in_an_index(store: Store, column: str, operator: str, value: Any) -> None:
    table = f"indexed_{column}_{operator}"
    store.execute(
        f"CREATE TABLE {table} AS SELECT n, 'page-' || n AS page, CAST('page-' || n AS varchar(20)) AS name,"
        " date '2026-01-01' + n AS day, timestamptz '2026-01-01' + n * interval '1 day' AS at"
        " FROM generate_series(1, 20000) AS n",
        [],
    )
    store.execute(f"CREATE INDEX ON {table} ({column})", [])
    store.execute(f"ANALYZE {table}", [])
    definition = {"sqlQuery": f"SELECT * FROM {table} WHERE n > 0"}
    engine = store.engine()
    query = parse_query([("filter", encode([{"column": column, "operator": operator, "value": value}]))])

    read = engine.open_rows(definition, plan(query, engine.describe(definition), date(2026, 11, 25)))
    assert 0 < len(b"".join(read).splitlines()) < 5000
    read.close()

    # Counted by the server once the reader has left.
    asserted = "DO $$ BEGIN FOR i IN 1..100 LOOP IF (SELECT idx_scan > 0 FROM pg_stat_user_tables WHERE relname = '{}')"
    asserted += (
        " THEN RETURN; END IF; PERFORM pg_sleep(0.05), pg_stat_clear_snapshot(); END LOOP; RAISE 'no index'; END $$"
    )
    store.execute(asserted.format(table), [])


@pytest.mark.parametrize("pattern", ["(?=a)(?P<n>a)", "(a)\\1\\p{L}", "a{256}"])
def test_a_pattern_that_postgresql_does_not_know_is_the_callers_mistake(store: Store, pattern: str) -> None:
    with pytest.raises(OutputControlsError) as caught:
        rows(store, ("column", "id"), ("filter", [{"column": "ci", "operator": "regex", "value": pattern}]))

    assert caught.value.errors == [{"code": "INVALID_REGEX_PATTERN", "column": "ci", "pattern": pattern}]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a.c", "a\nc", True),
        ("^b", "a\nb", False),
        ("a$", "a\n", False),
        ("[^a]", "ü", True),
        ("^.$", "\U0001f986", True),
        ("a|b", "xb", True),
        ("(ab){2,3}$", "xababab", True),
        ("^a*b+c?$", "bbc", True),
        ("A", "a", False),
        ("", "", True),
        ("\\.", "a", False),
        ("[a-c]{2}", "zbaz", True),
    ],
)
def test_the_common_regular_expressions_mean_the_same(store: Store, pattern: str, text: str, found: bool) -> None:
    engine = store.engine()
    field = Field("v", "TEXT")
    query = parse_query([("filter", encode([{"column": "v", "operator": "regex", "value": pattern}]))])
    sql = "SELECT '" + text.replace("'", "''") + "' AS v"

    read = engine.open_rows({"sqlQuery": sql}, plan(query, [field], date(2026, 11, 25)))

    assert bool(list(read)) is found
    read.close()


def test_a_catastrophic_pattern_ends_with_the_time_limit(store: Store) -> None:
    rule = {"column": "v", "operator": "regex", "value": r"^(.+)(.+)(.+)\1\2\3(.)(?!.)"}
    query = parse_query([("filter", encode([rule]))])
    sql = "SELECT repeat('ab', 300) || 'x' AS v"

    with pytest.raises(StorageError, match=r"longer than 0\.5 seconds"):
        store.engine(0.5).open_rows({"sqlQuery": sql}, plan(query, [Field("v", "TEXT")], date(2026, 11, 25)))

"""Any filter, order, bucket and aggregate gives the same rows on every engine."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from owox.reading.engines import Engine
from owox.reading.fields import Field, Function
from owox.reading.query import parse_query
from owox.reading.rules import plan
from tests.infra.postgres import Postgres
from tests.reading.encoded import encode
from tests.reading.stores import TYPES, made

TODAY = date(2026, 11, 25)
DEFINITION = {"fullyQualifiedName": "t"}
COLUMNS = (
    'id INTEGER, "text" VARCHAR(50), n BIGINT, price DECIMAL(12, 3), x DOUBLE, "day" DATE, "at" TIMESTAMP,'
    ' "instant" TIMESTAMP WITH TIME ZONE, clock TIME, done BOOLEAN'
)
VALUES: dict[str, list[Any]] = {
    "text": ["", "a", "A", "b", "ab", "aab", "a\nb", "a b", "%", "_", "a%", "\\", "'", '"', "é", "Ä", "z", "Z", "ß",
             "\U0001f986", "\uffee", "日本", "a.b", "[a]", "1", "1.5", " "],
    "n": [0, 1, -1, 2, 7, 2**31, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, -(2**63), 10**15],
    "price": ["0", "0.1", "0.001", "-0.001", "1.5", "10.005", "10.01", "999999999.999", "-999999999.999", "100"],
    "x": [0.0, 0.1, 0.1 + 0.2, 0.3, -1.5, 5e-324, 1.7976931348623157e308, 1e15, 2.5, 1e-7, 123456789.125],
    "day": ["2026-11-25", "2026-11-24", "2026-11-30", "2026-02-28", "2024-02-29", "2025-12-31", "2026-01-01",
            "1970-01-01", "0001-01-01", "9999-12-31"],
    "at": ["2026-11-25 00:00:00", "2026-11-24 23:59:59.999999", "2026-03-29 02:30:00", "2026-10-25 01:30:00",
           "2026-01-01 00:00:00.5", "1969-12-31 23:59:59", "2025-12-29 12:00:00"],
    "instant": ["2026-11-25 00:00:00+00", "2026-11-25 01:00:00+02", "2026-03-29 00:59:59+00", "2026-03-29 01:00:00+00",
                "2026-10-25 01:00:00.25+00", "1999-12-31 23:30:00-05"],
    "clock": ["00:00:00", "10:00:00", "10:00:00.5", "23:59:59.999999"],
    "done": [True, False],
}  # fmt: skip
COMPARED = ["eq", "neq", "gt", "lt", "gte", "lte"]
NUMBERS = st.one_of(
    st.sampled_from([0, 1, -1, 0.5, 10.005, "0.0005", "9007199254740992.5", 1e20, -1e300, "1e-400", 2**63, 0.30000001]),
    st.integers(-(2**64), 2**64), st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
ATOMS = st.one_of(
    st.sampled_from(["a", "b", "A", "z", "1", " ", "é", "日", "%", "_", "'", '"', ".", "\\.", "\\\\", "\\[", "[a-z]",
                     "[^a]", "[0-9]", "[a.]", "[^b-z ]"]),
)  # fmt: skip
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,255}"])).map(
            lambda two: f"({two[0]}){two[1]}"
        ),
    ),
    max_leaves=6,
).flatmap(lambda pattern: st.sampled_from([pattern, f"^{pattern}", f"{pattern}$", f"^({pattern})$"]))


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[dict[str, Engine]]:
    """All engines, each with the same rows: every value once, and rows of NULL between."""

    def postgres() -> Postgres:
        return request.getfixturevalue("postgres")

    longest = max(map(len, VALUES.values()))
    rows = [[at, *(values[at // 2] if at // 2 < len(values) and at % 5 else None for values in VALUES.values())]
            for at in range(2 * longest)]  # fmt: skip
    with ExitStack() as stack:
        found = {}
        for kind in TYPES:
            store = stack.enter_context(made(kind, Path(tmp_path_factory.mktemp("same")), postgres))
            store.rows_of_table("t", COLUMNS, rows)
            found[kind] = store.engine()
        yield found


def read(engine: Engine, pairs: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    sent = [(name, value if isinstance(value, str) else encode(value)) for name, value in pairs]
    fields = [Field(field.name, field.type, aggregations=tuple(Function)) for field in engine.describe(DEFINITION)]
    rows = engine.open_rows(DEFINITION, plan(parse_query(sent), fields, TODAY))
    try:
        return [json.loads(line) for line in b"".join(rows).splitlines()]
    finally:
        rows.close()


def values(column: str) -> st.SearchStrategy[Any]:
    own = st.sampled_from([str(value).replace(" ", "T") if column in {"at", "instant"} else value
                           for value in VALUES[column]])  # fmt: skip
    if column in {"n", "price", "x"}:
        return st.one_of(own, NUMBERS)
    if column in {"day", "at", "instant"}:
        return st.one_of(own, st.dates(date(1, 1, 2), date(9999, 12, 30)).map(str))
    return own


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Any]:
    column = draw(st.sampled_from(sorted(VALUES)))
    simple = ["is_null", "is_not_null"]
    if column == "done":
        return {"column": column, "operator": draw(st.sampled_from([*simple, "is_true", "is_false"]))}
    one = values(column)
    if column == "text":
        operators = ["eq", "neq", "contains", "not_contains", "starts_with", "ends_with", "regex", "not_regex", "in",
                     "not_in", "is_empty", "is_not_empty", *simple]  # fmt: skip
    else:
        operators = [*COMPARED, "between", "in", "not_in", *simple]
        operators += [] if column in {"n", "price", "x", "clock"} else ["relative_date"]
    operator = draw(st.sampled_from(operators))
    rule: dict[str, Any] = {"column": column, "operator": operator}
    if operator in {"regex", "not_regex"}:
        return rule | {"value": draw(PATTERNS)}
    if operator in {"in", "not_in"}:
        return rule | {"value": [str(value) for value in draw(st.lists(one, min_size=1, max_size=4))]}
    if operator == "between":
        return rule | {"value": {"from": str(draw(one)), "to": str(draw(one))}}
    if operator == "relative_date":
        kind = draw(st.sampled_from(["today", "this_week", "last_month", "this_quarter", "this_year", "last_n_months"]))
        return rule | {
            "value": {"kind": kind} | ({"n": draw(st.integers(1, 700))} if kind.endswith("_n_months") else {})
        }
    return rule if operator.startswith("is_") else rule | {"value": draw(one)}


SAME = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SAME
@given(rules=st.lists(filters(), min_size=1, max_size=2), by=st.sampled_from(sorted(VALUES)), descending=st.booleans())
def test_filters_and_orders_give_the_same_rows(
    engines: dict[str, Engine], rules: list[dict[str, Any]], by: str, descending: bool
) -> None:
    order = [{"column": by, "direction": "desc" if descending else "asc"}, {"column": "id", "direction": "asc"}]
    pairs = [("column", "id"), ("column", by), ("filter", rules), ("sort", order)]

    found = {kind: read(engine, pairs) for kind, engine in engines.items()}

    assert found["SQLITE"] == found["DUCKDB"] == found["POSTGRESQL"]


@SAME
@given(
    unit=st.sampled_from(["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"]),
    zone=st.sampled_from([None, "UTC", "Europe/Kyiv", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    column=st.sampled_from(["day", "at", "instant"]),
    aggregates=st.lists(
        st.sampled_from([
            ("n", "SUM"), ("n", "AVG"), ("n", "MIN"), ("price", "SUM"), ("price", "MAX"), ("price", "P25"),
            ("x", "MIN"), ("x", "P95"), ("text", "STRING_AGG"), ("text", "COUNT_DISTINCT"), ("text", "MAX"),
            ("clock", "MIN"), ("done", "COUNT"),
        ]), max_size=3, unique=True,
    ),
)  # fmt: skip
def test_buckets_and_aggregates_give_the_same_groups(
    engines: dict[str, Engine], unit: str, zone: str | None, column: str, aggregates: list[tuple[str, str]]
) -> None:
    rules = [{"column": name, "function": function} for name, function in aggregates]
    bucket = {"column": column, "unit": unit} | ({"timeZone": zone} if zone and column != "day" else {})
    # The calendars' ends differ: a week may begin before the year 1.
    within = {"column": column, "operator": "between", "value": {"from": "1900-01-01", "to": "2100-01-01"}}
    pairs = [("column", name) for name in dict.fromkeys([column, *(name for name, _ in aggregates)])]
    pairs += [("dateTrunc", [bucket]), ("filter", [within]), ("sort", [{"column": column, "direction": "asc"}])]
    pairs += [("aggregation", rules)] if rules else []

    found = {kind: [rounded(row) for row in read(engine, pairs)] for kind, engine in engines.items()}

    assert found["SQLITE"] == found["DUCKDB"] == found["POSTGRESQL"]


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Doubles are added up in another order by each engine."""
    return {name: float(f"{value:.12g}") if isinstance(value, float) else value for name, value in row.items()}

"""I4: whatever stands in a parameter, it is a value or a name, and the statement stays what it was."""

import json
from datetime import date
from typing import Any

import pytest

from owox.reading.compile import compile_plan
from owox.reading.dialect import Dialect
from owox.reading.engines import Engine
from owox.reading.engines.duckdb_dialect import DuckDbDialect
from owox.reading.engines.postgresql_dialect import PostgreSqlDialect
from owox.reading.engines.sqlite_dialect import SqliteDialect
from owox.reading.fields import Field
from owox.reading.query import QueryError, parse_query
from owox.reading.rules import plan
from tests.reading.encoded import encode
from tests.reading.stores import Store

TODAY = date(2026, 11, 25)
STARTS = ["'", '"', "')", '")', "1", "", "\\'", "%27", "$1", "?", "x' || '", "]", "*/", "`", "'))", "\u2019", "\n"]
MIDDLES = [
    " OR 1=1", " OR '1'='1", "; DROP TABLE t", " UNION SELECT secret FROM hidden", " UNION ALL SELECT 1, 2", " AND 1=0",
    "; ATTACH '/tmp/x'", "; COPY t TO '/tmp/x'", " || (SELECT secret FROM hidden)", " LIMIT 0",
    ") OR (1=1", " IS NULL OR TRUE",
]  # fmt: skip
ENDS = ["", " --", " /*", "; "]
STRINGS = [start + middle + end for start in STARTS for middle in MIDDLES for end in ENDS]


@pytest.fixture(scope="module")
def engine(store: Store) -> Engine:
    store.rows_of_table(
        "t", 'id INTEGER, "text" VARCHAR(200), "day" DATE', [[1, "plain", "2026-11-25"], [2, STRINGS[0], None]]
    )
    store.rows_of_table("hidden", "secret VARCHAR(20)", [["treasure"]])
    return store.engine()


def sent(name: str, rule: dict[str, Any]) -> list[tuple[str, str]]:
    return [("column", "id"), (name, encode([rule]))]


def test_there_are_five_hundred_and_more() -> None:
    assert len(set(STRINGS)) >= 500


@pytest.mark.parametrize(
    "dialect", [DuckDbDialect(), SqliteDialect(), PostgreSqlDialect({})], ids=lambda dialect: type(dialect).__name__
)
@pytest.mark.parametrize("operator", ["eq", "contains", "starts_with", "ends_with", "in"])
def test_a_value_never_becomes_sql(operator: str, dialect: Dialect) -> None:
    """I4: the statement is the same text whatever the value is."""
    fields = [Field("id", "INTEGER"), Field("text", "VARCHAR")]
    statements = set()
    for text in STRINGS:
        value = [text] if operator == "in" else text
        query = parse_query(sent("filter", {"column": "text", "operator": operator, "value": value}))
        made = compile_plan(plan(query, fields, TODAY), "t AS mart", dialect)
        statements.add(made.select + made.tail)
        assert made.values == (text,)

    assert len(statements) == 1


def test_a_value_finds_only_itself(engine: Engine) -> None:
    """I4: the result is that of the literal."""
    fields = engine.describe({"fullyQualifiedName": "t"})
    for at, text in enumerate(STRINGS[::20]):
        query = parse_query(sent("filter", {"column": "text", "operator": "eq", "value": text}))
        rows = engine.open_rows({"fullyQualifiedName": "t"}, plan(query, fields, TODAY))
        assert [json.loads(line)["id"] for line in b"".join(rows).splitlines()] == ([] if at else [2])
        rows.close()


@pytest.mark.parametrize("name", ["column", "columns", "limit", "filter", "sort", "aggregation", "dateTrunc"])
def test_a_parameter_that_is_no_name_of_a_column_is_refused(name: str) -> None:
    """I4: 400 for every other place that a string can stand in."""
    fields = [Field("id", "INTEGER"), Field("day", "DATE")]
    rules: dict[str, dict[str, Any]] = {
        "filter": {"operator": "is_null"}, "sort": {"direction": "asc"}, "aggregation": {"function": "COUNT"},
        "dateTrunc": {"unit": "DAY"},
    }  # fmt: skip
    for text in STRINGS:
        pairs = sent(name, {"column": text, **rules[name]}) if name in rules else [(name, text)]
        with pytest.raises(QueryError):
            plan(parse_query(pairs), fields, TODAY)


@pytest.mark.parametrize(
    ("name", "rule", "member"),
    [
        ("filter", {"column": "id", "operator": "eq", "value": 1}, "operator"),
        ("filter", {"column": "id", "operator": "eq", "value": 1}, "value"),
        ("filter", {"column": "id", "operator": "eq", "value": 1}, "function"),
        ("filter", {"column": "day", "operator": "eq", "value": "2026-11-25"}, "value"),
        ("sort", {"column": "id", "direction": "asc"}, "direction"),
        ("aggregation", {"column": "id", "function": "SUM"}, "function"),
        ("dateTrunc", {"column": "day", "unit": "DAY"}, "unit"),
        ("dateTrunc", {"column": "day", "unit": "DAY"}, "timeZone"),
    ],
)
def test_every_other_member_of_a_rule_is_refused(name: str, rule: dict[str, Any], member: str) -> None:
    """I4: an allow-list for what is no value of a text."""
    fields = [Field("id", "INTEGER"), Field("day", "DATE")]
    for text in STRINGS:
        pairs = [("column", "id"), ("column", "day"), (name, encode([rule | {member: text}]))]
        with pytest.raises(QueryError):
            plan(parse_query(pairs), fields, TODAY)


def test_a_name_of_a_column_may_be_anything(store: Store) -> None:
    """I4: names are quoted wherever they stand."""
    names = STRINGS[::25]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    store.rows_of_table("named", ", ".join(f"{each} INTEGER" for each in quoted), [list(range(len(names)))])
    engine = store.engine()
    fields = engine.describe({"fullyQualifiedName": "named"})

    for at, name in enumerate(names):
        rules = [("filter", encode([{"column": name, "operator": "eq", "value": at}]))]
        rules += [("sort", encode([{"column": name, "direction": "desc"}]))]
        rows = engine.open_rows(
            {"fullyQualifiedName": "named"}, plan(parse_query([("column", name), *rules]), fields, TODAY)
        )
        assert json.loads(b"".join(rows)) == {name: at}
        rows.close()

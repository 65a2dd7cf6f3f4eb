"""I4: whatever stands in a parameter, it is a value or a name, and the statement stays what it was."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from owox.reading.compile import compile_plan
from owox.reading.engines import DefinitionError, Engine, StorageError, open_engine
from owox.reading.engines.duckdb_dialect import DuckDbDialect
from owox.reading.fields import Field
from owox.reading.query import QueryError, parse_query
from owox.reading.rules import plan
from tests.reading.encoded import encode

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
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("injection") / "t.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS id, 'plain' AS \"text\", DATE '2026-11-25' AS \"day\"")
        connection.execute("INSERT INTO t SELECT 2, ?, NULL", [STRINGS[0]])
        connection.execute("CREATE TABLE hidden AS SELECT 'treasure' AS secret")
    return path


@pytest.fixture(scope="module")
def engine(path: Path) -> Engine:
    return open_engine("DUCKDB", {"path": str(path)})


def sent(name: str, rule: dict[str, Any]) -> list[tuple[str, str]]:
    return [("column", "id"), (name, encode([rule]))]


def test_there_are_five_hundred_and_more() -> None:
    assert len(set(STRINGS)) >= 500


@pytest.mark.parametrize("operator", ["eq", "contains", "starts_with", "ends_with", "in"])
def test_a_value_never_becomes_sql(operator: str) -> None:
    """I4: the statement is the same text whatever the value is."""
    fields = [Field("id", "INTEGER"), Field("text", "VARCHAR")]
    statements = set()
    for text in STRINGS:
        value = [text] if operator == "in" else text
        query = parse_query(sent("filter", {"column": "text", "operator": operator, "value": value}))
        made = compile_plan(plan(query, fields, TODAY), "t AS mart", DuckDbDialect())
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


def test_a_name_of_a_column_may_be_anything(tmp_path: Path) -> None:
    """I4: names are quoted wherever they stand."""
    names = STRINGS[::25]
    path = tmp_path / "names.duckdb"
    with duckdb.connect(str(path)) as connection:
        columns = ", ".join(f'{at} AS "{name.replace(chr(34), 2 * chr(34))}"' for at, name in enumerate(names))
        connection.execute(f"CREATE TABLE t AS SELECT {columns}")
    engine = open_engine("DUCKDB", {"path": str(path)})
    fields = engine.describe({"fullyQualifiedName": "t"})

    for at, name in enumerate(names):
        rules = [("filter", encode([{"column": name, "operator": "eq", "value": at}]))]
        rules += [("sort", encode([{"column": name, "direction": "desc"}]))]
        rows = engine.open_rows(
            {"fullyQualifiedName": "t"}, plan(parse_query([("column", name), *rules]), fields, TODAY)
        )
        assert json.loads(b"".join(rows)) == {name: at}
        rows.close()


def test_a_statement_that_takes_too_long_is_stopped(path: Path) -> None:
    engine = open_engine("DUCKDB", {"path": str(path)}, seconds=0.3)
    sql = "SELECT count(*) AS n FROM range(100000000000) WHERE hash(range) = 1"

    with pytest.raises(StorageError, match=r"longer than 0\.3 seconds"):
        engine.open_rows({"sqlQuery": sql}, plan(parse_query([]), [Field("n", "BIGINT")], TODAY))


@pytest.mark.parametrize(
    ("sql", "position"),
    [
        ("SELEC 1", r"\(line 1, column 1\)$"),
        ("SELECT 1,\n gone FROM t", r"\(line 2, column 2\)$"),
        ("SELECT gone FROM t", r"\(line 1, column 8\)$"),
        ("SELECT *\nFROM nothing", r"\(line 2, column 6\)$"),
    ],
)
def test_broken_sql_is_told_with_its_place(engine: Engine, sql: str, position: str) -> None:
    with pytest.raises(DefinitionError, match=position):
        engine.describe({"sqlQuery": sql})


def test_a_storage_says_whether_it_can_be_reached(engine: Engine, tmp_path: Path) -> None:
    engine.check()
    with pytest.raises(StorageError, match=r"no file or folder"):
        open_engine("DUCKDB", {"path": str(tmp_path / "gone")}).check()

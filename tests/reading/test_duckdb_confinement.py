"""A mart's definition reads its own file, does nothing else, and is exactly one SELECT or one name."""

from typing import Any

import pytest

from owox.reading.engines import DefinitionError, Engine, StorageError
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.reading.conftest import read


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM read_csv('https://example.com/a.csv')",
        "SELECT * FROM 's3://bucket/a.parquet'",
        'SELECT * FROM "/tmp/other.csv"',
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM query('COPY orders TO ''/tmp/stolen.csv''')",
        "SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/log')",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
        "SELECT getenv('HOME')",
        "SELECT * FROM engine",
    ],
)
def test_a_select_cannot_leave_its_file(engine: Engine, sql: str) -> None:
    with pytest.raises(StorageError):
        read(engine, {"sqlQuery": sql})


@pytest.mark.parametrize(
    "sql",
    [
        "",
        " ; ",
        "-- nothing",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE orders",
        "COPY orders TO '/tmp/stolen.csv'",
        "COPY (SELECT 1) TO '/tmp/stolen.csv'",
        "ATTACH '/tmp/other.duckdb'",
        "EXPORT DATABASE '/tmp/stolen'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 64",
        "RESET lock_configuration",
        "PRAGMA enable_profiling",
        "CALL enable_logging()",
        "CREATE TEMP TABLE t AS SELECT 1",
        "INSERT INTO orders VALUES (1, 'x')",
        "DELETE FROM orders",
        "PIVOT orders ON note",
        "EXPLAIN ANALYZE SELECT 1",
        "PREPARE p AS SELECT 1",
        "SELECT ?",
        "SELECT $name",
    ],
)
def test_anything_but_one_select_is_refused_before_it_runs(engine: Engine, sql: str) -> None:
    with pytest.raises(DefinitionError):
        engine.describe({"sqlQuery": sql})
    with pytest.raises(DefinitionError):
        engine.open_rows({"sqlQuery": sql}, all_of([Field("a", "VARCHAR")]))


@pytest.mark.parametrize("sql", ["SELECT 1) UNION (SELECT 2", "SELECT 1 /*", "SELEC 1", "SELECT 'a"])
def test_sql_that_only_holds_together_inside_the_read_is_refused(engine: Engine, sql: str) -> None:
    with pytest.raises(StorageError, match=r"Parser Error"):
        engine.describe({"sqlQuery": sql})


@pytest.mark.parametrize(
    "definition",
    [
        {},
        {"sqlQuery": None},
        {"sqlQuery": "SELECT 1", "fullyQualifiedName": "orders"},
        {"fullyQualifiedName": ""},
        {"fullyQualifiedName": "a.b.c.d"},
        {"fullyQualifiedName": "main..orders"},
        {"fullyQualifiedName": '"orders'},
        {"fullyQualifiedName": '"main"orders'},
        {"fullyQualifiedName": 7},
    ],
)
def test_a_definition_that_names_nothing_is_refused(engine: Engine, definition: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        engine.describe(definition)


@pytest.mark.parametrize("name", ["nothing", "orders; DROP TABLE orders", "(SELECT 1)", "range(5)", "'/etc/passwd'"])
def test_a_name_is_only_ever_a_name(engine: Engine, name: str) -> None:
    with pytest.raises(StorageError):
        engine.describe({"fullyQualifiedName": name})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 20_000,
        "SELECT * FROM " + "( ')' " * 5_000,
        "WITH a AS (" * 30 + "SELECT 1",
        "WITH a AS (/* )))) */" * 30 + "SELECT 1",
        "with a as ((" * 30 + "select 1",
        "SELECT E'\\')' " + "( " * 20_000,
        "SELECT $$'$$, " + "WITH a AS (/* /* */ */" * 30 + "SELECT 1",
    ],
)
def test_what_would_take_all_memory_to_parse_is_refused_before(engine: Engine, sql: str) -> None:
    """I2, I11: each of these takes gigabytes, and every other request waits for it."""
    with pytest.raises(DefinitionError, match="must not have more than"):
        engine.describe({"sqlQuery": sql})


def test_parentheses_that_are_closed_are_counted_together_only_in_depth(engine: Engine) -> None:
    sql = "SELECT '(((' AS text, " + "+".join(["(1)"] * 500) + " AS number -- ((((\n"

    assert [field.name for field in engine.describe({"sqlQuery": sql})] == ["text", "number"]

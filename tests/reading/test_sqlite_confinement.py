"""A definition over SQLite reads its own file, does nothing else, and is exactly one SELECT or one name."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from owox.reading.engines import DefinitionError, Engine, StorageError, open_engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.reading.conftest import read


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("confined") / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE orders (id INTEGER, note TEXT); INSERT INTO orders VALUES (1, 'a');"
        " CREATE VIEW evil AS SELECT load_extension('/tmp/x') AS x; CREATE VIEW odd AS SELECT gone FROM orders;"
        " CREATE VIRTUAL TABLE words USING fts5(body); INSERT INTO words VALUES ('hello world');"
        " CREATE TRIGGER spy INSTEAD OF INSERT ON evil BEGIN DELETE FROM orders; END;"
    )
    connection.close()
    return path


@pytest.fixture
def engine(path: Path) -> Engine:
    return open_engine("SQLITE", {"path": str(path)})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT load_extension('/tmp/x')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/stolen', note) FROM orders",
        "SELECT edit('x')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT sqlite_log(1, 'x')",
        "SELECT * FROM pragma_database_list",
        "SELECT * FROM pragma_table_info('orders')",
        "SELECT count(*) FROM pragma_function_list",
        "SELECT * FROM pragma_journal_mode('delete')",
        "SELECT * FROM dbstat",
        "SELECT * FROM sqlite_stmt",
        "SELECT * FROM sqlite_temp_master",
        "SELECT * FROM fts3tokenize('simple', 'x')",
        "SELECT * FROM fsdir('/etc')",
        "SELECT * FROM csv('/etc/passwd')",
        "SELECT * FROM zipfile('/etc/passwd')",
        "SELECT * FROM other.orders",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM evil",
        "SELECT * FROM odd",
        "SELECT * FROM owox_mart",
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
        "SELECT 1; ATTACH '/tmp/other.db' AS other",
        "ATTACH '/tmp/other.db' AS other",
        "DETACH main",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = ON",
        "VACUUM INTO '/tmp/stolen.db'",
        "CREATE TEMP TABLE t AS SELECT 1",
        "INSERT INTO orders VALUES (1, 'x')",
        "INSERT INTO orders SELECT 1, 'x' RETURNING *",
        "UPDATE orders SET id = 2",
        "DELETE FROM orders",
        "REPLACE INTO orders VALUES (1, 'x')",
        "WITH gone AS (SELECT 1) DELETE FROM orders",
        "EXPLAIN SELECT 1",
        "EXPLAIN QUERY PLAN SELECT 1",
        "BEGIN",
        "COMMIT",
        "ANALYZE",
        "REINDEX",
        "SELECT ?",
        "SELECT ?1",
        "SELECT :name",
        "SELECT @name",
        "SELECT $name",
        "SELECT 1) UNION (SELECT 2",
        "SELECT 1 AS a) AS b; --",
        "SELECT 1 /*",
        "SELEC 1",
        "SELECT 'a",
        "SELECT \x00 1",
    ],
)
def test_anything_but_one_select_is_refused_before_it_runs(engine: Engine, path: Path, sql: str) -> None:
    before = path.read_bytes()

    with pytest.raises(DefinitionError):
        engine.describe({"sqlQuery": sql})
    with pytest.raises(DefinitionError):
        engine.open_rows({"sqlQuery": sql}, all_of([Field("a", "TEXT")]))

    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "definition",
    [
        {},
        {"sqlQuery": None},
        {"sqlQuery": "SELECT 1", "fullyQualifiedName": "orders"},
        {"fullyQualifiedName": ""},
        {"fullyQualifiedName": "a.b.c"},
        {"fullyQualifiedName": "temp.owox_mart"},
        {"fullyQualifiedName": "other.orders"},
        {"fullyQualifiedName": "main..orders"},
        {"fullyQualifiedName": '"orders'},
        {"fullyQualifiedName": 7},
        {"fullyQualifiedName": "nothing"},
        {"fullyQualifiedName": "orders; DROP TABLE orders"},
        {"fullyQualifiedName": "(SELECT 1)"},
        {"fullyQualifiedName": "json_each('[1]')"},
        {"fullyQualifiedName": "dbstat"},
        {"fullyQualifiedName": "pragma_database_list"},
        {"fullyQualifiedName": "\ud800"},
        {"sqlQuery": "SELECT '\ud800'"},
    ],
)
def test_a_definition_that_names_nothing_is_refused(engine: Engine, definition: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        engine.describe(definition)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS n",
        "SELECT 1 AS n;",
        "SELECT 1 AS n;; ",
        "SELECT 1 AS n; -- the end",
        "-- the start\nSELECT 1 AS n -- the end",
        "/* ; */ SELECT 1 AS n",
        "WITH one AS (SELECT 1 AS n) SELECT * FROM one",
        "SELECT value AS n FROM json_each('[1]')",
        "SELECT count(*) AS n FROM words WHERE words MATCH 'hello'",
        "SELECT length(name) - 5 AS n FROM sqlite_master WHERE name = 'orders'",
        "SELECT id AS n FROM (SELECT id, row_number() OVER (ORDER BY id) AS r FROM orders) WHERE r = 1",
    ],
)
def test_one_select_in_any_dress_is_read(engine: Engine, sql: str) -> None:
    assert read(engine, {"sqlQuery": sql}) == [{"n": 1}]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", r'near "SELEC": syntax error \(line 1, column 1\)$'),
        (
            "\n DELETE FROM orders",
            r'^A definition must be exactly one SELECT statement: near "DELETE": .* \(line 2, column 2\)$',
        ),
        ("SELECT id, id\nFROM orders WHERE\n  id = = 1", r'^near "=": syntax error \(line 3, column 8\)$'),
        ("SELECT 1,\n gone FROM orders", r"no such column: gone \(line 2, column 2\)$"),
        ("SELECT o.gone FROM orders o", r"no such column: o\.gone \(line 1, column 8\)$"),
        ("SELECT *\nFROM nowhere", r"no such table: nowhere \(line 2, column 6\)$"),
        ("SELECT 'a'\n || 'b", r"unrecognized token: \"'b\" \(line 2, column 5\)$"),
        ("SELECT foo(1)", r"no such function: foo \(line 1, column 8\)$"),
    ],
)
def test_broken_sql_is_told_with_its_place(engine: Engine, sql: str, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        engine.describe({"sqlQuery": sql})

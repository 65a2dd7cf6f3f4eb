import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pytest

from owox.reading.engines import READ_FAILED, DefinitionError, Engine, StorageError, open_engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
from owox.reading.query import parse_query
from owox.reading.rules import plan
from tests.reading.conftest import LONG, opened, read
from tests.reading.encoded import encode


@pytest.mark.parametrize("name", ["orders", "main.orders", '"main"."orders"', "shop.main.orders", "MAIN.Orders"])
def test_a_table_is_read_by_its_name(engine: Engine, name: str) -> None:
    definition = {"fullyQualifiedName": name}

    assert engine.describe(definition) == (Field("id", "BIGINT"), Field("note", "VARCHAR"))
    assert read(engine, definition, 2) == [{"id": 0, "note": "text 0"}, {"id": 1, "note": "text 1"}]


def test_a_view_is_read_in_its_own_order(engine: Engine) -> None:
    assert [row["id"] for row in read(engine, {"fullyQualifiedName": "main.last_orders"})] == list(
        range(9999, 9989, -1)
    )


def test_names_with_dots_quotes_and_spaces_are_read(engine: Engine) -> None:
    assert read(engine, {"fullyQualifiedName": '"my.schema"."a ""b"'}) == [{"one": 1}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS n",
        "SELECT 1 AS n;",
        "SELECT 1 AS n;; ",
        "SELECT 1 AS n; -- the end",
        "-- the start\nSELECT 1 AS n -- the end",
        "/* ; */ SELECT 1 AS n",
        "(SELECT 1 AS n)",
        "WITH one AS (SELECT 1 AS n) SELECT * FROM one",
        "FROM (VALUES (1)) t(n)",
    ],
)
def test_one_select_in_any_dress_is_read(engine: Engine, sql: str) -> None:
    assert read(engine, {"sqlQuery": sql}) == [{"n": 1}]


def test_a_missing_file_is_not_made_and_its_folder_not_told(tmp_path: Path) -> None:
    engine = open_engine("DUCKDB", {"path": str(tmp_path / "gone.duckdb")})

    for call in (lambda: engine.describe({"sqlQuery": "SELECT 1"}), lambda: opened(engine, {"sqlQuery": "SELECT 1"})):
        with pytest.raises(StorageError, match=r"gone\.duckdb") as caught:
            call()
        assert str(tmp_path) not in str(caught.value)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "text.duckdb"
    path.write_text("no database" * 1000)

    with pytest.raises(StorageError, match="not a valid DuckDB"):
        open_engine("DUCKDB", {"path": str(path)}).describe({"sqlQuery": "SELECT 1"})


def test_an_sqlite_database_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (one INTEGER)")

    with pytest.raises(StorageError, match=r'"shop\.db" is an SQLite database') as caught:
        open_engine("DUCKDB", {"path": str(path)}).check()

    assert caught.value.code == READ_FAILED


@pytest.mark.parametrize(
    ("storage_type", "config"),
    [("DUCKDB", {}), ("DUCKDB", {"path": "shop.duckdb"}), ("DUCKDB", {"path": ":memory:"}), ("ORACLE", {"path": "/a"})],
)
def test_a_storage_that_cannot_be_opened_says_so(storage_type: str, config: dict[str, str]) -> None:
    with pytest.raises(StorageError):
        open_engine(storage_type, config)


def test_a_read_that_needs_too_much_memory_fails_and_spills_nothing(engine: Engine, shop_path: Path) -> None:
    with pytest.raises(StorageError, match="Out of Memory"):
        opened(engine, {"sqlQuery": "SELECT DISTINCT hash(range) AS h, range::VARCHAR AS r FROM range(40000000)"})

    assert [path.name for path in shop_path.parent.iterdir()] == ["shop.duckdb"]


def test_the_file_is_free_between_reads_and_an_exchanged_one_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    engine = open_engine("DUCKDB", {"path": str(path)})
    for version in (1, 2):
        with duckdb.connect(str(path)) as writer:
            writer.execute(f"CREATE OR REPLACE TABLE t AS SELECT {version} AS v")
        assert read(engine, {"fullyQualifiedName": "t"}) == [{"v": version}]
    with duckdb.connect(str(tmp_path / "new.duckdb")) as writer:
        writer.execute("CREATE TABLE t AS SELECT 3 AS v")
    (tmp_path / "new.duckdb").replace(path)

    assert read(engine, {"fullyQualifiedName": "t"}) == [{"v": 3}]


def test_memory_stays_flat_over_a_long_read(shop_path: Path) -> None:
    script = f"""
import resource
from owox.reading.engines import open_engine
from owox.reading.plan import all_of
engine = open_engine("DUCKDB", {{"path": {str(shop_path)!r}}})
definition = {LONG!r}
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
def pull(limit):
    rows = engine.open_rows(definition, all_of(engine.describe(definition), limit))
    lines = sum(piece.count(b"\\n") for piece in rows)
    rows.close()
    assert lines == limit
pull(200_000)
before = peak()
pull(5_000_000)
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)

    assert int(done.stdout) <= 64


def test_duckdb_is_loaded_by_the_first_storage_only() -> None:
    script = "import sys, owox.reading.stream, owox.demo; sys.exit('duckdb' in sys.modules or 'flask' in sys.modules)"

    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_a_statement_that_takes_too_long_is_stopped(shop_path: Path) -> None:
    engine = open_engine("DUCKDB", {"path": str(shop_path)}, seconds=0.3)
    sql = "SELECT count(*) AS n FROM range(100000000000) WHERE hash(range) = 1"

    with pytest.raises(StorageError, match=r"longer than 0\.3 seconds"):
        engine.open_rows({"sqlQuery": sql}, all_of([Field("n", "BIGINT")]))


@pytest.mark.parametrize(
    ("sql", "position"),
    [
        ("SELEC 1", r"\(line 1, column 1\)$"),
        ("SELECT 1,\n gone FROM orders", r"\(line 2, column 2\)$"),
        ("SELECT gone FROM orders", r"\(line 1, column 8\)$"),
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


@pytest.mark.parametrize(
    ("operator", "value", "moods"),
    [
        ("eq", "low", ["low"]),
        ("neq", "low", ["high", None]),
        ("in", ["high", "never"], ["high"]),
        ("contains", "ig", ["high"]),
        ("starts_with", "l", ["low"]),
        ("ends_with", "h", ["high"]),
        ("regex", "^h", ["high"]),
        ("is_not_empty", None, ["high", "low"]),
    ],
)
def test_an_enumeration_is_compared_and_sorted_as_text(
    tmp_path: Path, operator: str, value: object, moods: list[str | None]
) -> None:
    path = tmp_path / "moods.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT unnest(['low', 'high', NULL])::ENUM('low', 'high') AS mood")
    engine, definition = open_engine("DUCKDB", {"path": str(path)}), {"fullyQualifiedName": "t"}
    rule = {"column": "mood", "operator": operator} | ({} if value is None else {"value": value})
    order = encode([{"column": "mood", "direction": "asc"}])
    query = parse_query([("filter", encode([rule])), ("sort", order)])

    rows = engine.open_rows(definition, plan(query, engine.describe(definition), date(2026, 11, 25)))

    assert [json.loads(line)["mood"] for line in b"".join(rows).splitlines()] == moods
    rows.close()


def test_a_pipe_is_no_storage_and_nobody_waits_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "shop.duckdb"
    os.mkfifo(pipe)

    with pytest.raises(StorageError, match=r'There is no file or folder "shop\.duckdb"'):
        open_engine("DUCKDB", {"path": str(pipe)}).check()

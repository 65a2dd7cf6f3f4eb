"""A table that SQLite hands over in ranges of its rowid, beside the same table row by row."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from owox.reading.engines import StorageError, open_engine
from owox.reading.engines.sqlite_ranges import Table, ranges_of, table_with_rowid
from owox.reading.plan import Output, Plan, all_of

ROWS = 10_000
NUMBERS = f"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT {ROWS})"
WHOLE = {"fullyQualifiedName": "t"}
ROW_BY_ROW = {"sqlQuery": "SELECT * FROM t"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def read(path: Path, definition: dict[str, str], limit: int | None = None) -> bytes:
    engine = open_engine("SQLITE", {"path": str(path)})
    with closing(engine.open_rows(definition, all_of(engine.describe(definition), limit))) as rows:
        return b"".join(rows)


def fill(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE t (id INTEGER, text TEXT, real REAL)")
    connection.execute(f"INSERT INTO t {NUMBERS} SELECT n, 'row ' || n, n / 3 / 8.0 FROM r")


@pytest.mark.parametrize("limit", [None, 0, 1, 499, 500, 501, 5_000, ROWS, ROWS + 1])
def test_ranges_give_the_lines_of_a_read_row_by_row(
    connection: sqlite3.Connection, path: Path, limit: int | None
) -> None:
    fill(connection)

    ranged = read(path, WHOLE, limit)

    assert ranged == read(path, ROW_BY_ROW, limit)
    assert ranged.count(b"\n") == min(limit if limit is not None else ROWS, ROWS)


@pytest.mark.parametrize("rowids", [[-(2**63), -5, 0, 7, 2**63 - 1], [2**63 - 2], [-1], []])
def test_rows_come_from_anywhere_among_the_rowids(
    connection: sqlite3.Connection, path: Path, rowids: list[int]
) -> None:
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)")
    connection.executemany("INSERT INTO t VALUES (?, 'x')", [(rowid,) for rowid in rowids])

    found = [int(json.loads(line)["id"]) for line in read(path, WHOLE).splitlines()]

    assert found == rowids


@pytest.mark.parametrize(
    ("sql", "rowid"),
    [
        ("CREATE TABLE t (a)", "rowid"),
        ("CREATE TABLE t (a INTEGER PRIMARY KEY)", "rowid"),
        ("CREATE TABLE t (RowId TEXT)", "_rowid_"),
        ("CREATE TABLE t (rowid, _rowid_)", "oid"),
        ("CREATE TABLE t (rowid, _rowid_, a, oid AS (a))", None),
        ("CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID", None),
        ("CREATE VIEW t AS SELECT 1 AS a", None),
        ("CREATE VIRTUAL TABLE t USING fts5(a)", None),
    ],
)
def test_only_a_table_with_a_rowid_has_ranges(connection: sqlite3.Connection, sql: str, rowid: str | None) -> None:
    connection.execute(sql)

    assert table_with_rowid(connection, "T", '"T"') == (None if rowid is None else Table('main."T"', rowid))


def test_a_table_whose_columns_have_the_names_of_its_rowid_is_read_whole(
    connection: sqlite3.Connection, path: Path
) -> None:
    connection.execute("CREATE TABLE t (rowid TEXT, oid TEXT, owox_rowid TEXT)")
    connection.execute(f"INSERT INTO t {NUMBERS} SELECT n % 3, 'same', 'same' FROM r")

    found = read(path, WHOLE)

    assert found == read(path, ROW_BY_ROW)
    assert found.count(b"\n") == ROWS


def test_rows_too_long_for_one_text_come_in_fewer(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("CREATE TABLE t (id INTEGER, text TEXT)")
    connection.execute(
        "INSERT INTO t VALUES (1, 'a'), (2, printf('%*c', 20000000, 'b')), (3, printf('%*c', 20000000, 'c'))"
    )
    connection.execute("INSERT INTO t VALUES (4, 'd')")

    found = [json.loads(line) for line in read(path, WHOLE).splitlines()]

    assert [(row["id"], row["text"][-1], len(row["text"])) for row in found] == [
        (1, "a", 1), (2, "b", 20_000_000), (3, "c", 20_000_000), (4, "d", 1)
    ]  # fmt: skip


def test_a_row_too_long_for_any_text_is_an_error(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("CREATE TABLE t (text TEXT, more TEXT)")
    connection.execute("INSERT INTO t VALUES (printf('%*c', 20000000, 'b'), printf('%*c', 20000000, 'c'))")

    with pytest.raises(StorageError, match="may be 32 MiB"):
        read(path, WHOLE)


def test_all_batches_see_one_state(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    fill(connection)
    engine = open_engine("SQLITE", {"path": str(path)})

    with closing(engine.open_rows(WHOLE, all_of(engine.describe(WHOLE)))) as rows:
        first = next(rows)
        connection.execute("DELETE FROM t WHERE id > 600")
        rest = b"".join(rows)

    assert (first + rest).count(b"\n") == ROWS
    assert read(path, WHOLE).count(b"\n") == 600


@pytest.mark.parametrize(
    ("reals", "is_ranged"), [([0.5, 0.25], True), ([0.1 + 0.2, 0.5], True), ([1 / 3, 2 / 3], False)]
)
def test_numbers_of_many_digits_are_cheaper_row_by_row(
    connection: sqlite3.Connection, path: Path, reals: list[float], is_ranged: bool
) -> None:
    connection.execute("CREATE TABLE t (a REAL, b REAL)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [reals] * 10)
    connection.create_function("owox_real", 1, repr)
    plan: Plan = all_of(open_engine("SQLITE", {"path": str(path)}).describe(WHOLE))
    members = [(output.label, f"c{at}", output.type) for at, output in enumerate(plan.outputs)]

    ranges = ranges_of(connection, Table('main."t"', "rowid"), plan, members)

    assert (ranges is not None) == is_ranged
    assert [list(json.loads(line).values()) for line in read(path, WHOLE).splitlines()] == [reals] * 10


def test_columns_may_be_chosen_and_turned_round(connection: sqlite3.Connection, path: Path) -> None:
    fill(connection)
    engine = open_engine("SQLITE", {"path": str(path)})
    id_, text, _ = engine.describe(WHOLE)

    with closing(engine.open_rows(WHOLE, Plan((Output("text", text), Output("number", id_)), limit=3))) as rows:
        found = b"".join(rows)

    assert found == b'{"text":"row 1","number":1}\n{"text":"row 2","number":2}\n{"text":"row 3","number":3}\n'

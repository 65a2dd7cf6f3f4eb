"""One SQLite file: its names, its writers, and what goes wrong with files."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from owox.reading.engines import StorageError, open_engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.reading.conftest import opened, read
from tests.reading.test_sqlite_values import made

ONE = {"sqlQuery": "SELECT 1 AS one"}
OVERFLOW = "WITH r(n) AS (VALUES (1), (-9223372036854775807 - 1)) SELECT abs(n) AS n FROM r"
T = {"fullyQualifiedName": "t"}


@contextmanager
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["orders", "main.orders", '"main"."orders"', "MAIN.Orders"])
def test_a_table_is_read_by_its_name(tmp_path: Path, name: str) -> None:
    engine = made(tmp_path, "CREATE TABLE orders (id INTEGER, note VARCHAR(9))", "INSERT INTO orders VALUES (0, 'a')")

    assert engine.describe({"fullyQualifiedName": name}) == (Field("id", "INTEGER"), Field("note", "TEXT"))
    assert read(engine, {"fullyQualifiedName": name}) == [{"id": 0, "note": "a"}]


def test_a_view_is_read_in_its_own_order(tmp_path: Path) -> None:
    engine = made(
        tmp_path, "CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1), (3), (2)",
        "CREATE VIEW v AS SELECT id FROM t ORDER BY id DESC",
    )  # fmt: skip

    assert read(engine, {"fullyQualifiedName": "v"}) == [{"id": 3}, {"id": 2}, {"id": 1}]


@pytest.mark.parametrize("name", ['a "b', "with space", "a.b", "\U0001f986", "日本", "select", "o'clock", "main"])
def test_a_table_of_any_name_is_read(tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    engine = made(tmp_path, f"CREATE TABLE {quoted} (one)", f"INSERT INTO {quoted} VALUES (1)")

    assert read(engine, {"fullyQualifiedName": quoted}) == [{"one": 1}]
    assert read(engine, {"fullyQualifiedName": f"main.{quoted}"}) == [{"one": 1}]


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "a?mode=rwc.db", "a#b.db", "\U0001f986.db", "file:x.db"])
def test_a_file_of_any_name_is_opened_and_never_made(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(StorageError, match="no file"):
        open_engine("SQLITE", {"path": str(path)}).check()
    assert list(tmp_path.iterdir()) == []
    with writer(path) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS one")

    assert read(open_engine("SQLITE", {"path": str(path)}), T) == [{"one": 1}]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"no database" * 100, "is not an SQLite database"), (b"SQLite format 3\0" * 9, "database")],
)
def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "text.db").write_bytes(content)

    with pytest.raises(StorageError, match=message) as caught:
        open_engine("SQLITE", {"path": str(tmp_path / "text.db")}).describe(ONE)

    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("config", [{}, {"path": "shop.db"}, {"path": ":memory:"}, {"path": 7}, {"path": "file:/a.db"}])
def test_a_storage_that_cannot_be_opened_says_so(config: dict[str, str]) -> None:
    with pytest.raises(StorageError, match="absolute"):
        open_engine("SQLITE", config)


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "store.db"
    path.mkdir() if kind == "folder" else os.mkfifo(path)

    with pytest.raises(StorageError, match="no file"):
        open_engine("SQLITE", {"path": str(path)}).check()


def test_a_live_writer_in_wal_mode_is_read_beside(tmp_path: Path) -> None:
    made(tmp_path, "PRAGMA journal_mode = WAL", "CREATE TABLE t (id INTEGER)")
    engine = open_engine("SQLITE", {"path": str(tmp_path / "store.db")})
    with writer(tmp_path / "store.db") as connection:
        connection.execute("INSERT INTO t VALUES (1)")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (2)")
        assert read(engine, T) == [{"id": 1}]
        connection.execute("COMMIT")
        rows = opened(engine, T)
        connection.execute("INSERT INTO t VALUES (3)")

        assert b"".join(rows).count(b"\n") == 2
        rows.close()
    assert read(engine, T) == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_a_database_locked_by_its_writer_says_so(tmp_path: Path) -> None:
    engine = made(tmp_path, "CREATE TABLE t (id INTEGER)")
    with writer(tmp_path / "store.db") as connection:
        connection.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StorageError, match=r'"store\.db" is locked: another program') as caught:
            engine.check()

    assert caught.value.code == "STORAGE_READ_FAILED"
    engine.check()


def test_a_read_sees_one_state_and_the_file_is_free_after_it(tmp_path: Path) -> None:
    engine = made(tmp_path, "CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1)")
    with writer(tmp_path / "store.db") as connection:
        connection.execute("PRAGMA busy_timeout = 0")
        rows = opened(engine, T)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            connection.execute("DROP TABLE t")
        rows.close()
        connection.execute("ALTER TABLE t RENAME COLUMN id TO n")

    assert read(engine, T) == [{"n": 1}]
    with pytest.raises(StorageError, match=r"no such column: mart\.id"):
        engine.open_rows(T, all_of([Field("id", "INTEGER")]))


def test_a_table_that_is_gone_is_named(tmp_path: Path) -> None:
    engine = made(tmp_path, "CREATE TABLE t (id INTEGER)")
    with writer(tmp_path / "store.db") as connection:
        connection.execute("DROP TABLE t")

    with pytest.raises(StorageError, match=r"no such table: main\.t$"):
        engine.open_rows(T, all_of([Field("id", "INTEGER")]))


AS_NOBODY = """
import os, sys
import owox.reading.engines.sqlite
from owox.reading.engines import StorageError, open_engine
os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    open_engine("SQLITE", {"path": sys.argv[1]}).check()
except StorageError as error:
    print(error.code, error)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become nobody")
@pytest.mark.parametrize(
    ("is_wal", "mode", "expected"),
    [
        (False, 0o644, ""),
        (False, 0o600, 'STORAGE_PERMISSION_DENIED The server may not read "store.db"'),
        (True, 0o644, 'STORAGE_PERMISSION_DENIED "store.db" is in WAL mode'),
    ],
)
def test_what_the_server_may_not_read_is_told_apart(tmp_path: Path, is_wal: bool, mode: int, expected: str) -> None:
    made(tmp_path, f"PRAGMA journal_mode = {'WAL' if is_wal else 'DELETE'}", "CREATE TABLE t (id INTEGER)")
    (tmp_path / "store.db").chmod(mode)
    for folder in [tmp_path, *tmp_path.parents]:
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):  # noqa: S108
            folder.chmod(0o755)

    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(tmp_path / "store.db")], capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith(expected)
    assert bool(done.stdout.strip()) == bool(expected)


def test_an_exchanged_file_is_seen(tmp_path: Path) -> None:
    engine = made(tmp_path, "CREATE TABLE t AS SELECT 1 AS v")
    assert read(engine, T) == [{"v": 1}]
    with writer(tmp_path / "new.db") as connection:
        connection.execute("CREATE TABLE t AS SELECT 2 AS v")
    (tmp_path / "new.db").replace(tmp_path / "store.db")

    assert read(engine, T) == [{"v": 2}]


def test_reads_leave_no_open_file(tmp_path: Path) -> None:
    engine = made(tmp_path, "CREATE TABLE t AS SELECT 1 AS v")
    read(engine, T)
    files = len(os.listdir("/proc/self/fd"))

    failures = []
    for _ in range(20):
        read(engine, T)
        with pytest.raises(StorageError) as caught:
            engine.describe({"sqlQuery": "SELECT gone"})
        failures.append(caught)
        with pytest.raises(StorageError) as caught:
            engine.open_rows({"sqlQuery": OVERFLOW}, all_of([Field("n", "INTEGER")]))
        failures.append(caught)

    assert len(os.listdir("/proc/self/fd")) <= files

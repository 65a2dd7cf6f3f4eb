"""How much time, memory and disk a read of SQLite may take."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from owox.reading.engines import StorageError, open_engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.reading.conftest import read
from tests.reading.test_sqlite_values import made


def test_a_sort_that_finds_the_disk_full_is_a_storage_error(tmp_path: Path) -> None:
    made(tmp_path, "CREATE TABLE t (id INTEGER)")
    script = f"""
import resource
from owox.reading.engines import StorageError, open_engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
engine = open_engine("SQLITE", {{"path": {str(tmp_path / "store.db")!r}}})
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
numbers = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 300000)"
rows = numbers + " SELECT n, hex(randomblob(50)) AS x FROM r ORDER BY x"
try:
    engine.open_rows({{"sqlQuery": rows}}, all_of([Field("n", "INTEGER")]))
except StorageError as error:
    print(error.code, error)
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)

    assert done.stdout.startswith("STORAGE_READ_FAILED ")
    assert "disk" in done.stdout


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) AS n FROM r",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT max(n) AS n FROM r WHERE n > 1",
        "WITH d(n) AS (VALUES (1), (2), (3), (4), (5), (6), (7), (8)) SELECT count(*) AS n"
        " FROM d a, d b, d c, d d, d e, d f, d g, d h, d i, d j, d k, d l, d m",
    ],
)
def test_a_definition_without_end_is_stopped(tmp_path: Path, sql: str) -> None:
    made(tmp_path, "CREATE TABLE t (id INTEGER)")
    engine = open_engine("SQLITE", {"path": str(tmp_path / "store.db")}, seconds=0.4)
    started = time.monotonic()

    with pytest.raises(StorageError, match=r"longer than 0\.4 seconds"):
        engine.describe({"sqlQuery": sql})
    with pytest.raises(StorageError, match=r"longer than 0\.4 seconds"):
        engine.open_rows({"sqlQuery": sql}, all_of([Field("n", "INTEGER")]))

    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        ("hex(zeroblob(2000000))", True),
        ("hex(zeroblob(20000000))", False),
        ("zeroblob(1000000000)", False),
        ("replace(hex(zeroblob(250000)), '0', 'y')", True),
        ("replace(hex(zeroblob(600000)), '0', 'y')", False),
        ("trim(hex(zeroblob(150000)), 'x')", False),
    ],
)
def test_texts_are_limited_to_what_can_be_stopped_in_time(tmp_path: Path, value: str, allowed: bool) -> None:
    engine = made(tmp_path, "CREATE TABLE t (id INTEGER)")
    definition = {"sqlQuery": f"SELECT {value} AS v"}

    if allowed:
        assert len(read(engine, definition)[0]["v"]) >= 500_000
        return
    with pytest.raises(StorageError, match=r"32 MiB; 1024 KiB where it calls glob or instr or like or replace"):
        read(engine, definition)


def test_memory_stays_flat_over_a_long_read(tmp_path: Path) -> None:
    made(tmp_path, "CREATE TABLE t (id INTEGER)")
    script = f"""
import resource
from owox.reading.engines import open_engine
from owox.reading.plan import all_of
engine = open_engine("SQLITE", {{"path": {str(tmp_path / "store.db")!r}}})
sql = "WITH RECURSIVE r(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM r) SELECT id, 'page-' || id AS page FROM r"
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
def pull(limit):
    definition = {{"sqlQuery": f"{{sql}} LIMIT {{limit}}"}}
    rows = engine.open_rows(definition, all_of(engine.describe(definition)))
    assert sum(piece.count(b"\\n") for piece in rows) == limit
    rows.close()
pull(50_000)
before = peak()
pull(1_000_000)
print(peak() - before)
"""

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=200)

    assert int(done.stdout) <= 32

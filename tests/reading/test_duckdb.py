import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from owox.reading.engines import PIECE_BYTES, Engine, StorageError, open_engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.reading.conftest import LONG, STALLING, opened, read


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


def test_columns_come_in_the_order_asked_and_no_more_rows_than_the_limit(engine: Engine) -> None:
    fields = (Field("note", "VARCHAR"), Field("id", "BIGINT"))

    rows = engine.open_rows({"fullyQualifiedName": "orders"}, all_of(fields, 1))

    assert list(rows) == [b'{"note":"text 0","id":0}\n']
    rows.close()


def test_no_rows_are_no_bytes(engine: Engine) -> None:
    rows = opened(engine, {"sqlQuery": "SELECT * FROM orders WHERE false"})

    assert list(rows) == []
    assert list(rows) == []
    rows.close()


def test_all_rows_come_in_whole_lines_of_bounded_pieces(engine: Engine) -> None:
    rows = opened(engine, {"sqlQuery": "SELECT id, note, repeat('x', id % 300) AS filler FROM orders ORDER BY id"})

    pieces = list(rows)
    rows.close()

    assert all(0 < len(piece) <= PIECE_BYTES and piece.endswith(b"\n") for piece in pieces)
    assert len(pieces) < 60
    assert [json.loads(line)["id"] for line in b"".join(pieces).splitlines()] == list(range(10_000))


def test_a_row_longer_than_a_piece_goes_alone(engine: Engine) -> None:
    sql = "SELECT range AS id, repeat('x', CASE WHEN range = 1 THEN 200000 ELSE 1 END) AS text FROM range(3)"

    assert [len(piece) for piece in opened(engine, {"sqlQuery": sql})] == [20, 20 - 1 + 200_000, 20]


def test_a_column_that_is_gone_is_a_storage_error(engine: Engine) -> None:
    with pytest.raises(StorageError, match='"gone"') as caught:
        engine.open_rows({"fullyQualifiedName": "orders"}, all_of([Field("gone", "BIGINT")]))

    assert (caught.value.code, caught.value.provider_name, caught.value.storage_type) == (
        "STORAGE_READ_FAILED", "DuckDB", "DUCKDB"
    )  # fmt: skip
    assert caught.value.provider_message == str(caught.value)


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


@pytest.mark.parametrize(
    ("storage_type", "config"),
    [("DUCKDB", {}), ("DUCKDB", {"path": "shop.duckdb"}), ("DUCKDB", {"path": ":memory:"}), ("ORACLE", {"path": "/a"})],
)
def test_a_storage_that_cannot_be_opened_says_so(storage_type: str, config: dict[str, str]) -> None:
    with pytest.raises(StorageError):
        open_engine(storage_type, config)


def test_an_error_after_the_first_rows_is_raised_not_swallowed(engine: Engine) -> None:
    sql = "SELECT CASE WHEN range < 500000 THEN range ELSE error('disk gone') END AS id FROM range(600000)"
    rows = opened(engine, {"sqlQuery": sql})

    with pytest.raises(StorageError, match="disk gone"):
        list(rows)
    rows.close()


def test_a_read_that_needs_too_much_memory_fails_and_spills_nothing(engine: Engine, shop_path: Path) -> None:
    with pytest.raises(StorageError, match="Out of Memory"):
        opened(engine, {"sqlQuery": "SELECT DISTINCT hash(range) AS h, range::VARCHAR AS r FROM range(40000000)"})

    assert [path.name for path in shop_path.parent.iterdir()] == ["shop.duckdb"]


def test_a_wait_for_the_next_rows_can_be_interrupted(engine: Engine) -> None:
    rows = opened(engine, STALLING)
    timer = threading.Timer(0.3, rows.interrupt)
    timer.start()
    started = time.monotonic()

    with pytest.raises(StorageError, match="Interrupted"):
        list(rows)

    assert time.monotonic() - started < 3
    timer.join()
    rows.close()
    rows.close()
    rows.interrupt()


def test_an_interrupt_stops_only_its_own_read(engine: Engine) -> None:
    stopped, other = opened(engine, LONG), opened(engine, {"fullyQualifiedName": "orders"})

    stopped.interrupt()

    assert b"".join(other).count(b"\n") == 10_000
    stopped.close()
    other.close()


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


def test_reads_side_by_side_do_not_mix(engine: Engine) -> None:
    seen: list[int] = []

    def read_all() -> None:
        seen.append(sum(row["id"] for row in read(engine, {"fullyQualifiedName": "orders"})))

    threads = [threading.Thread(target=read_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [sum(range(10_000))] * 8


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


def test_a_long_read_does_not_hold_others_up(engine: Engine) -> None:
    heavy = opened(engine, LONG)
    started = time.monotonic()

    assert len(read(engine, {"fullyQualifiedName": "orders"}, 10)) == 10

    assert time.monotonic() - started < 2
    heavy.close()

"""What every engine does alike, whatever it reads from."""

import json
import threading
import time

import pytest

from owox.reading.engines import PIECE_BYTES, StorageError
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.reading.conftest import opened, read
from tests.reading.stores import Store

ORDERS = {"fullyQualifiedName": "orders"}


def test_columns_come_in_the_order_asked_and_no_more_rows_than_the_limit(shop: Store) -> None:
    fields = (Field("note", "VARCHAR"), Field("id", "INTEGER"))

    rows = shop.engine().open_rows(ORDERS, all_of(fields, 1))

    assert list(rows) == [b'{"note":"text 0","id":0}\n']
    rows.close()


def test_a_storage_says_that_it_can_be_read(shop: Store) -> None:
    shop.engine().check()


def test_no_rows_are_no_bytes(shop: Store) -> None:
    rows = opened(shop.engine(), {"sqlQuery": "SELECT * FROM orders WHERE 1 = 0"})

    assert list(rows) == []
    assert list(rows) == []
    rows.close()


def test_all_rows_come_in_whole_lines_of_bounded_pieces(shop: Store) -> None:
    filler = "substr(replace('123456789012345678901234567890', '1', note), 1, id % 100) AS filler"
    sql = f"SELECT id, note, {filler} FROM orders"
    rows = opened(shop.engine(), {"sqlQuery": f"{sql} ORDER BY id"})

    pieces = list(rows)
    rows.close()

    assert all(0 < len(piece) <= PIECE_BYTES and piece.endswith(b"\n") for piece in pieces)
    assert len(pieces) < 60
    assert [json.loads(line)["id"] for line in b"".join(pieces).splitlines()] == list(range(10_000))


def test_a_row_longer_than_a_piece_goes_alone(shop: Store) -> None:
    long = "substr(replace('1234567890', '1', 'x'), 1, 10)"
    for _ in range(5):
        long = f"replace({long}, 'x', '{'x' * 10}')"
    sql = f"SELECT id, CASE WHEN id = 1 THEN {long} ELSE 'x' END AS text FROM orders WHERE id < 3 ORDER BY id"

    rows = opened(shop.engine(), {"sqlQuery": sql})

    assert [len(piece) for piece in rows] == [20, 20 - 1 + 100_009, 20]
    rows.close()


def test_a_column_that_is_gone_is_a_storage_error(shop: Store) -> None:
    with pytest.raises(StorageError, match="gone") as caught:
        shop.engine().open_rows(ORDERS, all_of([Field("gone", "BIGINT")]))

    assert (caught.value.code, caught.value.provider_name, caught.value.storage_type) == (
        "STORAGE_READ_FAILED", shop.provider, shop.storage_type
    )  # fmt: skip
    assert caught.value.provider_message == str(caught.value)


def test_an_error_after_the_first_rows_is_raised_not_swallowed(shop: Store) -> None:
    rows = opened(shop.engine(), {"sqlQuery": shop.failing})

    with pytest.raises(StorageError, match=shop.failure):
        list(rows)
    rows.close()


def test_a_wait_for_the_next_rows_can_be_interrupted(shop: Store) -> None:
    rows = opened(shop.engine(), {"sqlQuery": shop.stalling})
    timer = threading.Timer(0.3, rows.interrupt)
    timer.start()
    started = time.monotonic()

    with pytest.raises(StorageError, match=r"(?i)interrupted"):
        list(rows)

    assert time.monotonic() - started < 3
    timer.join()
    rows.close()
    rows.close()
    rows.interrupt()


def test_a_wait_for_the_next_rows_ends_with_the_time_limit(shop: Store) -> None:
    engine = shop.engine(0.5)
    rows = engine.open_rows({"sqlQuery": shop.stalling}, all_of([Field("id", "BIGINT")]))

    with pytest.raises(StorageError, match=r"longer than 0\.5 seconds"):
        list(rows)
    rows.close()


def test_an_interrupt_stops_only_its_own_read(shop: Store) -> None:
    stopped, other = opened(shop.engine(), {"sqlQuery": shop.long}), opened(shop.engine(), ORDERS)

    stopped.interrupt()

    assert b"".join(other).count(b"\n") == 10_000
    with pytest.raises(StorageError, match=r"(?i)interrupted"):
        list(stopped)
    stopped.close()
    other.close()


def test_reads_side_by_side_do_not_mix(shop: Store) -> None:
    seen: list[int] = []

    def read_all() -> None:
        seen.append(sum(row["id"] for row in read(shop.engine(), ORDERS)))

    threads = [threading.Thread(target=read_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [sum(range(10_000))] * 8


def test_a_long_read_does_not_hold_others_up(shop: Store) -> None:
    heavy = opened(shop.engine(), {"sqlQuery": shop.long})
    started = time.monotonic()

    assert len(read(shop.engine(), ORDERS, 10)) == 10

    assert time.monotonic() - started < 5, "the other has 20 million rows"
    heavy.close()

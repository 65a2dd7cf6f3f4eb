import threading
import time
from collections.abc import Callable

import pytest

from owox.reading.engines import StorageError
from owox.reading.stream import End, Outcome, RowStream, StreamCut
from tests.reading.conftest import opened
from tests.reading.stores import Store

ORDERS = "SELECT * FROM orders"

Ends = list[tuple[Outcome, int, int]]


def started(shop: Store, sql: str) -> tuple[RowStream, Ends]:
    ends: Ends = []
    stream = RowStream(
        opened(shop.engine(), {"sqlQuery": sql}), lambda end: ends.append((end.outcome, end.row_count, end.byte_count))
    )
    return stream, ends


def later(seconds: float, act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=lambda: (time.sleep(seconds), act()))
    thread.start()
    return thread


def test_a_stream_read_to_its_end_is_a_success_and_counts_what_it_gave(shop: Store) -> None:
    stream, ends = started(shop, ORDERS)

    pieces = list(stream)
    stream.cut("too late")
    stream.close()
    stream.close()

    size = len(b"".join(pieces))
    assert ends == [(Outcome.SUCCESS, 10_000, size)]
    assert (stream.row_count, stream.byte_count) == (10_000, size)
    assert list(stream) == []


def test_a_cut_before_the_first_piece_gives_nothing(shop: Store) -> None:
    stream, ends = started(shop, shop.long)

    stream.cut("The key was revoked")

    for _ in range(2):
        with pytest.raises(StreamCut, match="The key was revoked"):
            next(stream)
    stream.close()
    assert ends == [(Outcome.CUT, 0, 0)]


def test_a_cut_from_another_thread_stops_a_running_read_at_once(shop: Store) -> None:
    """K10: a revoke ends a read that is under way."""
    stream, ends = started(shop, shop.long)
    first = next(stream)
    at: list[float] = []
    thread = later(0.3, lambda: (at.append(time.monotonic()), stream.cut("The key was revoked"))[0])

    pieces = [first]
    with pytest.raises(StreamCut):
        pieces.extend(stream)

    assert time.monotonic() - at[0] < 1
    thread.join()
    stream.close()
    assert [(outcome, size) for outcome, _, size in ends] == [(Outcome.CUT, len(b"".join(pieces)))]
    assert 0 < ends[0][1] < 20_000_000


def test_a_cut_wakes_a_read_that_waits_for_the_storage(shop: Store) -> None:
    """K10: a revoke ends a read that is under way."""
    stream, ends = started(shop, shop.stalling)
    thread = later(0.5, lambda: stream.cut("The key expired"))
    begun = time.monotonic()

    with pytest.raises(StreamCut, match="The key expired"):
        list(stream)

    assert time.monotonic() - begun < 3
    thread.join()
    assert [outcome for outcome, _, _ in ends] == [Outcome.CUT]


def test_a_cut_while_the_reader_is_slow_gives_the_storage_back_without_waiting(shop: Store) -> None:
    stream, ends = started(shop, shop.long)
    next(stream)

    stream.cut("first")
    stream.cut("second")

    assert [outcome for outcome, _, _ in ends] == [Outcome.CUT]
    with pytest.raises(StreamCut, match="first"):
        next(stream)


def test_a_reader_that_leaves_cancels_the_read(shop: Store) -> None:
    stream, ends = started(shop, shop.long)
    piece = next(stream)

    stream.close()
    stream.cut("too late")

    assert ends == [(Outcome.CANCELLED, piece.count(b"\n"), len(piece))]
    with pytest.raises(StreamCut):
        next(stream)


def test_closing_from_another_thread_does_not_wait_for_the_storage(shop: Store) -> None:
    stream, ends = started(shop, shop.stalling)
    begun = time.monotonic()
    thread = later(0.5, stream.close)

    with pytest.raises(StreamCut):
        list(stream)

    thread.join(timeout=3)
    assert time.monotonic() - begun < 3
    assert [outcome for outcome, _, _ in ends] == [Outcome.CANCELLED]


def test_a_storage_that_fails_half_way_never_ends_cleanly(shop: Store) -> None:
    stream, ends = started(shop, shop.failing)

    for _ in range(2):
        with pytest.raises(StorageError, match=shop.failure):
            list(stream)
    stream.close()

    assert [outcome for outcome, _, _ in ends] == [Outcome.FAILED]
    assert ends[0][1] > 0


@pytest.mark.parametrize(
    ("act", "outcome", "cause"),
    [
        (lambda stream: stream.cut("The key expired"), Outcome.CUT, "The key expired"),
        (lambda stream: stream.cut("It stops", Outcome.INTERRUPTED), Outcome.INTERRUPTED, "It stops"),
        (lambda stream: stream.close(), Outcome.CANCELLED, "The reader left."),
        (list, Outcome.SUCCESS, None),
    ],
)
def test_the_end_says_what_caused_it(
    act: Callable[[RowStream], object], outcome: Outcome, cause: str | None, shop: Store
) -> None:
    ends: list[End] = []
    stream = RowStream(opened(shop.engine(), {"sqlQuery": ORDERS}), ends.append)

    act(stream)

    assert [(end.outcome, end.cause and str(end.cause)) for end in ends] == [(outcome, cause)]


def test_the_end_of_a_failed_stream_has_the_storages_error(shop: Store) -> None:
    ends: list[End] = []
    stream = RowStream(opened(shop.engine(), {"sqlQuery": shop.failing}), ends.append)

    with pytest.raises(StorageError) as caught:
        list(stream)

    assert [end.cause for end in ends] == [caught.value]


def test_the_end_may_close_the_stream_again(shop: Store) -> None:
    ends: list[Outcome] = []

    def on_end(end: End) -> None:
        ends.append(end.outcome)
        stream.cut("again")
        stream.close()

    stream = RowStream(opened(shop.engine(), {"sqlQuery": ORDERS}), on_end)

    assert b"".join(stream).count(b"\n") == 10_000
    assert ends == [Outcome.SUCCESS]


def test_cuts_and_closes_at_any_moment_leave_one_truthful_end(shop: Store) -> None:
    for turn in range(60):
        stream, ends = started(shop, ORDERS)
        threads = [later(turn / 20_000, lambda: stream.cut("now")), later(turn / 15_000, stream.close)]  # noqa: B023
        received, clean = 0, False

        try:
            for piece in stream:
                received += piece.count(b"\n")
            clean = True
        except StreamCut:
            pass
        for thread in threads:
            thread.join(timeout=10)
            assert not thread.is_alive()

        assert len(ends) == 1
        assert (ends[0][0] is Outcome.SUCCESS) == clean
        assert ends[0][1] == received
        assert not clean or received == 10_000

import threading
import time
from collections.abc import Callable

import pytest

from owox.reading.engines import Engine, StorageError
from owox.reading.stream import End, Outcome, RowStream, StreamCut
from tests.reading.conftest import LONG, STALLING, opened

Ends = list[tuple[Outcome, int, int]]


def started(engine: Engine, definition: dict[str, str], limit: int | None = None) -> tuple[RowStream, Ends]:
    ends: Ends = []
    stream = RowStream(
        opened(engine, definition, limit), lambda end: ends.append((end.outcome, end.row_count, end.byte_count))
    )
    return stream, ends


def later(seconds: float, act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=lambda: (time.sleep(seconds), act()))
    thread.start()
    return thread


def test_a_stream_read_to_its_end_is_a_success_and_counts_what_it_gave(engine: Engine) -> None:
    stream, ends = started(engine, {"fullyQualifiedName": "orders"})

    pieces = list(stream)
    stream.cut("too late")
    stream.close()
    stream.close()

    size = len(b"".join(pieces))
    assert ends == [(Outcome.SUCCESS, 10_000, size)]
    assert (stream.row_count, stream.byte_count) == (10_000, size)
    assert list(stream) == []


def test_a_cut_before_the_first_piece_gives_nothing(engine: Engine) -> None:
    stream, ends = started(engine, LONG)

    stream.cut("The key was revoked")

    for _ in range(2):
        with pytest.raises(StreamCut, match="The key was revoked"):
            next(stream)
    stream.close()
    assert ends == [(Outcome.CUT, 0, 0)]


def test_a_cut_from_another_thread_stops_a_running_read_at_once(engine: Engine) -> None:
    """K10: a revoke ends a read that is under way."""
    stream, ends = started(engine, LONG)
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


def test_a_cut_wakes_a_read_that_waits_for_the_storage(engine: Engine) -> None:
    """K10: a revoke ends a read that is under way."""
    stream, ends = started(engine, STALLING)
    thread = later(0.5, lambda: stream.cut("The key expired"))
    begun = time.monotonic()

    with pytest.raises(StreamCut, match="The key expired"):
        list(stream)

    assert time.monotonic() - begun < 3
    thread.join()
    assert [outcome for outcome, _, _ in ends] == [Outcome.CUT]


def test_a_cut_while_the_reader_is_slow_gives_the_storage_back_without_waiting(engine: Engine) -> None:
    stream, ends = started(engine, LONG)
    next(stream)

    stream.cut("first")
    stream.cut("second")

    assert [outcome for outcome, _, _ in ends] == [Outcome.CUT]
    with pytest.raises(StreamCut, match="first"):
        next(stream)


def test_a_reader_that_leaves_cancels_the_read(engine: Engine) -> None:
    stream, ends = started(engine, LONG)
    piece = next(stream)

    stream.close()
    stream.cut("too late")

    assert ends == [(Outcome.CANCELLED, piece.count(b"\n"), len(piece))]
    with pytest.raises(StreamCut):
        next(stream)


def test_closing_from_another_thread_does_not_wait_for_the_storage(engine: Engine) -> None:
    stream, ends = started(engine, STALLING)
    begun = time.monotonic()
    thread = later(0.5, stream.close)

    with pytest.raises(StreamCut):
        list(stream)

    thread.join(timeout=3)
    assert time.monotonic() - begun < 3
    assert [outcome for outcome, _, _ in ends] == [Outcome.CANCELLED]


def test_a_storage_that_fails_half_way_never_ends_cleanly(engine: Engine) -> None:
    sql = "SELECT CASE WHEN range < 500000 THEN range ELSE error('disk gone') END AS id FROM range(600000)"
    stream, ends = started(engine, {"sqlQuery": sql})

    for _ in range(2):
        with pytest.raises(StorageError, match="disk gone"):
            list(stream)
    stream.close()

    assert [outcome for outcome, _, _ in ends] == [Outcome.FAILED]
    assert ends[0][1] > 0


@pytest.mark.parametrize(
    ("act", "outcome", "cause"),
    [
        (lambda stream: stream.cut("The key expired"), Outcome.CUT, "The key expired"),
        (lambda stream: stream.cut("It stops", Outcome.INTERRUPTED), Outcome.INTERRUPTED, "It stops"),
        (lambda stream: stream.close(), Outcome.CANCELLED, "The reader left"),
        (list, Outcome.SUCCESS, None),
    ],
)
def test_the_end_says_what_caused_it(
    act: Callable[[RowStream], object], outcome: Outcome, cause: str | None, engine: Engine
) -> None:
    ends: list[End] = []
    stream = RowStream(opened(engine, {"fullyQualifiedName": "orders"}), ends.append)

    act(stream)

    assert [(end.outcome, end.cause and str(end.cause)) for end in ends] == [(outcome, cause)]


def test_the_end_of_a_failed_stream_has_the_storages_error(engine: Engine) -> None:
    ends: list[End] = []
    sql = "SELECT CASE WHEN range < 50000 THEN range ELSE error('disk gone') END AS id FROM range(60000)"
    stream = RowStream(opened(engine, {"sqlQuery": sql}), ends.append)

    with pytest.raises(StorageError) as caught:
        list(stream)

    assert [end.cause for end in ends] == [caught.value]


def test_the_end_may_close_the_stream_again(engine: Engine) -> None:
    ends: list[Outcome] = []

    def on_end(end: End) -> None:
        ends.append(end.outcome)
        stream.cut("again")
        stream.close()

    stream = RowStream(opened(engine, {"fullyQualifiedName": "orders"}), on_end)

    assert b"".join(stream).count(b"\n") == 10_000
    assert ends == [Outcome.SUCCESS]


def test_cuts_and_closes_at_any_moment_leave_one_truthful_end(engine: Engine) -> None:
    for turn in range(60):
        stream, ends = started(engine, {"fullyQualifiedName": "orders"})
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

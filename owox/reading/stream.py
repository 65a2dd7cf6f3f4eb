"""Rows on their way to a reader, with a switch that stops them at once.

Whatever is not the true end raises, so that the server drops the connection without the final chunk and the reader
can tell (contract.md 0.5, 0.6).
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from owox.reading.engines import Rows

_PATIENCE: Final = 0.05


class Outcome(StrEnum):
    """How a stream ended; ``cancelled`` means that the reader left, ``interrupted`` that the server stopped."""

    SUCCESS = "success"
    CUT = "cut"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class End:
    """The end of a stream: what was handed over until then, and after a cut or a failure what caused it."""

    outcome: Outcome
    row_count: int
    byte_count: int
    cause: Exception | None = None


class StreamCut(Exception):
    """The stream was stopped before its end; the text says why."""


class RowStream:
    """An iterator of NDJSON pieces for the server, to be closed by it.

    One thread iterates; ``cut`` and ``close`` may come from any other at any moment. ``on_end`` is called
    exactly once, by the thread that ends the stream: the one that cuts it when nobody is reading just then. It should
    not raise.
    """

    def __init__(self, rows: Rows, on_end: Callable[[End], None]) -> None:
        self._rows = rows
        self._on_end = on_end
        self._turn = threading.RLock()
        self._stopping = threading.Lock()
        self._stopped: tuple[Outcome, StreamCut] | None = None
        self._outcome: Outcome | None = None
        self._error: Exception | None = None
        self.row_count = 0
        self.byte_count = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._turn:
            self._refuse_if_over()
            try:
                piece = next(self._rows)
            except StopIteration:
                self._refuse_if_over()
                self._finish(Outcome.SUCCESS)
                raise
            except Exception as error:
                self._refuse_if_over()
                self._error = error
                self._finish(Outcome.FAILED, error)
                raise
            self._refuse_if_over()
            self.row_count += piece.count(b"\n")
            self.byte_count += len(piece)
            return piece

    def cut(self, reason: str, outcome: Outcome = Outcome.CUT) -> None:
        """Stop the stream: no further piece is handed over, and the reading thread gets ``StreamCut``.

        Never waits for the reader. After the end it has no effect.
        """
        self._stop(outcome, reason)
        if self._turn.acquire(blocking=False):
            self._end_turn()

    def close(self) -> None:
        """End the stream if it has not ended, and give the storage back. More than once is fine."""
        self._stop(Outcome.CANCELLED, "The reader left.")
        while not self._turn.acquire(timeout=_PATIENCE):
            self._rows.interrupt()
        self._end_turn()

    def _stop(self, outcome: Outcome, reason: str) -> None:
        with self._stopping:
            self._stopped = self._stopped or (outcome, StreamCut(reason))
        self._rows.interrupt()

    def _end_turn(self) -> None:
        try:
            if self._stopped is not None:
                self._finish(*self._stopped)
        finally:
            self._turn.release()

    def _refuse_if_over(self) -> None:
        """Answer for a stream that has ended: only one that was read to its end may look like that."""
        if self._outcome is Outcome.SUCCESS:
            raise StopIteration
        if self._error is not None:
            raise self._error
        if self._stopped is not None:
            self._finish(*self._stopped)
            raise StreamCut(*self._stopped[1].args) from None

    def _finish(self, outcome: Outcome, cause: Exception | None = None) -> None:
        if self._outcome is not None:
            return
        self._outcome = outcome
        try:
            self._rows.close()
        finally:
            self._on_end(End(outcome, self.row_count, self.byte_count, cause))

"""A read under way, batch by batch, the same for every engine."""

import threading
from collections.abc import Iterator
from typing import Final, Protocol

from owox.reading.engines import PIECE_BYTES

_FIRST_ROWS: Final = 500
_BATCH_ROWS: Final = 4_096
_BATCH_BYTES: Final = 1024 * 1024


class Cursor(Protocol):
    """What an engine gives: lines in order, each the JSON object of one row."""

    def fetch(self, rows: int) -> bytes:
        """Return at most so many next lines, each with its line end; nothing at the end. Raises ``StorageError``."""

    def interrupt(self) -> None:
        """Make a ``fetch`` under way fail soon; from any thread, but never after ``close``."""

    def close(self) -> None:
        """Give everything back."""


class BatchedRows:
    """``Rows`` over a cursor, which it owns; the first batch is fetched at once."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._lock = threading.Lock()
        self._closed = False
        self._next_rows = _FIRST_ROWS
        try:
            self._pieces = cut(self._fetch())
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces, None)
        if piece is not None:
            return piece
        self._pieces = cut(self._fetch())
        return next(self._pieces)

    def interrupt(self) -> None:
        """Stop the storage's work, from any thread; without effect after ``close``."""
        with self._lock:
            if not self._closed:
                self._cursor.interrupt()

    def close(self) -> None:
        """Give the storage back; more than once is fine."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._cursor.close()

    def _fetch(self) -> bytes:
        """Fetch the next lines, and plan the batch after them: about 1 MiB, however wide the rows.

        Only at the end are there fewer lines than were asked for, and counting them would cost more than it tells.
        """
        text = self._cursor.fetch(self._next_rows)
        if text:
            self._next_rows = max(1, min(_BATCH_ROWS, _BATCH_BYTES * self._next_rows // len(text)))
        return text


def cut(text: bytes) -> Iterator[bytes]:
    """Cut lines into pieces of whole lines: a line never holds a line end, JSON escapes it."""
    start = 0
    while start < len(text):
        end = text.rfind(b"\n", start, start + PIECE_BYTES) + 1 or text.index(b"\n", start) + 1
        yield text[start:end]
        start = end

"""How far a download is: one line on stderr that is written over, on a terminal only."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

EVERY_SECONDS = 0.2


class Progress:
    """A line about rows and bytes received. Off a terminal it says nothing."""

    def __init__(self, on: bool) -> None:
        self._on = on
        self._begun = self._told = time.monotonic()
        self._shown = False

    def tell(self, size: int, rows: int | None = None) -> None:
        """Show the numbers so far, a few times a second at most; ``rows`` where somebody counts them."""
        now = time.monotonic()
        if self._on and now - self._told >= EVERY_SECONDS:
            self._told, self._shown = now, True
            rate = sizes(size / (now - self._begun))
            counted = "" if rows is None else f"{rows:,} rows, "
            _write(f"\r\x1b[2K{counted}{sizes(size)}, {rate}/s")

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            _write("\r\x1b[2K")


@contextmanager
def progress(wanted: bool) -> Iterator[Progress]:
    """Yield a line of progress if it is ``wanted`` and stderr is a terminal that can write a line over."""
    terminal = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    line = Progress(wanted and terminal)
    try:
        yield line
    finally:
        line.clear()


def sizes(count: float) -> str:
    """Return a number of bytes for people, in powers of 1,000."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()

"""How long one wait for a storage may take.

One thread watches over all waits: a timer for each, which is a thread of its own, would cost more than most waits take.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_PERIOD: Final = 0.05
_IDLE_PERIODS: Final = 100


class Deadline:
    """``stop`` is called from another thread once a block has run for so many seconds; then ``passed`` is true."""

    def __init__(self, seconds: float, stop: Callable[[], object]) -> None:
        self.seconds = seconds
        self.passed = False
        self.ends_at = 0.0
        self._stop = stop

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hold the block to the limit."""
        self.ends_at = time.monotonic() + self.seconds
        _watch.add(self)
        try:
            yield
        finally:
            _watch.discard(self)

    def end(self) -> None:
        """Stop what runs in the block."""
        self.passed = True
        self._stop()


class _Watch:
    """The deadlines that are running, and the thread that looks at them while there are any, and a while longer."""

    def __init__(self) -> None:
        self._running: set[Deadline] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, deadline: Deadline) -> None:
        with self._lock:
            self._running.add(deadline)
            # In a forked process there is no thread yet, whatever its parent had.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()

    def discard(self, deadline: Deadline) -> None:
        with self._lock:
            self._running.discard(deadline)

    def _run(self) -> None:
        idle = 0
        while idle < _IDLE_PERIODS:
            time.sleep(_PERIOD)
            with self._lock:
                now = time.monotonic()
                late = [deadline for deadline in self._running if deadline.ends_at <= now]
                self._running.difference_update(late)
                idle = 0 if self._running else idle + 1
                if idle == _IDLE_PERIODS:
                    self._thread = None
            for deadline in late:
                # Stopping may have to reach another machine, which the other deadlines do not wait for.
                threading.Thread(target=deadline.end, daemon=True).start()


_watch: Final = _Watch()

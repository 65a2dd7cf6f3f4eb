"""How long one wait for a storage may take, and that it ends when nobody waits for it any more.

One thread watches over all waits: a timer for each, which is a thread of its own, would cost more than most waits take.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_PERIOD: Final = 0.05
_IDLE_PERIODS: Final = 100
_AGAIN: Final = 1.0  # seconds: a stop that comes between two statements stops neither

_is_waited_for: ContextVar[Callable[[], bool] | None] = ContextVar("is_waited_for", default=None)


@contextmanager
def while_waited_for(is_waited_for: Callable[[], bool]) -> Iterator[None]:
    """Stop every wait of the block, as ``interrupt`` of a read does, once ``is_waited_for`` says no.

    It is asked from another thread, 20 times a second, and must answer at once.
    """
    token = _is_waited_for.set(is_waited_for)
    try:
        yield
    finally:
        _is_waited_for.reset(token)


class Deadline:
    """``stop`` is called from another thread once a block has run for so many seconds; then ``passed`` is true."""

    def __init__(self, seconds: float, stop: Callable[[], object]) -> None:
        self.seconds = seconds
        self.passed = False
        self.ends_at = 0.0
        self.stop = stop
        self._is_waited_for: Callable[[], bool] | None = None
        self._stops_again_at = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Hold the block to the limit."""
        self.ends_at = time.monotonic() + self.seconds
        self._is_waited_for = _is_waited_for.get()
        _watch.add(self)
        try:
            yield
        finally:
            _watch.discard(self)

    def end(self) -> None:
        """Stop what runs in the block."""
        self.passed = True
        self.stop()

    def is_left(self, now: float) -> bool:
        """Whether nobody waits for the block any more, and it was not told so just before."""
        if self._is_waited_for is None or now < self._stops_again_at or self._is_waited_for():
            return False
        self._stops_again_at = now + _AGAIN
        return True


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
                left = [deadline for deadline in self._running if deadline.is_left(now)]
                idle = 0 if self._running else idle + 1
                if idle == _IDLE_PERIODS:
                    self._thread = None
            for stop in [deadline.end for deadline in late] + [deadline.stop for deadline in left]:
                # Stopping may have to reach another machine, which the other deadlines do not wait for.
                threading.Thread(target=stop, daemon=True).start()


_watch: Final = _Watch()

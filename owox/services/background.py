"""What requests leave to be done after them, one thing after another, in one thread of the process.

A process that ends may lose the last of it; so may one that is asked for more than it can do.
"""

import logging
import threading
from collections.abc import Callable
from queue import Full, Queue
from typing import Final

_WAITING: Final = 1000  # things at most, each of them small
_log = logging.getLogger(__name__)


class Background:
    """The thread of one process, which begins with the first thing to do."""

    def __init__(self) -> None:
        self._queue: Queue[Callable[[], None]] = Queue(_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def idle(self) -> bool:
        """Whether everything so far has been done, or given up."""
        return not self._queue.unfinished_tasks

    def do(self, act: Callable[[], None]) -> None:
        """Do it soon; returns at once. What it raises is logged."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._do_all, name="background", daemon=True)
                self._thread.start()
        try:
            self._queue.put_nowait(act)
        except Full:
            _log.warning("something was left undone: too much else is to be done after requests")

    def _do_all(self) -> None:
        while True:
            act = self._queue.get()
            try:
                act()
            except Exception:
                _log.exception("something was left undone after a request")
            finally:
                self._queue.task_done()

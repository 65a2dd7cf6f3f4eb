"""The threads of waitress that answer: one for the calls that every client begins with, the others for all else.

Threads of one process take turns at Python's lock, and to hand it over costs more than such a call, which reads one row
of a file and asks nobody else: several clients at once get fewer answers from many threads than from one
(``python -m tests.benchmarks calls``).
"""

import time
from typing import Final

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ThreadedTaskDispatcher

# By path, the header that such a call has. Context without it may be the dashboard's or a terminal's, and write.
_SHORT: Final = {"/api/auth/api-keys/exchange": "X_OWOX_API_KEY_ID", "/api/auth/context": "X_OWOX_AUTHORIZATION"}


class Threads(ThreadedTaskDispatcher):  # type: ignore[misc]
    """``count`` threads, of which one is for short calls alone when those are ``apart``.

    That is right where no short call waits for another server, so that none of them keeps the next waiting.
    """

    def __init__(self, count: int, *, apart: bool) -> None:
        super().__init__()
        self._short = ThreadedTaskDispatcher()
        self._short.set_thread_count(int(apart))
        self.set_thread_count(count - int(apart))

    def add_task(self, task: HTTPChannel) -> None:
        """Have a connection's first request answered."""
        if self._short.threads and _is_short(task.requests[0]):
            self._short.add_task(task)
        else:
            super().add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Wait for what is being answered, ``timeout`` seconds at most; give up what was not begun."""
        end = time.monotonic() + timeout
        self.set_thread_count(0)
        self._short.shutdown(cancel_pending, timeout)
        ended: bool = super().shutdown(cancel_pending, max(0, end - time.monotonic()))
        return ended


def _is_short(request: HTTPRequestParser) -> bool:
    return _SHORT.get(request.path) in request.headers

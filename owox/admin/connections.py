"""The connections of waitress, of which neither their number nor their slowness keeps others out.

A request has ``REQUEST_SECONDS`` to arrive whole, however its bytes are spread. Past ``MOST`` connections, the one that
has been without a whole request longest makes place for the next. Whoever asks on without reading the answers gets no
more of them: no thread waits for that.
"""

from typing import Any, Final

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask

from owox.admin.requests import Request

MOST: Final = 512
REQUEST_SECONDS: Final = 60


class _Answering:
    """Marks a connection as long as an answer is written to it."""

    channel: "Connection"

    def service(self) -> None:
        """Write the answer."""
        self.channel.answering = True
        try:
            super().service()  # type: ignore[misc]
        finally:
            self.channel.answering = False


class _Answer(_Answering, WSGITask):  # type: ignore[misc]
    pass


class _Refusal(_Answering, ErrorTask):  # type: ignore[misc]
    pass


class Connection(HTTPChannel):  # type: ignore[misc]
    """One client's connection."""

    parser_class = Request
    task_class = _Answer
    error_task_class = _Refusal
    answering = False
    last_activity: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [each for each in self._map.values() if isinstance(each, Connection) and not each.will_close]
        waiting = [each for each in others if each is not self and not each.requests]
        if len(others) > MOST and waiting:
            min(waiting, key=lambda each: each.last_activity).will_close = True

    def handle_read(self) -> None:
        """Take what has come; a request that has begun is as old as its first byte."""
        begun, since = self.request, self.last_activity
        super().handle_read()
        if begun is not None and self.request is begun:
            self.last_activity = since

    def _flush_outbufs_below_high_watermark(self) -> None:
        if self.answering or self.total_outbufs_len <= self.adj.outbuf_high_watermark:
            super()._flush_outbufs_below_high_watermark()
            return
        with self.requests_lock:
            for unanswered in self.requests[1:]:
                unanswered.close()
            del self.requests[1:]
            self.close_when_flushed = True

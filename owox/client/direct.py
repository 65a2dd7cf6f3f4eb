"""Row streams straight from the standard library: half the work a byte of the general transport, which rows in millions
show. For connections without a proxy only; every failure is the general library's own error.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader
from typing import Any, cast

import httpx

READ_BYTES = 64 * 1024


class DirectTransport(httpx.BaseTransport):
    """One new connection an answer, which it ends with."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer with the body unread; raise ``httpx.TransportError``."""
        timeouts = request.extensions["timeout"]
        connection = self._connection(request.url, timeouts["connect"])
        try:
            with _as_transport_errors(httpx.ConnectError, httpx.ConnectTimeout):
                connection.connect()
            connection.sock.settimeout(timeouts["read"])
            with _as_transport_errors(httpx.ReadError, httpx.ReadTimeout):
                answer = _ask(connection, request)
        except BaseException:
            connection.close()
            raise
        return httpx.Response(
            answer.status,
            headers=answer.getheaders(),
            stream=_Body(connection, answer),
            extensions={"reason_phrase": answer.reason.encode("latin-1", "replace"), "http_version": b"HTTP/1.1"},
        )

    def _connection(self, url: httpx.URL, timeout: float) -> HTTPConnection:
        host = url.raw_host.decode("ascii")
        connection: HTTPConnection
        if url.scheme == "https":
            connection = HTTPSConnection(host, url.port or 443, timeout=timeout, context=self._context)
        else:
            connection = HTTPConnection(host, url.port or 80, timeout=timeout)
        connection.response_class = _Answer
        return connection


class _Lines(BufferedReader):
    """Remembers the last line that was read: the one that ends a chunked answer is empty."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last = super().readline(size)
        return self.last


class _Answer(HTTPResponse):
    """An answer that knows whether its end was marked: to its own reader a cut there is an end like any other."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fp = self._lines = _Lines(self.fp.detach())

    @property
    def whole(self) -> bool:
        """Whether all of it has come. Whatever marks no end that this reader knows counts as cut."""
        return self._lines.last in {b"\r\n", b"\n"} if self.chunked else self.length == 0


class _Body(httpx.SyncByteStream):
    """The bytes of an answer, to the end that the server marked."""

    def __init__(self, connection: HTTPConnection, answer: _Answer) -> None:
        self._connection, self._answer = connection, answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_transport_errors(httpx.ReadError, httpx.ReadTimeout):
            while piece := self._answer.read1(READ_BYTES):
                yield piece
        if not self._answer.whole:
            raise httpx.RemoteProtocolError("the connection ended before the answer did")

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


def _ask(connection: HTTPConnection, request: httpx.Request) -> _Answer:
    connection.putrequest(
        request.method, request.url.raw_path.decode("ascii"), skip_host=True, skip_accept_encoding=True
    )
    for name, value in request.headers.raw:
        connection.putheader(name.decode("ascii"), value)
    connection.endheaders(request.read() or None)
    return cast(_Answer, connection.getresponse())


@contextmanager
def _as_transport_errors(failed: type[httpx.NetworkError], late: type[httpx.TimeoutException]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from None
    except HTTPException as error:
        raise httpx.RemoteProtocolError(type(error).__name__) from None
    except (OSError, ValueError) as error:
        raise failed(str(error)) from None

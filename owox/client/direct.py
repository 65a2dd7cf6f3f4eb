"""Row streams straight from the standard library: half the work a byte of the general transport, which rows in millions
show. For connections without a proxy only; every failure is the general library's own error.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

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
        if url.scheme == "https":
            return HTTPSConnection(host, url.port or 443, timeout=timeout, context=self._context)
        return HTTPConnection(host, url.port or 80, timeout=timeout)


class _Body(httpx.SyncByteStream):
    """The bytes of an answer, to the end that the server marked."""

    def __init__(self, connection: HTTPConnection, answer: HTTPResponse) -> None:
        self._connection, self._answer = connection, answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_transport_errors(httpx.ReadError, httpx.ReadTimeout):
            while piece := self._answer.read1(READ_BYTES):
                yield piece
        # Whatever marks no end that this reader knows counts as cut.
        if not self._answer.chunked and self._answer.length != 0:
            raise httpx.RemoteProtocolError("the connection ended before the answer did")

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


def _ask(connection: HTTPConnection, request: httpx.Request) -> HTTPResponse:
    connection.putrequest(
        request.method, request.url.raw_path.decode("ascii"), skip_host=True, skip_accept_encoding=True
    )
    for name, value in request.headers.raw:
        connection.putheader(name.decode("ascii"), value)
    connection.endheaders(request.read() or None)
    return connection.getresponse()


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

"""The rows of one data mart or report, as they arrive: raw bytes, lines, or dicts."""

import json
from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn, Self

from owox.client.errors import ApiError

if TYPE_CHECKING:
    import httpx

    from owox.client.connection import Connection

_PREVIEW = 200


class Stream:
    """An open answer with rows. It is read once, in one of four forms, to the end that the server marked.

    In a ``with`` block, or after ``close``, the connection ends early, which ends the reading on the server too.
    ``run_id`` is the server's id of this reading (``x-owox-run-id``), ``received`` the number of bytes so far.
    """

    def __init__(self, response: "httpx.Response", subject: dict[str, Any]) -> None:
        self.run_id: str | None = response.headers.get("x-owox-run-id")
        self.received = 0
        self._response = response
        self._details = {**subject, "runId": self.run_id} if self.run_id else subject
        try:
            self._refuse_other_than_rows()
        except ApiError:
            self.close()
            raise

    def close(self) -> None:
        """End the reading, also before its end."""
        self._response.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self.rows()

    def read(self) -> bytes:
        """Return the NDJSON whole; raise ``ApiError`` when the connection ends too early."""
        return b"".join(self.chunks())

    def chunks(self) -> Iterator[bytes]:
        """Yield the NDJSON as it arrives, unparsed; raise ``ApiError`` when the connection ends too early."""
        import httpx

        try:
            for chunk in self._response.iter_raw():
                self.received += len(chunk)
                yield chunk
        except (httpx.StreamConsumed, httpx.StreamClosed):
            raise ApiError("The rows of a stream can be read only once", details=self._details) from None
        except httpx.RequestError:
            raise ApiError(
                "Failed to read OWOX Data Mart data stream",
                details=self._details,
                hint="The rows received before are incomplete. The server ends a stream early when reading fails "
                "or when the API key is no longer accepted.",
            ) from None

    def checked(self) -> Iterator[bytes]:
        """Yield the NDJSON as it arrives, each piece once the lines that end in it were parsed; raise as ``rows`` does.

        A last line without a line feed is parsed after it was yielded.
        """
        lines, numbers = _Lines(), count(1)
        for chunk in self.chunks():
            for line in lines.ended_by(chunk):
                self.parse(next(numbers), line)
            yield chunk
        if last := lines.rest():
            self.parse(next(numbers), last)

    def lines(self) -> Iterator[bytes]:
        """Yield each line without its line feed, empty ones left out."""
        lines = _Lines()
        for chunk in self.chunks():
            yield from lines.ended_by(chunk)
        if last := lines.rest():
            yield last

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each row; raise ``ApiError`` naming the line that is not a JSON object (contract.md 4.10)."""
        for number, line in enumerate(self.lines(), start=1):
            yield self.parse(number, line)

    def parse(self, number: int, line: bytes) -> dict[str, Any]:
        """Return the row of a line, the ``number``-th of the stream; raise ``ApiError`` naming it."""
        try:
            row = json.loads(line, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            message = f"Malformed NDJSON line {number} in OWOX Data Mart data stream"
            raise ApiError(message, details=self._at(number, line)) from None
        if not isinstance(row, dict):
            raise ApiError(f"NDJSON line {number} is not a JSON object", details=self._at(number, line))
        return row

    def _refuse_other_than_rows(self) -> None:
        headers = self._response.headers
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if self._response.status_code != 200:
            # 206 is a part, 204 nothing at all.
            raise ApiError(
                "OWOX Data Mart data stream has an unexpected status",
                status=self._response.status_code,
                details=self._details,
            )
        if media_type != "application/x-ndjson":
            raise ApiError(
                "OWOX Data Mart data stream has an unexpected content type",
                status=self._response.status_code,
                details={**self._details, "contentType": media_type},
                hint="If it is a page, a network or a proxy on the way has answered in the server's place.",
            )
        if encoding := headers.get("content-encoding", "").removeprefix("identity"):
            raise ApiError(
                "OWOX Data Mart data stream is compressed, so that a cut could not be told from its end",
                details={**self._details, "contentEncoding": encoding},
                hint="Something between here and the server compresses what was asked for uncompressed.",
            )
        # Two lengths arrive as a list, and a coding other than this one has no reader here.
        chunked = headers.get("transfer-encoding", "").strip().lower() == "chunked"
        if not (chunked or headers.get("content-length", "").strip().isdecimal()):
            raise ApiError(
                "OWOX Data Mart data stream has no marked end, so that a cut could not be told from its end",
                details=self._details,
                hint="Let whatever stands between here and the server pass HTTP/1.1 through.",
            )

    def _at(self, number: int, line: bytes) -> dict[str, Any]:
        preview = line.decode("utf-8", "replace")[:_PREVIEW]
        return {**self._details, "lineNumber": number, "linePreview": preview}


class _Lines:
    """Puts lines together across chunks; empty ones are left out."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def ended_by(self, chunk: bytes) -> Iterator[bytes]:
        first, *others = chunk.split(b"\n")
        self._pending += first
        for following in others:
            if self._pending:
                yield bytes(self._pending)
            self._pending = bytearray(following)

    def rest(self) -> bytes:
        return bytes(self._pending)


def open_stream(
    connection: "Connection", path: str, params: tuple[tuple[str, str], ...], subject: dict[str, Any]
) -> Stream:
    """Open the rows at a path; errors name their ``subject``, the ID of the data mart or report, before all else."""
    from owox.client.transport import NDJSON, Call

    try:
        response = connection.open(Call("GET", path, params, accept=NDJSON))
    except ApiError as error:
        found = error.details if isinstance(error.details, dict) else {}
        error.details = {**subject, **found}
        raise
    return Stream(response, subject)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")

"""Reads a request's head as strictly as HTTP/1.1 is written (RFC 9112), before waitress looks at it.

Two servers that read one request differently can be played against each other, so what only some read is refused, and
the connection closed. Patterns here take one pass; those of waitress take minutes for a few kilobytes that are made for
them, and never see such a head, nor the white space that they stumble over.
"""

import re
from typing import Any, Final, NamedTuple

from waitress.parser import HTTPRequestParser, ParsingError, TransferEncodingNotImplemented
from waitress.receiver import ChunkedReceiver
from waitress.utilities import BadRequest

_START: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Z-]+ (?P<target>[!\"$-~]+) HTTP/1\.(?P<minor>[01])")
_FIELD: Final = re.compile(rb"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):(?P<value>[\t -~\x80-\xff]*)")
_ABSOLUTE: Final = re.compile(rb"https?://([^/?]*)", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"[0-9]{1,15}")
_CHUNK_LINE_BYTES: Final = 1024


class _Field(NamedTuple):
    name: bytes
    value: bytes


class Request(HTTPRequestParser):  # type: ignore[misc]
    """waitress's request, of which only a head without any doubt is taken."""

    body_rcv: Any
    path = ""  # what the log names, also for one that could not be read

    def parse_header(self, header_plus: bytes) -> None:
        """Read all before the body. Raises ``ParsingError``, answered by 400, or ``TransferEncodingNotImplemented``."""
        start, *lines = header_plus.split(b"\r\n")
        first = _START.fullmatch(start)
        if first is None:
            raise ParsingError("The request line is not one of HTTP/1.0 or HTTP/1.1.")
        fields = [_field(line) for line in lines if line]
        _check_length(fields, first["minor"])
        _check_target(fields, first["target"])
        try:
            super().parse_header(b"\r\n".join([start, *map(b": ".join, fields), b""]))
        except ValueError:
            raise ParsingError("The request target is no address.") from None
        if self.chunked:
            self.body_rcv = _Chunks(self.body_rcv.buf)


class _Chunks(ChunkedReceiver):  # type: ignore[misc]
    def received(self, s: bytes) -> int:
        taken: int = super().received(s)
        # The first half of a line's end may have come alone, where no trailer follows.
        trailer = self.trailer.rstrip(b"\r").split(b"\r\n") if self.completed else []
        if len(self.control_line) > _CHUNK_LINE_BYTES or not all(map(_FIELD.fullmatch, filter(None, trailer))):
            self.error = BadRequest("The body's chunks are not framed as they must be.")
        return taken


def _field(line: bytes) -> _Field:
    found = _FIELD.fullmatch(line)
    if found is None:
        raise ParsingError("A header is not one line of a name, a colon and a value.")
    return _Field(found["name"], found["value"].strip(b" \t"))


def _check_length(fields: list[_Field], minor: bytes) -> None:
    codings, lengths = _values(fields, b"transfer-encoding"), _values(fields, b"content-length")
    if len(codings) + len(lengths) > 1:
        raise ParsingError("The body's length is told twice.")
    if not all(map(_LENGTH.fullmatch, lengths)):
        raise ParsingError("Content-Length is not a number.")
    if codings and minor == b"0":
        raise ParsingError("HTTP/1.0 has no Transfer-Encoding.")
    if codings and codings[0].lower() != b"chunked":
        raise TransferEncodingNotImplemented("The only Transfer-Encoding taken is chunked.")


def _check_target(fields: list[_Field], target: bytes) -> None:
    """A whole address counts for more than the Host header (RFC 9112 3.2.2), so they have to agree."""
    if target.startswith(b"/") or target == b"*":
        return
    whole = _ABSOLUTE.match(target)
    if whole is None or _values(fields, b"host") != [whole[1]]:
        raise ParsingError("The request target is neither a path nor an address on the host that is named.")


def _values(fields: list[_Field], name: bytes) -> list[bytes]:
    return [field.value for field in fields if field.name.lower() == name]

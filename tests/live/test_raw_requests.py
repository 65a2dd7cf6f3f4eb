"""Requests that two servers may read in two ways, and clients that hold on to what they were given."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from owox.admin import connections
from tests.infra.raw import connect, say
from tests.infra.server import Server, running_server

POST = b"POST /api/auth/api-keys/exchange HTTP/1.1\r\n"
GET = b"GET /health/live HTTP/1.1\r\n"
TYPE = b"Content-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"2\r\n{}\r\n0\r\n\r\n"
BIG = b"/static/vendor/swagger-ui-bundle-5.35.0.js"

REFUSED = {
    "length and chunks": (POST, TYPE + CHUNKED + b"Content-Length: 2\r\n", CHUNKS),
    "chunks and length": (POST, TYPE + b"Content-Length: 0\r\n" + CHUNKED, CHUNKS),
    "two lengths": (POST, TYPE + b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"),
    "one length twice": (POST, TYPE + b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"),
    "a list of lengths": (POST, TYPE + b"Content-Length: 2, 2\r\n", b"{}"),
    "a signed length": (POST, TYPE + b"Content-Length: +2\r\n", b"{}"),
    "a negative length": (POST, TYPE + b"Content-Length: -2\r\n", b"{}"),
    "a hexadecimal length": (POST, TYPE + b"Content-Length: 0x2\r\n", b"{}"),
    "an endless length": (POST, TYPE + b"Content-Length: " + b"9" * 5000 + b"\r\n", b"{}"),
    "no length": (POST, TYPE + b"Content-Length:\r\n", b"{}"),
    "chunked twice": (POST, TYPE + CHUNKED + CHUNKED, CHUNKS),
    "chunked, chunked": (POST, TYPE + b"Transfer-Encoding: chunked, chunked\r\n", CHUNKS),
    "gzip, chunked": (POST, TYPE + b"Transfer-Encoding: gzip, chunked\r\n", CHUNKS),
    "identity": (POST, TYPE + b"Transfer-Encoding: identity\r\n", CHUNKS),
    "a tab before chunked": (POST, TYPE + b"Transfer-Encoding: \x0bchunked\r\n", CHUNKS),
    "chunks in HTTP/1.0": (POST.replace(b"1.1", b"1.0"), b"Connection: keep-alive\r\n" + TYPE + CHUNKED, CHUNKS),
    "space before the colon": (POST, TYPE + b"Transfer-Encoding : chunked\r\n", CHUNKS),
    "a folded header": (GET, b"X-Folded: a\r\n b\r\n", b""),
    "a folded Transfer-Encoding": (POST, TYPE + b"Transfer-Encoding:\r\n chunked\r\n", CHUNKS),
    "a line feed alone": (GET, b"X-A: a\nX-B: b\r\n", b""),
    "a carriage return alone": (GET, b"X-A: a\rX-B: b\r\n", b""),
    "NUL": (GET, b"X-A: a\0\r\n", b""),
    "no colon": (GET, b"X-A\r\n", b""),
    "no name": (GET, b": a\r\n", b""),
    "another version": (GET.replace(b"1.1", b"2.0"), b"", b""),
    "no version": (GET.replace(b" HTTP/1.1", b""), b"", b""),
    "two line ends": (GET.replace(b"\r\n", b"\r\r\n"), b"", b""),
    "space at the end": (GET.replace(b"\r\n", b" \r\n"), b"", b""),
    "a broken address": (b"GET http://[ HTTP/1.1\r\n", b"", b""),
    "an address elsewhere": (b"GET http://example.com/health/live HTTP/1.1\r\n", b"", b""),
    "a fragment": (b"GET /health/live#here HTTP/1.1\r\n", b"", b""),
    "a chunk too long": (POST, TYPE + CHUNKED, b"2\r\n{}x\r\n0\r\n\r\n"),
    "a signed chunk": (POST, TYPE + CHUNKED, b"+2\r\n{}\r\n0\r\n\r\n"),
    "an endless chunk line": (POST, TYPE + CHUNKED, b"2;" + b"a" * 5000),
    "a trailer that is none": (POST, TYPE + CHUNKED, b"2\r\n{}\r\n0\r\nX-A\n\r\n\r\n"),
}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all that is said here."""
    with running_server(tmp_path_factory.mktemp("raw") / "instance") as running:
        yield running


def host(server: Server) -> bytes:
    return b"Host: 127.0.0.1:%d\r\n" % server.port


@pytest.mark.parametrize("parts", REFUSED.values(), ids=REFUSED.keys())
def test_what_can_be_read_in_two_ways_is_refused_and_ends_the_connection(
    parts: tuple[bytes, bytes, bytes], serving: Server
):
    """I10: and what follows on that connection is not answered."""
    start, fields, body = parts
    following = GET + host(serving) + b"\r\n"

    answered = say(serving.port, start + host(serving) + fields + b"\r\n" + body + following)

    assert answered.closed
    assert answered.statuses in ([400], [501])
    assert "Exception" not in serving.log.read_text()


def test_what_can_be_read_in_one_way_only_is_answered(serving: Server):
    """I10: chunks in pieces, with extension and trailer, and a whole address."""
    chunks = POST + host(serving) + TYPE + CHUNKED + b"\r\n2;a=b\r\n{}\r\n0\r\nX-A: b\r\n\r\n"
    whole = b"GET http://127.0.0.1:%d/health/live HTTP/1.1\r\n" % serving.port + host(serving)

    answered = say(serving.port, chunks + whole + b"X-A: \t" + b"a " * 4000 + b"\r\nConnection: close\r\n\r\n")

    assert answered.statuses == [400, 200], "the first has no credential in it, which is a 400 of the API"


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X-A:" + b" " * 40_000 + b"\x01",
        GET + b"X-A:" + b" " * 40_000 + b"a\r\nConnection: close",
        b"GET http://" + b"1" * 40_000 + b" HTTP/9",
    ],
    ids=["white space", "white space before a value", "digits"],
)
def test_no_head_takes_long_to_read(head: bytes, serving: Server):
    """I11: the patterns of the server's library take minutes for each of these."""
    assert say(serving.port, head + b"\r\n" + host(serving) + b"\r\n").closed


def test_connections_without_a_request_keep_nobody_out(serving: Server):
    """I11: more than there is room for, be they idle or their requests slow to come."""
    post = POST + host(serving) + TYPE
    begun = [b"", GET + b"X-A: a", post + b"Content-Length: 9\r\n\r\n{", post + CHUNKED + b"\r\n9\r\n{"]

    with ExitStack() as stack:
        slow = [stack.enter_context(connect(serving.port)) for _ in range(connections.MOST + 50)]
        for number, connection in enumerate(slow):
            connection.sendall(begun[number % len(begun)])
        answered = say(serving.port, GET + host(serving) + b"Connection: close\r\n\r\n")

    assert answered.statuses == [200]


def test_clients_that_ask_on_without_reading_keep_nobody_out(serving: Server):
    """I11: each would otherwise hold one of the server's threads."""
    asked = (b"GET " + BIG + b" HTTP/1.1\r\n" + host(serving) + b"\r\n") * 50

    with ExitStack() as stack:
        greedy: list[socket.socket] = []
        for _ in range(60):
            greedy.append(stack.enter_context(connect(serving.port, receive_bytes=4096)))
            greedy[-1].sendall(asked)
            assert greedy[-1].recv(12) == b"HTTP/1.1 200"
        answered = say(serving.port, GET + host(serving) + b"Connection: close\r\n\r\n")

    assert answered.statuses == [200]

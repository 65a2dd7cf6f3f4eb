"""Readers of row streams: fast ones, which count, and slow ones, which take a little now and then."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.benchmarks import load
from tests.benchmarks.instance import wait_for_rest
from tests.infra.server import Server

_END = b"\r\n0\r\n\r\n"


@dataclass(frozen=True)
class Read:
    """One whole stream; times are in seconds from the request on."""

    rows: int
    first_byte: float
    seconds: float

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds


def read(port: int, path: str, *headers: str) -> Read:
    """Read a stream as fast as it comes. It must be a 200 and end with its final chunk."""
    begin = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(load.get(path, "Connection: close", *headers))
        piece, rows, tail, first = bytearray(1 << 20), 0, b"", 0.0
        while size := connection.recv_into(piece):
            if not first:
                first = time.perf_counter() - begin
                load.check(piece[:size])
            # A row ends in a brace and a line end; between two pieces the pair may be torn apart.
            rows += piece.count(b"}\n", 0, size) + (tail[-1:] == b"}" and piece[:1] == b"\n")
            tail = (tail + piece[max(0, size - len(_END)) : size])[-len(_END) :]
    if tail != _END:
        raise RuntimeError("the stream was cut")
    return Read(rows, first, time.perf_counter() - begin)


@contextmanager
def slow(many: int, server: Server, path: str, *headers: str) -> Iterator[None]:
    """Readers that take 4 KiB ten times a second, for as long as the block runs.

    It begins once what lies between the server and them is full, so that the server rests: until then they are
    readers like any other.
    """
    stop = threading.Event()
    connections = []
    for _ in range(many):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(load.get(path, *headers))
        load.check(connection.recv(4096))
        connections.append(connection)

    def trickle() -> None:
        while not stop.wait(0.1):
            for connection in connections:
                connection.recv(4096)

    thread = threading.Thread(target=trickle)
    thread.start()
    wait_for_rest(server.pid)
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for connection in connections:
            connection.close()

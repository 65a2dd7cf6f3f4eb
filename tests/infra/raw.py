"""Bytes sent to a server as they are, without an HTTP client that would put them right."""

import re
import socket
from dataclasses import dataclass

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


@dataclass(frozen=True)
class Answered:
    """What came back until the server closed, or said nothing more: the statuses of all answers."""

    statuses: list[int]
    closed: bool


def connect(port: int, seconds: float = 10, receive_bytes: int | None = None) -> socket.socket:
    """A connection that waits so long for anything, and takes no more unread than so much and what the system adds."""
    connection = socket.socket()
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(seconds)
    connection.connect(("127.0.0.1", port))
    return connection


def say(port: int, data: bytes) -> Answered:
    """Send all of it, then read all that comes."""
    received, closed = b"", False
    with connect(port) as connection:
        connection.sendall(data)
        try:
            while not closed:
                more = connection.recv(65536)
                closed = not more
                received += more
        except TimeoutError:
            pass
    return Answered([int(status) for status in _STATUS.findall(received)], closed)

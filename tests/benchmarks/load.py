"""A light load generator: several kept-open connections to 127.0.0.1, one prepared request, one thread."""

import selectors
import socket
import time

CONNECTIONS = 8


def rate(port: int, request: bytes, seconds: float, connections: int = CONNECTIONS) -> float:
    """Answers per second; every one of them must be a 200."""
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, bytearray())
        connection.sendall(request)
    answers, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for key, _ in selector.select(1):
            connection, received = key.fileobj, key.data
            received += connection.recv(1 << 20)
            if _complete(received):
                answers += 1
                received.clear()
                connection.sendall(request)
    took = time.perf_counter() - begin
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    return answers / took


def get(path: str, *headers: str) -> bytes:
    """A prepared GET request."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


def post(path: str, body: str, *headers: str) -> bytes:
    """A prepared POST request with a JSON body."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", *headers, "", body]).encode()


def check(received: bytes | bytearray) -> None:
    """Raise unless an answer begins as a 200."""
    if not received.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(received[:300].decode(errors="replace"))


def _complete(received: bytearray) -> bool:
    """Whether a whole answer is there, which may come in pieces; anything but a 200 ends the run."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = received[:end]
    check(head)
    return len(received) == end + 4 + int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])

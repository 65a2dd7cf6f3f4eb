"""A server that answers with the very bytes a test gives it, and remembers what it was asked."""

import json
import socket
import ssl
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

EXCHANGE = "/api/auth/api-keys/exchange"
CONTEXT = "/api/auth/context"
MARTS = "/api/data-marts"
ROWS = "/api/external/http-data/data-marts/orders.ndjson"
NDJSON = ("Content-Type: application/x-ndjson; charset=utf-8", "x-owox-run-id: run-1")

# Bytes are sent as they are; the server waits at an event until the test sets it.
Piece = bytes | threading.Event


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class FaultyServer:
    """Answers on 127.0.0.1, one connection a request, until closed."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self._was_asked = threading.Condition()
        self._answers: dict[str, list[Sequence[Piece]]] = defaultdict(list)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def on(self, path: str, *answers: bytes | Sequence[Piece]) -> None:
        """Answer a path (query left out) with each of these in turn; the last one repeats."""
        self._answers[path] = [(answer,) if isinstance(answer, bytes) else answer for answer in answers]

    def wait_for_a_question(self, number: int = 1) -> None:
        """Return when so many requests have arrived."""
        with self._was_asked:
            assert self._was_asked.wait_for(lambda: len(self.asked) >= number, 30), "nothing was asked"

    def close(self) -> None:
        """Stop answering; a second time does nothing."""
        if self._thread.is_alive():
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
        except OSError:
            plain.close()
            return
        with connection:
            asked = _read(connection)
            with self._was_asked:
                self.asked.append(asked)
                self._was_asked.notify_all()
            answers = self._answers[asked.target.partition("?")[0]] or [(answer(404, {"message": "Not Found"}),)]
            pieces = answers.pop(0) if len(answers) > 1 else answers[0]
            try:
                for piece in pieces:
                    if isinstance(piece, threading.Event):
                        piece.wait(30)
                    else:
                        connection.sendall(piece)
            except OSError:
                return


def answer(status: int, body: object = None, *headers: str, phrase: str = "Phrase") -> bytes:
    """Return a whole JSON answer."""
    data = json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} {phrase}", *(headers or ("Content-Type: application/json",))]
    return "\r\n".join([*head, f"Content-Length: {len(data)}", "Connection: close", "", ""]).encode() + data


def token(value: str = "token-of-the-test") -> bytes:
    """Return the answer of an exchange that succeeded."""
    return answer(200, {"accessToken": value, "accessTokenExpiresIn": 900})


def rows_head(*headers: str) -> bytes:
    """Return the head of a chunked answer with rows."""
    framing = "Transfer-Encoding: chunked", "Connection: close"
    return "\r\n".join(["HTTP/1.1 200 OK", *(headers or NDJSON), *framing, "", ""]).encode()


def chunk(data: bytes) -> bytes:
    """Return one chunk; an empty one is the final chunk."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _read(connection: socket.socket) -> Asked:
    data = b""
    # A TLS greeting never has the empty line that ends a head.
    while b"\r\n\r\n" not in data and data[:1] != b"\x16" and (more := connection.recv(65536)):
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, *_ = [*first.split(" "), "", ""]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")) and (more := connection.recv(65536)):
        body += more
    return Asked(method, target, headers, body)

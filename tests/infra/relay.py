"""A TCP relay between a client and a server that can fall silent without closing anything."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Passes bytes on until ``freeze``; then it still accepts connections, and passes nothing any more."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._frozen = threading.Event()
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def freeze(self) -> None:
        """Fall silent, in both directions."""
        self._frozen.set()

    def close(self) -> None:
        """End every connection."""
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in (self._listener, *self._open):
            each.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._to))
            self._open += [client, server]
            self._threads.append(threading.Thread(target=self._pass_on, args=(client, server), daemon=True))
            self._threads[-1].start()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        while not self._ended.is_set():
            if self._frozen.is_set():
                self._ended.wait()
                return
            ready, _, _ = select.select([client, server], [], [], 0.05)
            for source in ready:
                data = source.recv(65536)
                if not data:
                    return
                (server if source is client else client).sendall(data)


@contextmanager
def relay(port: int) -> Iterator[Relay]:
    """A relay to a port of this machine, closed at the end of the block."""
    between = Relay(port)
    try:
        yield between
    finally:
        between.close()

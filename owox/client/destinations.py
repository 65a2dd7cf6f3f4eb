"""Destinations: where data marts deliver to (contract.md 3.5)."""

from typing import Any

from owox.client.connection import Connection
from owox.client.shapes import listing, mapping


class Destinations:
    """``client.destinations``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> list[dict[str, Any]]:
        """Return every destination that the key may see, each as the server sent it; no secret is among it."""
        from owox.client.transport import Call

        call = Call("GET", "/api/data-destinations")
        found: list[dict[str, Any]] = self._connection.json(call, "Data Destinations", listing(mapping))
        return found

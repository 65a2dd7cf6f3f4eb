"""Storages: where data marts read from (contract.md 3.4)."""

from typing import Any

from owox.client.connection import Connection
from owox.client.shapes import listing, mapping


class Storages:
    """``client.storages``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> list[dict[str, Any]]:
        """Return every storage that the key may see, each as the server sent it; no secret is among it."""
        from owox.client.transport import Call

        call = Call("GET", "/api/data-storages")
        found: list[dict[str, Any]] = self._connection.json(call, "Data Storages", listing(mapping))
        return found

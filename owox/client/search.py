"""Search in data marts, storages and destinations (contract.md 3.7)."""

from collections.abc import Sequence
from typing import Any

from owox.client.connection import Connection
from owox.client.shapes import having, listing, nullable, number, text

_FOUND = having(
    entityType=text,
    entityId=text,
    title=text,
    description=nullable(text),
    finalScore=number,
    kwScore=number,
    vecScore=nullable(number),
)


class Search:
    """``client.search``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def query(
        self,
        q: str,
        *,
        limit: int | None = None,
        entity_types: Sequence[str] | None = None,
        exclude_drafts: bool | None = None,
    ) -> list[dict[str, Any]]:
        """Return what matches best first: ``entityType, entityId, title, description`` and scores from 0 to 100.

        ``q`` has 2 to 256 characters, ``limit`` is 1 to 50. ``entity_types`` are some of ``DATA_MART``,
        ``DATA_STORAGE`` and ``DATA_DESTINATION``; an empty list matches nothing.
        """
        from owox.client.transport import Call

        types = None if entity_types is None else ",".join(entity_types)
        drafts = None if exclude_drafts is None else str(exclude_drafts).lower()
        given = (("q", q), ("limit", limit), ("entityTypes", types), ("excludeDrafts", drafts))
        params = tuple((name, str(value)) for name, value in given if value is not None)
        found: list[dict[str, Any]] = self._connection.json(
            Call("GET", "/api/search", params), "Search", listing(_FOUND)
        )
        return found

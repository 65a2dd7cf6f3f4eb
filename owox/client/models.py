"""The models canvas: the data marts of a storage and how they are joined (contract.md 3.10)."""

from typing import Any

from owox.client.connection import Connection
from owox.client.paging import every_page
from owox.client.shapes import having, listing, nullable, number, text

_MART = having(id=text, title=text, status=text, description=nullable(text), fieldCount=number)
_JOIN = having(sourceFieldName=text, targetFieldName=text)
_EDGE = having(id=text, sourceDataMartId=text, targetDataMartId=text, joinConditions=listing(_JOIN))


class Models:
    """``client.models``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get_data_marts(self, storage_id: str) -> list[dict[str, Any]]:
        """Return every data mart of a storage, all pages: ``id, title, status, description, fieldCount``."""
        params = {"storageId": storage_id}
        return every_page(self._connection, "/api/model-canvas/data-marts", "Model Canvas Data Marts", _MART, params)

    def get_edges(self, storage_id: str) -> list[dict[str, Any]]:
        """Return every join: ``id, sourceDataMartId, targetDataMartId, joinConditions``."""
        from owox.client.transport import Call

        call = Call("GET", "/api/model-canvas/edges", (("storageId", storage_id),))
        found: list[dict[str, Any]] = self._connection.json(call, "Model Canvas Edges", having(edges=listing(_EDGE)))[
            "edges"
        ]
        return found

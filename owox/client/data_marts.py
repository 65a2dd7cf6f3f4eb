"""Data marts: the list and the rows (contract.md 3.2, 4)."""

from typing import Any, Unpack

from owox.client.connection import Connection
from owox.client.errors import ConfigError
from owox.client.paging import every_page
from owox.client.paths import segment
from owox.client.query import Query, parameters
from owox.client.rows import Stream, open_stream
from owox.client.shapes import having, text

OWNER_FILTERS = ("has_owners", "no_owners")
_MART = having(id=text, title=text, status=text)


class DataMarts:
    """``client.data_marts``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, *, owner_filter: str | None = None) -> list[dict[str, Any]]:
        """Return every data mart that the key may see, all pages, each as the server sent it.

        ``owner_filter`` is ``has_owners`` or ``no_owners``.
        """
        if owner_filter is not None and owner_filter not in OWNER_FILTERS:
            raise ConfigError("Invalid OWOX Data Mart list options", hint="owner_filter: has_owners or no_owners.")
        params = {} if owner_filter is None else {"ownerFilter": owner_filter}
        return every_page(self._connection, "/api/data-marts", "Data Marts", _MART, params)

    def stream(self, data_mart_id: str, **query: Unpack[Query]) -> Stream:
        """Open the rows of a data mart: all native columns and rows, or what ``query`` says (``owox.client.Query``)."""
        path = f"/api/external/http-data/data-marts/{segment(data_mart_id, 'Data Mart')}.ndjson"
        return open_stream(self._connection, path, parameters(query), {"dataMartId": data_mart_id})

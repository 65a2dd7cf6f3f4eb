"""The rows of saved reports (contract.md 4.1)."""

from owox.client.connection import Connection
from owox.client.paths import segment
from owox.client.query import Query, parameters
from owox.client.rows import Stream, open_stream


class Reports:
    """``client.reports``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stream(self, report_id: str, *, limit: int | None = None) -> Stream:
        """Open the rows of a saved report, which has its own columns and filters."""
        path = f"/api/external/http-data/reports/{segment(report_id, 'Report')}.ndjson"
        query = Query() if limit is None else Query(limit=limit)
        return open_stream(self._connection, path, parameters(query), {"reportId": report_id})

"""Run history, of the project and of one data mart (contract.md 3.8)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from owox.client.connection import Connection
from owox.client.errors import ConfigError
from owox.client.paging import every_part, part_params
from owox.client.paths import segment
from owox.client.shapes import USER, Check, both, having, listing, mapping, moment, nullable, perhaps, text

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_TEXTS: dict[str, Check] = dict.fromkeys(("id", "status", "type", "runType", "dataMartId"), text)
_IDS = dict.fromkeys(("reportId", "insightId", "insightTemplateId"), nullable(text))
_OBJECTS = dict.fromkeys(
    ("definitionRun", "reportDefinition", "insightDefinition", "insightTemplateDefinition", "aiSourceDefinition",
     "additionalParams", "totals"),
    nullable(mapping),
)  # fmt: skip
_TIMES: dict[str, Check] = {"createdAt": moment, "startedAt": nullable(moment), "finishedAt": nullable(moment)}
_LINES = dict.fromkeys(("logs", "errors"), nullable(listing(text)))
_RUN = both(
    having(**_TEXTS, **_IDS, **_OBJECTS, **_TIMES, **_LINES, createdByUser=nullable(USER)),
    perhaps(qualitySummary=nullable(mapping)),
)
_PROJECT_RUN = both(_RUN, having(dataMart=having(id=text, title=text)))
_RUN_IN_DETAIL = both(_RUN, perhaps(dataQuality=nullable(mapping)))
_STARTED = having(runId=lambda value: isinstance(value, str) and _UUID.fullmatch(value) is not None)


class Runs:
    """``client.runs``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, *, limit: int | None = None, offset: int | None = None) -> list[dict[str, Any]]:
        """Return one part of the newest runs of all data marts, 100 unless ``limit`` says fewer."""
        return _part(self._connection, "/api/data-marts/runs", _PROJECT_RUN, limit, offset)

    def every(self) -> Iterator[dict[str, Any]]:
        """Yield all runs that can be listed, newest first, asking for more as they are taken."""
        return every_part(lambda limit, offset: self.list(limit=limit, offset=offset))

    def for_data_mart(self, data_mart_id: str) -> "DataMartRuns":
        """Return the runs of one data mart."""
        return DataMartRuns(self._connection, data_mart_id)


class DataMartRuns:
    """``client.runs.for_data_mart(id)``."""

    def __init__(self, connection: Connection, data_mart_id: str) -> None:
        self._connection = connection
        self._path = f"/api/data-marts/{segment(data_mart_id, 'Data Mart')}"

    def list(self, *, limit: int | None = None, offset: int | None = None) -> list[dict[str, Any]]:
        """Return one part of the newest runs, 100 unless ``limit`` says otherwise."""
        return _part(self._connection, f"{self._path}/runs", _RUN, limit, offset)

    def every(self) -> Iterator[dict[str, Any]]:
        """Yield all runs, newest first, asking for more as they are taken."""
        return every_part(lambda limit, offset: self.list(limit=limit, offset=offset))

    def get(self, run_id: str) -> dict[str, Any]:
        """Return one run."""
        from owox.client.transport import Call

        call = Call("GET", f"{self._path}/runs/{segment(run_id, 'run')}")
        found: dict[str, Any] = self._connection.json(call, "Data Mart Run", _RUN_IN_DETAIL)
        return found

    def start(self, run_type: str | None = None, data: Mapping[str, Any] | None = None) -> str:
        """Start a run of a connector data mart and return its ID. For keys of editors who may edit the data mart.

        ``run_type`` is ``None``, ``INCREMENTAL``, or ``MANUAL_BACKFILL``, which takes ``data``.
        """
        from owox.client.transport import Call

        if run_type not in {None, "INCREMENTAL", "MANUAL_BACKFILL"} or (data and run_type != "MANUAL_BACKFILL"):
            raise ConfigError("A run is INCREMENTAL, or a MANUAL_BACKFILL with data, or neither")
        payload = {"runType": run_type} | ({} if data is None else {"data": dict(data)})
        call = Call("POST", f"{self._path}/manual-run", body={"payload": payload} if run_type else {})
        started: str = self._connection.json(call, "Data Mart Run", _STARTED)["runId"]
        return started

    def cancel(self, run_id: str) -> None:
        """End a run that is going on. For keys of editors who may edit the data mart."""
        from owox.client.transport import Call

        self._connection.done(Call("POST", f"{self._path}/runs/{segment(run_id, 'run')}/cancel"))


def _part(connection: Connection, path: str, run: Check, limit: int | None, offset: int | None) -> list[dict[str, Any]]:
    from owox.client.transport import Call

    call = Call("GET", path, part_params(limit, offset))
    found: list[dict[str, Any]] = connection.json(call, "Data Mart Runs", having(runs=listing(run)))["runs"]
    return found

"""Run history, of all data marts and of one, and starting and cancelling a run (contract.md 3.8)."""

from typing import Any

from flask import Blueprint, Response

from owox.access import actor, api, caller, now
from owox.api.bodies import read_object, respond
from owox.api.errors import ValidationFailed, timestamp
from owox.api.paging import read_part, read_part_of_all
from owox.api.shapes import user
from owox.models import Run, RunStatus, db, writing
from owox.roles import Role
from owox.services import runs
from owox.services.runs import RunInfo

blueprint = Blueprint("runs", __name__, url_prefix="/api/data-marts")


@blueprint.get("/runs")
@api(Role.VIEWER)
def list_runs() -> Response:
    """The newest runs of all data marts that the caller may see."""
    part = read_part()
    found = runs.everywhere(db.session(), caller(), part.limit, part.offset)
    return respond(
        {
            "runs": [
                _shape(each) | {"dataMart": {"id": each.run.data_mart_id, "title": each.mart_title}} for each in found
            ]
        }
    )


@blueprint.get("/<mart_id>/runs")
@api(Role.VIEWER)
def list_mart_runs(mart_id: str) -> Response:
    """The newest runs of a data mart."""
    part = read_part_of_all()
    found = runs.for_mart(db.session(), caller(), mart_id, part.limit, part.offset)
    return respond({"runs": [_shape(each) for each in found]})


@blueprint.get("/<mart_id>/runs/<run_id>")
@api(Role.VIEWER)
def get_run(mart_id: str, run_id: str) -> Response:
    """One run of a data mart."""
    return respond(_shape(runs.get(db.session(), caller(), mart_id, run_id)) | {"dataQuality": None})


@blueprint.post("/<mart_id>/manual-run")
@api(Role.EDITOR)
def start_run(mart_id: str) -> Response:
    """Start a run; no data mart here is of the kind that can be started."""
    body = read_object("payload")
    if "payload" in body and not isinstance(body["payload"], dict):
        raise ValidationFailed(["payload must be an object."])
    runs.start(db.session(), caller(), mart_id)


@blueprint.post("/<mart_id>/runs/<run_id>/cancel")
@api(Role.EDITOR)
def cancel_run(mart_id: str, run_id: str) -> Response:
    """End a run that is going on."""
    with writing(db.session()) as session:
        runs.cancel(session, caller(), mart_id, run_id, actor(), now())
    return Response(status=204)


def _shape(info: RunInfo) -> dict[str, Any]:
    run = info.run
    return {
        "id": run.id,
        "status": run.status,
        "type": "HTTP_DATA",
        "runType": "manual",
        "dataMartId": run.data_mart_id,
        "definitionRun": None,
        "reportId": None,
        "reportDefinition": None,
        "insightId": None,
        "insightDefinition": None,
        "insightTemplateId": None,
        "insightTemplateDefinition": None,
        "aiSourceDefinition": None,
        "logs": None,
        "errors": None if run.error is None else [run.error],
        "createdAt": timestamp(run.created_at),
        "startedAt": timestamp(run.created_at),
        "finishedAt": timestamp(run.finished_at),
        "createdByUser": user(info.member),
        "additionalParams": {"httpData": _http_data(run)},
        "totals": None,
        "qualitySummary": None,
    }


def _http_data(run: Run) -> dict[str, Any]:
    """What was asked for, and once the run has ended, how much was sent."""
    counts = {"rowCount": run.row_count, "bytesWritten": run.bytes_written}
    known = {name: count for name, count in counts.items() if count is not None}
    ended = {} if run.status == RunStatus.RUNNING else {"completed": run.status == RunStatus.SUCCESS}
    return {**run.query, **known, **ended}

"""Starting and cancelling runs: what this server has of it, and for whom (contract.md 3.8)."""

import pytest
from sqlalchemy import select

from owox.models import AuditEvent, Run, RunStatus
from tests.api import actors
from tests.api.calls import a_run
from tests.api.test_runs import refused
from tests.cast import Stage

ROWS = "/api/external/http-data/data-marts/{}.ndjson"


def status_of(stage: Stage, run_id: str) -> str:
    """How a run stands."""
    with stage.session() as session:
        return session.get_one(Run, run_id).status


def test_a_running_run_is_cancelled_once(stage: Stage):
    """U1."""
    mart = stage.cast.marts["Orders"]
    run = a_run(stage, mart)
    path = f"/api/data-marts/{mart}/runs/{run}/cancel"

    first = actors.by_key(stage, stage["bob"], "bob").send("POST", path)

    assert (first.status_code, first.data) == (204, b"")
    assert status_of(stage, run) == RunStatus.CANCELLED
    assert refused(stage, "bob", "POST", path) == (409, "The run has already finished.")
    with stage.session() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "run.cancel")).all()
        assert [(event.subject_id, event.member_id) for event in events] == [(run, stage["bob"].member_id)]


def test_a_cancelled_run_stays_so_when_its_stream_ends(stage: Stage):
    mart = stage.cast.marts["Orders"]
    reader = actors.by_key(stage, stage["vera"], "vera")
    rows = reader.client.get(ROWS.format(mart), headers=reader.headers, buffered=False)
    run = rows.headers["X-OWOX-Run-Id"]

    cancelled = actors.by_key(stage, stage["bob"], "bob").send("POST", f"/api/data-marts/{mart}/runs/{run}/cancel")
    rows.close()

    assert cancelled.status_code == 204
    with stage.session() as session:
        row = session.get_one(Run, run)
        assert (row.status, row.bytes_written is not None) == (RunStatus.CANCELLED, True)
        assert row.finished_at is not None


@pytest.mark.parametrize("status", [status for status in RunStatus if status != RunStatus.RUNNING])
def test_a_run_that_has_ended_cannot_be_cancelled(status: RunStatus, stage: Stage):
    mart = stage.cast.marts["Orders"]
    run = a_run(stage, mart, status)

    answer = refused(stage, "alice", "POST", f"/api/data-marts/{mart}/runs/{run}/cancel")

    assert answer == (409, "The run has already finished.")
    assert status_of(stage, run) == status


@pytest.mark.parametrize(
    ("who", "title", "status"),
    [
        ("alice", "Admins only", 204), ("bob", "Owned by bob", 204), ("bob", "Kept by editors", 204),
        ("bob", "Admins only", 403), ("vera", "Orders", 403), ("charlie", "Orders", 404),
    ],
)  # fmt: skip
def test_only_those_who_may_edit_a_data_mart_cancel_its_runs(who: str, title: str, status: int, stage: Stage):
    """Z3."""
    mart = stage.cast.marts[title]
    run = a_run(stage, mart)

    answer = actors.by_key(stage, stage[who], who).send("POST", f"/api/data-marts/{mart}/runs/{run}/cancel")

    assert answer.status_code == status
    assert status_of(stage, run) == (RunStatus.CANCELLED if status == 204 else RunStatus.RUNNING)


@pytest.mark.parametrize("body", [None, {}, {"payload": {"runType": "INCREMENTAL"}}])
def test_no_data_mart_here_can_be_started(body: object, shared_stage: Stage):
    path = f"/api/data-marts/{shared_stage.cast.marts['Orders']}/manual-run"
    sent = {} if body is None else {"json": body}

    for who in ("alice", "bob"):
        assert refused(shared_stage, who, "POST", path, **sent) == (
            400, "Only data marts with connector definition type can be run manually",
        )  # fmt: skip
    assert refused(shared_stage, "vera", "POST", path) == (403, "Access denied. Required role: Technical User")


@pytest.mark.parametrize(
    ("body", "message"),
    [({"payload": "x"}, "payload must be an object."), ({"runType": "x"}, "property runType should not exist.")],
)
def test_another_body_is_refused(body: object, message: str, shared_stage: Stage):
    path = f"/api/data-marts/{shared_stage.cast.marts['Orders']}/manual-run"

    answer = actors.by_key(shared_stage, shared_stage["bob"], "bob").send("POST", path, json=body)

    assert answer.status_code == 400
    assert answer.get_json()["details"] == {"errors": [{"message": message}]}

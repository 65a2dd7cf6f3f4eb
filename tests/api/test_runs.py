"""Run history and cancelling, as clients of the contract use them (contract.md 3.8)."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from owox.models import DataMart, RunStatus
from tests import contract, contract_project
from tests.api import actors
from tests.api.calls import a_run
from tests.cast import Stage

RUNS = "/api/data-marts/runs"
AT = datetime(2026, 3, 4, 5, 6, 7, 89000, tzinfo=UTC)
ASKED = {"format": "ndjson", "columns": ["id"], "limit": 3}


def get(stage: Stage, who: str, path: str) -> Any:
    """What somebody is told by their key."""
    answer = actors.by_key(stage, stage[who], who).send("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def refused(stage: Stage, who: str, method: str, path: str, **more: Any) -> tuple[int, str]:
    """The status and message that somebody gets."""
    answer = actors.by_key(stage, stage[who], who).send(method, path, **more)
    return answer.status_code, answer.get_json()["message"]


def test_a_run_has_every_member_of_the_contract(stage: Stage):
    """Z7: and none more."""
    mart = stage.cast.marts["Orders"]
    ended = {"finished_at": AT + timedelta(seconds=2), "row_count": 3, "bytes_written": 66}
    run = a_run(stage, mart, RunStatus.SUCCESS, query=ASKED, created_at=AT, **ended)

    paths = (RUNS, f"/api/data-marts/{mart}/runs", f"/api/data-marts/{mart}/runs/{run}")
    everywhere, of_mart, one = (get(stage, "vera", path) for path in paths)

    assert contract.problems(contract_project.PROJECT_RUNS, everywhere) == []
    assert contract.problems(contract_project.MART_RUNS, of_mart) == []
    assert contract.problems(contract_project.RUN, one) == []
    assert everywhere["runs"] == [of_mart["runs"][0] | {"dataMart": {"id": mart, "title": "Orders"}}]
    assert one == of_mart["runs"][0] | {"dataQuality": None}
    assert (one["id"], one["status"], one["type"], one["runType"]) == (run, "SUCCESS", "HTTP_DATA", "manual")
    assert one["createdAt"] == one["startedAt"] == "2026-03-04T05:06:07.089Z"
    assert one["finishedAt"] == "2026-03-04T05:06:09.089Z"
    assert one["createdByUser"]["email"] == "bob@example.com"
    assert one["additionalParams"] == {"httpData": ASKED | {"rowCount": 3, "bytesWritten": 66, "completed": True}}


def test_reading_rows_leaves_a_run(stage: Stage):
    mart = stage.cast.marts["Orders"]
    path = f"/api/external/http-data/data-marts/{mart}.ndjson?column=product&limit=2"
    with actors.by_key(stage, stage["vera"], "vera").send("GET", path) as rows:
        sent = rows.data

    run = get(stage, "vera", f"/api/data-marts/{mart}/runs/{rows.headers['X-OWOX-Run-Id']}")

    told = run["additionalParams"]["httpData"]
    assert [json.loads(line) for line in sent.splitlines()] == [{"product": "kettle"}, {"product": "lamp"}]
    assert run["status"] == "SUCCESS"
    assert (told["columns"], told["limit"], told["rowCount"], told["completed"]) == (["product"], 2, 2, True)
    assert told["bytesWritten"] == len(sent)
    assert contract.problems(contract_project.RUN, run) == []


@pytest.mark.parametrize("status", RunStatus)
def test_how_a_run_ended_is_told(status: RunStatus, stage: Stage):
    mart = stage.cast.marts["Orders"]
    run = a_run(stage, mart, status, error="The file is gone." if status == RunStatus.FAILED else None)

    told = get(stage, "vera", f"/api/data-marts/{mart}/runs/{run}")

    assert told["status"] == status
    assert told["errors"] == (["The file is gone."] if status == RunStatus.FAILED else None)
    assert told["additionalParams"]["httpData"].get("completed") == {"RUNNING": None, "SUCCESS": True}.get(
        status, False
    )


def test_runs_are_those_of_the_data_marts_that_one_sees(stage: Stage):
    """Z2, Z7: a deleted data mart's are gone for everybody."""
    for mart in stage.cast.marts.values():
        a_run(stage, mart)
    with stage.session() as session:
        session.execute(update(DataMart).where(DataMart.title == "Draft").values(deleted_at=AT))

    seen = {
        who: {run["dataMart"]["title"] for run in get(stage, who, RUNS)["runs"]} for who in ("vera", "bob", "alice")
    }

    assert seen == {
        "vera": {"Orders"},
        "bob": {"Orders", "Kept by editors", "Owned by bob"},
        "alice": {"Orders", "Kept by editors", "Owned by bob", "Admins only"},
    }
    assert get(stage, "charlie", RUNS) == {"runs": []}
    hidden = stage.cast.marts["Admins only"]
    assert refused(stage, "bob", "GET", f"/api/data-marts/{hidden}/runs") == (
        403, f"Access to Data Mart {hidden} is not allowed",
    )  # fmt: skip


def test_runs_come_newest_first_and_in_parts(stage: Stage):
    mart = stage.cast.marts["Orders"]
    ids = [a_run(stage, mart, created_at=AT + timedelta(seconds=at // 2)) for at in range(6)]
    newest_first = sorted(ids, key=lambda run: (ids.index(run) // 2, run), reverse=True)

    for path in (RUNS, f"/api/data-marts/{mart}/runs"):
        assert [run["id"] for run in get(stage, "vera", path)["runs"]] == newest_first
        part = get(stage, "vera", f"{path}?limit=2&offset=3")
        assert [run["id"] for run in part["runs"]] == newest_first[3:5]


@pytest.mark.parametrize(
    ("query", "found"),
    {
        "limit=2.9": 2, "limit=1e0": 1, "limit=0": 4, "limit=0.5": 4, "limit=-1": 4, "limit=x": 4, "limit=": 4,
        "limit=NaN": 4, "limit=1&limit=2": 4, "limit=Infinity": 4, "limit=1e999": 4, "limit=%20%2B3%20": 3,
        "offset=1.9": 3, "offset=-1e400": 4, "offset=-5": 4, "offset=x": 4, "offset=1e400": 0, "offset=%00": 4,
        "offset=1&offset=2": 4, "anything=else": 4, "limit=٣": 4, "limit=99999999999999999999": 4,
        f"limit={'1' * 20_000}x": 4,
    }.items(),
)  # fmt: skip
def test_a_part_that_makes_no_sense_is_the_usual_one(query: str, found: int, stage: Stage):
    """I4, I9."""
    mart = stage.cast.marts["Orders"]
    for _ in range(4):
        a_run(stage, mart)

    for path in (RUNS, f"/api/data-marts/{mart}/runs"):
        assert len(get(stage, "vera", f"{path}?{query}")["runs"]) == found


def test_only_the_history_of_all_data_marts_ends_at_a_hundred(stage: Stage):
    mart = stage.cast.marts["Orders"]
    for _ in range(103):
        a_run(stage, mart)

    paths = (f"{RUNS}?limit=1000", f"/api/data-marts/{mart}/runs", f"/api/data-marts/{mart}/runs?limit=1000")
    counts = [len(get(stage, "vera", path)["runs"]) for path in paths]

    assert counts == [100, 100, 103]


def test_a_run_that_is_none_or_another_marts_is_not_found(stage: Stage):
    """Z2, I6."""
    mart, other = stage.cast.marts["Orders"], a_run(stage, stage.cast.marts["Draft"])

    for run in (other, "nothing", "x" * 2000, "%F0%9F%90%98"):
        assert refused(stage, "alice", "GET", f"/api/data-marts/{mart}/runs/{run}") == (404, "Run not found")
        cancel = refused(stage, "alice", "POST", f"/api/data-marts/{mart}/runs/{run}/cancel")
        assert cancel == (404, "Data mart run not found")
    for path in ("runs", f"runs/{other}"):
        status, message = refused(stage, "charlie", "GET", f"/api/data-marts/{mart}/{path}")
        assert (status, message.endswith("not found")) == (404, True)

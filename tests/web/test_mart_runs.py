"""The runs of a data mart: what each row tells, its pages, and cancelling one that is under way."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from owox.models import Run, RunStatus
from tests.api.calls import a_run
from tests.cast import Stage
from tests.web.browsing import HTMX
from tests.web.marts import desk, texts

NOW = datetime.now(UTC)


def test_a_row_tells_who_read_what_and_how_it_ended(stage: Stage):
    at, begun = desk(stage, "vera", "Orders"), datetime.now(UTC) - timedelta(hours=2)
    key_id = stage["bob"].key_id
    ended = {"created_at": begun, "finished_at": begun + timedelta(seconds=75)}
    a_run(
        stage, at.mart_id, RunStatus.SUCCESS, row_count=1_234_567, bytes_written=48_000_000, api_key_id=key_id, **ended
    )
    a_run(stage, at.mart_id, RunStatus.FAILED, "alice", error="No <table> orders", **ended)
    a_run(stage, at.mart_id, RunStatus.RUNNING, "vera")

    page = at.part("runs")

    told = ("Bob", "with an API key", "Success", "1,234,567", "48.0 MB", "1 min 15 s", "2 hours ago",
            "Alice", "in a browser", "Failed", "No &lt;table&gt; orders", "Running", "Under way", "3 runs")  # fmt: skip
    assert [word for word in told if word not in page] == []
    assert "/cancel" not in page


def test_they_are_newest_first_on_pages_that_say_how_many(stage: Stage):
    at = desk(stage, "vera", "Orders")
    made = [
        a_run(stage, at.mart_id, RunStatus.SUCCESS, created_at=NOW - timedelta(minutes=age)) for age in range(45)
    ]  # fmt: skip

    pages = [texts(at.get("runs", query_string={"page": page}), "tr", "run-") for page in ("", "1", "2", "3", "4", "x")]

    assert pages[0] == pages[1] == pages[5] == made[:20]
    assert (pages[2], pages[3], pages[4]) == (made[20:40], made[40:], made[40:])
    assert "Page 2 of 3, 45 runs" in at.part("runs", query_string={"page": "2"})
    assert texts(at.get(), "tr", "run-") == made[:20]


def test_nobody_has_read_it_yet(shared_stage: Stage):
    assert "Nobody has read it yet." in desk(shared_stage, "vera", "Orders").part()


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_cancelling_asks_first_and_ends_the_run(headers: dict[str, str] | None, stage: Stage):
    at = desk(stage, "bob", "Orders")
    run_id = a_run(stage, at.mart_id, name="vera")
    asked = at.part(f"runs/{run_id}/cancel")

    answer = at.post(f"runs/{run_id}/cancel", headers)

    assert "what <bdi>Vera</bdi> has been reading" in asked
    assert (answer.headers["HX-Trigger"] if headers else answer.location) == (
        "runs-changed" if headers else f"{at.page}?done=cancelled"
    )
    with stage.session() as session:
        assert session.get_one(Run, run_id).status == RunStatus.CANCELLED
    for late in (at.get(f"runs/{run_id}/cancel", headers=headers), at.post(f"runs/{run_id}/cancel", headers)):
        assert late.status_code == 409
        assert "already finished" in late.text


@pytest.mark.parametrize("run_id", ["x", pytest.param(str(uuid4()), id="unknown"), "%00"])
def test_a_run_of_nothing_or_of_another_data_mart_is_not_found(run_id: str, shared_stage: Stage):
    at = desk(shared_stage, "bob", "Orders")
    elsewhere = a_run(shared_stage, shared_stage.cast.marts["Draft"])

    for each in (run_id, elsewhere):
        assert at.get(f"runs/{each}/cancel").status_code == 404
        assert at.post(f"runs/{each}/cancel").status_code == 404


def test_vera_may_look_and_not_cancel(shared_stage: Stage):
    run_id = a_run(shared_stage, shared_stage.cast.marts["Orders"])
    at = desk(shared_stage, "vera", "Orders")

    assert at.get(f"runs/{run_id}/cancel").status_code == 403
    assert at.post(f"runs/{run_id}/cancel").status_code == 403

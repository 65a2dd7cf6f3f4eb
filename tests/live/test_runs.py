"""Runs of the real server whose streams end in every way but by themselves."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import Run, RunStatus
from tests.infra.server import Server
from tests.live.conftest import Live

PAGE_VIEWS = 20_000_000


def run_of(live: Live) -> Run:
    """The member's newest run."""
    with Session(live.engine) as session:
        newest = select(Run).where(Run.member_id == live.member_id).order_by(Run.created_at.desc()).limit(1)
        return session.scalars(newest).one()


def becomes(live: Live, status: RunStatus, seconds: float = 5) -> bool:
    """Whether that run gets a status within some time."""
    deadline = time.monotonic() + seconds
    while run_of(live).status != status and time.monotonic() < deadline:
        time.sleep(0.05)
    return run_of(live).status == status


def told(live: Live) -> Any:
    """The same run as the API tells it."""
    run = run_of(live)
    return live.get(f"/api/data-marts/{run.data_mart_id}/runs/{run.id}").json()


def cancel(live: Live) -> int:
    """Cancel that run; return the status of the answer."""
    run = run_of(live)
    path = f"/api/data-marts/{run.data_mart_id}/runs/{run.id}/cancel"
    return httpx.post(live.server.url + path, auth=live.basic, timeout=20).status_code


def first_row(reader: "subprocess.Popen[bytes]") -> bytes:
    """Wait for rows to come."""
    line: bytes = reader.stdout.readline()
    assert line.startswith(b'{"view_id":')
    return line


def rest(reader: "subprocess.Popen[bytes]") -> bytes:
    """All that still comes; the connection ends without the final chunk, which curl calls 18."""
    received: bytes = reader.stdout.read()
    assert reader.wait(5) == 18
    return received


def test_a_cancelled_run_is_cut_within_two_seconds_and_says_what_was_sent(live: Live) -> None:
    """U1: a reader that keeps up."""
    with live.reader() as reader:
        received = first_row(reader)

        begin = time.monotonic()
        assert cancel(live) == 204
        received += rest(reader)
        took = time.monotonic() - begin

    assert took < 2.0 + 0.5, "two seconds, and what it takes to read what was already on its way"
    assert becomes(live, RunStatus.CANCELLED)
    counts = told(live)["additionalParams"]["httpData"]
    # What was on its way when the connection ended was sent and not received.
    assert received.count(b"\n") <= counts["rowCount"] < PAGE_VIEWS / 2
    assert (counts["completed"], told(live)["errors"]) == (False, None)
    assert cancel(live) == 409


def test_a_reader_who_leaves_half_way_has_cancelled_the_run(live: Live) -> None:
    with httpx.stream("GET", live.rows_url("Page views"), auth=live.basic, timeout=30) as answer:
        run_id = answer.headers["X-OWOX-Run-Id"]
        received = len(next(answer.iter_raw()))

    assert becomes(live, RunStatus.CANCELLED)
    run = told(live)
    counts = run["additionalParams"]["httpData"]
    assert (run["id"], run["errors"], counts["completed"]) == (run_id, ["The reader left."], False)
    assert received <= counts["bytesWritten"]
    assert 0 < counts["rowCount"] < PAGE_VIEWS


def test_a_reader_who_leaves_before_the_first_row_ends_the_query(live: Live, server: Callable[..., Server]) -> None:
    storage = live.get("/api/data-storages").json()[0]["id"]
    sql = "SELECT sum(a.range * b.range) AS total FROM range(3000000) a, range(3000000) b"
    for url in (live.server.url, beside(live, server).url):
        marts = f"{url}/api/data-marts"
        with httpx.Client(auth=live.basic, timeout=20) as client:
            mart = client.post(marts, json={"title": "Slow", "storageId": storage}).json()["id"]
            body = {"definitionType": "SQL", "definition": {"sqlQuery": sql}}
            assert client.put(f"{marts}/{mart}/definition", json=body).is_success
            assert client.put(f"{marts}/{mart}/publish").is_success

            with pytest.raises(httpx.ReadTimeout):
                client.get(f"{url}/api/external/http-data/data-marts/{mart}.ndjson", timeout=1.0)
            ended = told_when_ended(client, f"{marts}/{mart}/runs")

        assert (ended["status"], ended["errors"]) == ("CANCELLED", ["The reader left."])


def told_when_ended(client: httpx.Client, runs: str) -> Any:
    """The one run of a data mart, which is there once its query has ended; the query itself would take hours."""
    for _ in range(100):
        if found := client.get(runs).json()["runs"]:
            return found[0]
        time.sleep(0.1)
    raise AssertionError("the query goes on")


def test_a_run_that_was_read_to_its_end_says_how_much_that_was(live: Live) -> None:
    answer = httpx.get(live.rows_url("Page views"), params={"limit": 100_000}, auth=live.basic, timeout=30)

    assert becomes(live, RunStatus.SUCCESS)
    run = told(live)
    counts = run["additionalParams"]["httpData"]
    assert run["id"] == answer.headers["X-OWOX-Run-Id"]
    assert (counts["rowCount"], counts["bytesWritten"]) == (100_000, len(answer.content))


def beside(live: Live, server: Callable[..., Server]) -> Server:
    """Another server on the same database, with two workers where that can be."""
    workers = ("--workers", "2") if live.engine.dialect.name == "postgresql" else ()
    return server(*workers, settings=live.settings)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_ends_its_streams_at_once_and_their_runs(
    number: signal.Signals, live: Live, server: Callable[..., Server]
) -> None:
    """S9: so that a reader can tell that rows are missing."""
    second = beside(live, server)
    with live.reader(server=second) as reader:
        first_row(reader)

        begin = time.monotonic()
        os.kill(second.pid, number)
        rest(reader)
        os.waitid(os.P_PID, second.pid, os.WEXITED | os.WNOWAIT)

    assert time.monotonic() - begin < 10, "nobody waits for the stream, nor for the half minute that gunicorn would"
    assert becomes(live, RunStatus.INTERRUPTED)
    assert told(live)["errors"] == ["The server stopped."]
    assert 0 < told(live)["additionalParams"]["httpData"]["rowCount"] < PAGE_VIEWS


def test_runs_of_a_server_that_died_are_interrupted_by_the_next_one(live: Live, server: Callable[..., Server]) -> None:
    second = server(settings=live.settings)
    with live.reader(server=second) as reader:
        first_row(reader)
        os.kill(second.pid, signal.SIGKILL)
        rest(reader)
    assert run_of(live).status == RunStatus.RUNNING

    server(instance=second.instance.with_name("third"), settings=live.settings)

    assert run_of(live).status == RunStatus.INTERRUPTED


def test_a_server_that_is_started_beside_another_leaves_its_runs_going_on(
    live: Live, server: Callable[..., Server]
) -> None:
    with live.reader() as reader:
        first_row(reader)

        beside(live, server)

        assert becomes(live, RunStatus.RUNNING, 3)
        assert told(live)["finishedAt"] is None
        reader.kill()
    assert becomes(live, RunStatus.CANCELLED)

"""What a read leaves in the history of runs, whether it gave rows or not (contract.md 3.8, 4.8, 4.9)."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from owox.models import DataMart, Run, RunStatus, Storage
from owox.models.base import new_id
from owox.reading.engines import StorageError
from owox.reading.stream import StreamCut
from owox.services import members, recording
from owox.services.recording import Reading
from tests.api import actors
from tests.cast import Stage
from tests.reading.encoded import encode

ROWS = "/api/external/http-data/data-marts/{}.ndjson"
FAILS_LATER = "SELECT CASE WHEN range < 5000000 THEN range ELSE error('disk gone') END AS id FROM range(6000000)"
LONG = "SELECT range AS id FROM range(20000000)"


def read(stage: Stage, *pairs: tuple[str, Any], who: str = "vera", title: str = "Orders", **more: Any) -> TestResponse:
    """Ask for the rows of a data mart; rules are encoded."""
    query = [(name, value if isinstance(value, str) else encode(value)) for name, value in pairs]
    reader = actors.by_key(stage, stage[who], who)
    return reader.send("GET", ROWS.format(stage.cast.marts[title]), query_string=query, **more)


def runs(stage: Stage) -> list[Run]:
    """All runs there are, oldest first."""
    with stage.session() as session:
        return list(session.scalars(select(Run).order_by(Run.created_at)))


def told(stage: Stage, run: Run) -> Any:
    """A run as the API tells it."""
    answer = actors.by_key(stage, stage["vera"], "vera").send(
        "GET", f"/api/data-marts/{run.data_mart_id}/runs/{run.id}"
    )
    assert answer.status_code == 200
    return answer.get_json()


def read_from(stage: Stage, sql: str) -> None:
    """Let the data mart Orders read something else."""
    with stage.session() as session:
        values = {"definition": {"sqlQuery": sql}, "fields": [{"name": "id", "type": "BIGINT"}]}
        session.execute(update(DataMart).where(DataMart.title == "Orders").values(**values))


def take_the_file_away(stage: Stage, *, fields_read_at: datetime | None) -> None:
    """Let the storage's file be gone, the fields of its data marts having been read at that time."""
    with stage.session() as session:
        session.execute(update(Storage).values(config={"path": "/nowhere/shop.duckdb"}))
        session.execute(update(DataMart).values(fields_read_at=fields_read_at))


def test_what_was_asked_for_is_kept_as_it_was_asked(stage: Stage):
    controls = {
        "filter": [
            {"column": "product", "operator": "in", "value": ["kettle", "lamp \U0001f9ff"]},
            {"column": "id", "operator": "gt", "value": 0.5, "function": "SUM"},
        ],
        "sort": [{"column": "product", "direction": "desc"}],
        "aggregation": [{"column": "id", "function": "SUM"}],
    }

    answer = read(stage, ("column", "product"), ("column", "id"), ("limit", "5"), *controls.items())

    asked = {"format": "ndjson", "columns": ["product", "id"], **controls, "limit": 5}
    assert answer.data == b'{"product":"kettle","id | SUM":1,"Row Count":1}\n'
    (run,) = runs(stage)
    assert (run.id, run.status, run.query) == (answer.headers["X-OWOX-Run-Id"], RunStatus.SUCCESS, asked)
    assert (run.member_id, run.api_key_id) == (stage["vera"].member_id, stage["vera"].key_id)
    sent = {"rowCount": 1, "bytesWritten": len(answer.data), "completed": True}
    assert told(stage, run)["additionalParams"] == {"httpData": asked | sent}


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([("column", "id"), ("sort", [{"column": "product", "direction": "asc"}])],
         "SORT_COLUMN_NOT_SELECTED (column: product)"),
        ([("filter", [{"column": "id", "operator": "contains", "value": "1"}])],
         "INVALID_OPERATOR_FOR_TYPE (column: id, type: INTEGER, operator: contains)"),
        ([("filter", [{"column": "product", "operator": "regex", "value": "(?=a)"}])],
         "INVALID_REGEX_PATTERN (column: product, pattern: (?=a))"),
    ],
)  # fmt: skip
def test_controls_that_are_refused_leave_a_failed_run(pairs: list[tuple[str, Any]], error: str, stage: Stage):
    """The last pattern is one that only the engine refuses."""
    answer = read(stage, *pairs)

    assert answer.status_code == 400
    assert "X-OWOX-Run-Id" not in answer.headers
    (run,) = runs(stage)
    assert (run.status, run.row_count, run.bytes_written) == (RunStatus.FAILED, 0, 0)
    assert run.finished_at is not None
    assert told(stage, run)["errors"] == [f"Output controls validation failed: {error}"]
    assert told(stage, run)["additionalParams"]["httpData"][pairs[-1][0]] == pairs[-1][1]


def test_a_storage_that_gives_no_rows_leaves_a_failed_run(stage: Stage):
    take_the_file_away(stage, fields_read_at=datetime.now(UTC))

    answer = read(stage, ("limit", "2"))

    assert answer.status_code == 424
    assert "X-OWOX-Run-Id" not in answer.headers
    (run,) = runs(stage)
    assert run.status == RunStatus.FAILED
    assert told(stage, run)["errors"] == [answer.get_json()["details"]["providerMessage"]]
    assert told(stage, run)["additionalParams"]["httpData"] == {
        "format": "ndjson", "columns": ["id", "product"], "limit": 2, "rowCount": 0, "bytesWritten": 0,
        "completed": False,
    }  # fmt: skip


def test_what_is_refused_before_the_controls_leaves_no_run(stage: Stage):
    """Steps 1 to 8 of contract.md 4.8; the last is a storage that cannot say which fields there are now."""
    stranger = stage.app.test_client().get(ROWS.format(stage.cast.marts["Orders"]))
    known = [
        read(stage, ("limit", "0")),
        read(stage, who="charlie"),
        read(stage, who="alice", title="Draft"),
        read(stage, title="Kept by editors"),
        read(stage, ("column", "nothing")),
        read(stage, environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"}),
    ]
    take_the_file_away(stage, fields_read_at=None)

    answers = [stranger, *known, read(stage)]

    assert [answer.status_code for answer in answers] == [401, 400, 404, 404, 403, 400, 505, 424]
    assert not any("X-OWOX-Run-Id" in answer.headers for answer in answers)
    assert runs(stage) == []


def test_a_storage_that_fails_half_way_leaves_its_error_and_what_was_sent(stage: Stage):
    read_from(stage, FAILS_LATER)
    rows, pieces = read(stage, buffered=False), list[bytes]()

    with pytest.raises(StorageError, match="disk gone"):
        pieces.extend(rows.iter_encoded())

    sent = b"".join(pieces)
    (run,) = runs(stage)
    assert run.status == RunStatus.FAILED
    assert (run.row_count, run.bytes_written) == (sent.count(b"\n"), len(sent))
    assert 0 < run.row_count < 6_000_000
    assert "disk gone" in told(stage, run)["errors"][0]


def test_a_reader_who_leaves_has_cancelled_the_run(stage: Stage):
    read_from(stage, LONG)
    rows = read(stage, buffered=False)
    piece = next(rows.iter_encoded())

    rows.close()

    (run,) = runs(stage)
    assert (run.status, run.row_count, run.bytes_written) == (RunStatus.CANCELLED, piece.count(b"\n"), len(piece))
    assert told(stage, run)["errors"] == ["The reader left."]


def test_a_server_that_stops_interrupts_its_runs_and_begins_no_more(stage: Stage):
    read_from(stage, LONG)
    rows = read(stage, buffered=False)
    pieces = rows.iter_encoded()
    sent = next(pieces)

    stage.services.streams.stop()

    with pytest.raises(StreamCut, match="The server stopped"):
        next(pieces)
    (run,) = runs(stage)
    assert (run.status, run.error, run.bytes_written) == (RunStatus.INTERRUPTED, "The server stopped.", len(sent))
    refused = read(stage)
    assert (refused.status, refused.get_json()["message"]) == ("503 Service Unavailable", "Server is shutting down")
    assert len(runs(stage)) == 1


def test_a_run_goes_on_although_a_server_was_started_beside_its_own(stage: Stage):
    """The new one cannot know: the server that reads puts it right within about a second, and then ends it itself."""
    rows = read(stage, buffered=False)
    with stage.session() as session:
        recording.interrupt_left_over(session, datetime.now(UTC))
    assert runs(stage)[0].status == RunStatus.INTERRUPTED

    deadline = time.monotonic() + 5
    while (run := runs(stage)[0]).status != RunStatus.RUNNING and time.monotonic() < deadline:
        time.sleep(0.05)

    assert (run.status, run.finished_at) == (RunStatus.RUNNING, None)
    assert rows.data.count(b"\n") == 3
    assert (runs(stage)[0].status, runs(stage)[0].row_count) == (RunStatus.SUCCESS, 3)


def test_a_run_that_its_own_server_interrupted_stays_so(stage: Stage):
    rows = read(stage, buffered=False)
    stage.services.streams.stop()

    with stage.session() as session:
        recording.go_on(session, rows.headers["X-OWOX-Run-Id"])

    assert runs(stage)[0].status == RunStatus.INTERRUPTED
    rows.close()


def test_what_an_error_says_is_kept_whatever_it_holds(stage: Stage):
    """I5: PostgreSQL's text holds no NUL, and neither database half of a surrogate pair."""
    vera = stage["vera"]
    with stage.session() as session:
        caller = members.caller_in(session, vera.member_id, vera.project_id)
    error = StorageError("gone:\0\ud800\n" + "x" * 10_000, provider="DuckDB", storage_type="DUCKDB")
    reading = Reading(new_id(), caller, stage.cast.marts["Orders"], {"format": "ndjson", "columns": []})

    with stage.session() as session:
        recording.refuse(session, reading, error, datetime.now(UTC), datetime.now(UTC))

    (run,) = runs(stage)
    assert told(stage, run)["errors"] == ["gone:\ufffd?\n" + "x" * (recording.ERROR_MAX - 8)]

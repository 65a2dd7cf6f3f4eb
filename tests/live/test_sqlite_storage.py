"""A SQLite file from its storage to its rows, on the real server."""

import json
import secrets
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.live.conftest import Live
from tests.reading.encoded import encode

SQL = "SELECT id, title, price, sold_on, price * id AS total FROM orders"


@pytest.fixture
def live(live_elsewhere: Live) -> Live:
    """The storages end with their tests; the demo project's list, which other tests read, shall not name them."""
    return live_elsewhere


@pytest.fixture
def path(live: Live) -> Path:
    folder = live.server.instance / "data"
    folder.mkdir(exist_ok=True)
    path = folder / f"{secrets.token_hex(4)}.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, title TEXT, price DECIMAL(9,2), sold_on DATETIME)")
    connection.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?)",
        [(1, "Änne", 1.5, "2026-11-25 10:00:00"), (2, "Bob", 2, None), (3, "\u2028", 0.1, "2026-11-26 00:30:00")],
    )
    connection.commit()
    connection.close()
    return path


def send(live: Live, method: str, url: str, body: Any = None) -> httpx.Response:
    return httpx.request(method, live.server.url + url, auth=live.basic, json=body, timeout=60)


def mart_over(live: Live, path: Path) -> str:
    """Make a storage of a file and publish a data mart over it; return the data mart's id."""
    storage = send(live, "POST", "/api/data-storages", {"type": "SQLITE", "config": {"path": path.name}}).json()
    mart = send(live, "POST", "/api/data-marts", {"title": path.stem, "storageId": storage["id"]}).json()
    body = {"definitionType": "SQL", "definition": {"sqlQuery": SQL}}
    defined = send(live, "PUT", f"/api/data-marts/{mart['id']}/definition", body)
    assert defined.status_code == 200, defined.text
    assert send(live, "PUT", f"/api/data-marts/{mart['id']}/publish").status_code == 200
    return str(mart["id"])


def stream(live: Live, mart_id: str, **query: Any) -> httpx.Response:
    return httpx.get(
        f"{live.server.url}/api/external/http-data/data-marts/{mart_id}.ndjson",
        auth=live.basic,
        params=query,
        timeout=60,
    )


def test_a_sqlite_file_becomes_a_storage_a_mart_and_rows(live: Live, path: Path) -> None:
    storage = send(live, "POST", "/api/data-storages", {"type": "SQLITE", "config": {"path": path.name}}).json()
    tested = send(live, "POST", f"/api/data-storages/{storage['id']}/test")
    mart_id = mart_over(live, path)
    listed = live.get("/api/data-marts").json()["items"]

    everything = stream(live, mart_id)
    filtered = stream(
        live, mart_id, column=["id", "price"],
        filter=encode([{"column": "price", "operator": "gt", "value": 0.1}]),
        sort=encode([{"column": "price", "direction": "desc"}]),
    )  # fmt: skip
    grouped = stream(
        live, mart_id, column=["sold_on", "price"],
        dateTrunc=encode([{"column": "sold_on", "unit": "DAY", "timeZone": "America/New_York"}]),
        aggregation=encode([{"column": "price", "function": "SUM"}]),
        sort=encode([{"column": "sold_on", "direction": "asc"}]),
    )  # fmt: skip

    assert (storage["type"], tested.status_code) == ("SQLITE", 200)
    assert [mart["storage"]["engine"] for mart in listed if mart["id"] == mart_id] == ["SQLITE"]
    assert everything.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert [json.loads(line) for line in everything.content.splitlines()] == [
        {"id": 1, "title": "Änne", "price": "1.50", "sold_on": "2026-11-25T10:00:00", "total": 1.5},
        {"id": 2, "title": "Bob", "price": "2.00", "sold_on": None, "total": 4},
        {"id": 3, "title": "\u2028", "price": "0.10", "sold_on": "2026-11-26T00:30:00", "total": 0.30000000000000004},
    ]
    assert filtered.text == '{"id":2,"price":"2.00"}\n{"id":1,"price":"1.50"}\n'
    assert [json.loads(line) for line in grouped.content.splitlines()] == [
        {"sold_on": "2026-11-25T00:00:00", "price | SUM": "1.60", "Row Count": 2},
        {"sold_on": None, "price | SUM": "2.00", "Row Count": 1},
    ]


def failed(answer: httpx.Response) -> tuple[int, str, str]:
    body = answer.json()
    details = body["details"]
    assert (details["dependency"], details["providerName"], details["storageType"]) == ("storage", "SQLite", "SQLITE")
    return answer.status_code, body["code"], details["providerMessage"]


def test_a_file_that_cannot_be_read_is_a_424_that_says_why(live: Live, path: Path) -> None:
    mart_id = mart_over(live, path)
    writer = sqlite3.connect(path, isolation_level=None)

    writer.execute("BEGIN EXCLUSIVE")
    locked = stream(live, mart_id)
    writer.execute("ROLLBACK")
    writer.execute("ALTER TABLE orders RENAME COLUMN title TO name")
    renamed = stream(live, mart_id)
    writer.execute("DROP TABLE orders")
    dropped = stream(live, mart_id)
    writer.close()
    path.write_bytes(b"no database" * 1_000)
    broken = stream(live, mart_id)
    path.unlink()
    gone = stream(live, mart_id)

    assert [failed(answer) for answer in (locked, renamed, dropped, broken, gone)] == [
        (424, "STORAGE_READ_FAILED", f'"{path.name}" is locked: another program is writing to it. Try again later'),
        (424, "STORAGE_READ_FAILED", "no such column: title (line 1, column 12)"),
        (424, "STORAGE_READ_FAILED", f"no such table: orders (line 1, column {SQL.index('orders') + 1})"),
        (424, "STORAGE_READ_FAILED", f'"{path.name}" is not an SQLite database'),
        (424, "STORAGE_READ_FAILED", f'There is no file "{path.name}"'),
    ]
    assert all("X-OWOX-Run-Id" not in answer.headers for answer in (locked, renamed, dropped, broken, gone))


def test_a_definition_that_does_more_than_read_is_refused_with_its_place(live: Live, path: Path) -> None:
    mart_id = mart_over(live, path)

    for sql, message in [
        ("SELECT id,\n gone FROM orders", "no such column: gone (line 2, column 2)"),
        ("ATTACH '/tmp/x.db' AS x", 'near "ATTACH": syntax error (line 1, column 1)'),
        ("SELECT load_extension('/tmp/x')", "not authorized to use function: load_extension"),
    ]:
        body = {"definitionType": "SQL", "definition": {"sqlQuery": sql}}
        refused = send(live, "PUT", f"/api/data-marts/{mart_id}/definition", body)
        assert (refused.status_code, message in refused.json()["details"]["errors"][0]["message"]) == (400, True), (
            refused.text
        )
    assert stream(live, mart_id).status_code == 200

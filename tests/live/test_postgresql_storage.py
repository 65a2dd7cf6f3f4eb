"""A PostgreSQL storage from its creation to its rows, and each way in which it gives none, through the real server."""

import json
import re
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.infra.postgres import Postgres
from tests.live.conftest import Live
from tests.reading.encoded import encode
from tests.reading.stores import Store, postgresql_store


@pytest.fixture
def live(live_elsewhere: Live) -> Live:
    """The storages end with their tests; the demo project's list, which other tests read, shall not name them."""
    return live_elsewhere


@pytest.fixture
def store(postgres: Postgres) -> Iterator[Store]:
    with postgresql_store(postgres) as store:
        store.rows_of_table(
            "orders",
            "id BIGINT, page TEXT, price DECIMAL(10, 2), at TIMESTAMP WITH TIME ZONE",
            [[1, "/a", "1.50", "2026-11-25 10:00+02"], [2, "/b", "20", None], [9007199254740993, "/b", "3.25", None]],
        )
        yield store


def sent(live: Live, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    return httpx.request(method, live.server.url + path, json={} if body is None else body, auth=live.basic, timeout=30)


def storage(live: Live, url: str) -> str:
    made = sent(live, "POST", "/api/data-storages", {"type": "POSTGRESQL", "title": "Shop", "config": {"url": url}})
    assert made.status_code == 201, made.text
    assert url.partition("@")[0].rpartition(":")[2] not in made.text
    return str(made.json()["id"])


def mart(live: Live, storage_id: str, sql: str) -> str:
    mart_id = sent(live, "POST", "/api/data-marts", {"title": "Orders", "storageId": storage_id}).json()["id"]
    for what, body in (("definition", {"definitionType": "SQL", "definition": {"sqlQuery": sql}}), ("publish", {})):
        answer = sent(live, "PUT", f"/api/data-marts/{mart_id}/{what}", body)
        assert answer.status_code == 200, answer.text
    return str(mart_id)


def rows(live: Live, mart_id: str, *parameters: tuple[str, str]) -> httpx.Response:
    path = f"/api/external/http-data/data-marts/{mart_id}.ndjson"
    return httpx.get(live.server.url + path, params=parameters, auth=live.basic, timeout=30)


def test_a_mart_of_a_postgresql_storage_is_made_published_and_read(live: Live, store: Store) -> None:
    storage_id = storage(live, store.config["url"])
    tested = sent(live, "POST", f"/api/data-storages/{storage_id}/test")
    mart_id = mart(live, storage_id, "SELECT * FROM orders WHERE price > 1")

    whole = rows(live, mart_id, ("filter", encode([{"column": "page", "operator": "eq", "value": "/b"}])))
    grouped = rows(
        live, mart_id, ("column", "page"), ("column", "price"),
        ("aggregation", encode([{"column": "price", "function": "SUM"}])),
        ("sort", encode([{"column": "page", "direction": "desc"}])),
    )  # fmt: skip

    assert tested.json() == {"valid": True, "code": None, "message": None}
    assert [json.loads(line) for line in whole.text.splitlines()] == [
        {"id": 2, "page": "/b", "price": "20.00", "at": None},
        {"id": "9007199254740993", "page": "/b", "price": "3.25", "at": None},
    ]
    assert [json.loads(line) for line in grouped.text.splitlines()] == [
        {"page": "/b", "price | SUM": "23.25", "Row Count": 2},
        {"page": "/a", "price | SUM": "1.50", "Row Count": 1},
    ]


def test_a_connection_test_says_what_is_wrong(live: Live, store: Store, postgres: Postgres) -> None:
    name, database = store.config["url"].partition("://")[2].partition(":")[0], store.config["url"].rpartition("/")[2]
    wrong = secrets.token_urlsafe(16)
    said = {
        f"postgresql://{name}:{wrong}@127.0.0.1:{postgres.port}/{database}": "password authentication failed",
        f"postgresql://owox:{postgres.password}@127.0.0.1:{postgres.port}/{database}": "is a superuser",
        f"postgresql://{name}:{wrong}@127.0.0.1:1/{database}": "Connection refused",
    }

    for url, message in said.items():
        answer = sent(live, "POST", f"/api/data-storages/{storage(live, url)}/test")
        assert answer.status_code == 200
        assert message in answer.text
        assert wrong not in answer.text
        assert postgres.password not in answer.text


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ("REVOKE SELECT ON orders FROM {role}", "STORAGE_PERMISSION_DENIED", "permission denied for table orders"),
        ("ALTER ROLE {role} PASSWORD 'another'", "STORAGE_UNAUTHORIZED", "password authentication failed"),
        ("ALTER ROLE {role} REPLICATION", "STORAGE_UNAUTHORIZED", "may replicate"),
        ("ALTER ROLE {role} NOLOGIN", "STORAGE_UNAUTHORIZED", "not permitted to log in"),
        ("DROP TABLE orders", "STORAGE_READ_FAILED", 'relation "orders" does not exist'),
        ("ALTER TABLE orders RENAME page TO path", "STORAGE_READ_FAILED", 'There is no column "page" any more'),
        ("ALTER DATABASE {database} ALLOW_CONNECTIONS false", "STORAGE_READ_FAILED", "not currently accepting"),
    ],
)
def test_a_storage_that_changed_under_a_mart_is_a_424(
    live: Live, store: Store, postgres: Postgres, change: str, code: str, said: str
) -> None:
    mart_id = mart(live, storage(live, store.config["url"]), "SELECT * FROM orders")
    role, database = store.config["url"].partition("://")[2].partition(":")[0], store.config["url"].rpartition("/")[2]
    with postgres.connect("postgres" if "DATABASE" in change else database) as boss:
        boss.execute(change.format(role=role, database=database))

    answer = rows(live, mart_id)

    assert answer.status_code == 424
    body = answer.json()
    assert (body["code"], body["details"]["storageType"], body["details"]["providerName"]) == (
        code, "POSTGRESQL", "PostgreSQL"
    )  # fmt: skip
    assert said in body["details"]["providerMessage"]
    assert not re.search(r"\bc0\b", body["details"]["providerMessage"])
    assert "x-owox-run-id" not in answer.headers


def test_a_stream_whose_server_goes_away_ends_broken(live: Live, store: Store, postgres: Postgres) -> None:
    mart_id = mart(live, storage(live, store.config["url"]), store.long)

    path = f"/api/external/http-data/data-marts/{mart_id}.ndjson"

    with httpx.stream("GET", live.server.url + path, auth=live.basic, timeout=30) as answer:
        pieces = answer.iter_bytes()
        next(pieces)
        with postgres.connect() as boss:
            boss.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'owox'")
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)

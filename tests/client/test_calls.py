"""What the client sends, and which answers it takes."""

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from owox import __version__, keys
from owox.client import ApiError, AuthError, Client, connection
from tests.infra.faulty import CONTEXT, EXCHANGE, MARTS, FaultyServer, answer, token

MART = {"id": "orders", "title": "Orders", "status": "PUBLISHED"}
SAID = {"userId": "u", "projectId": "p", "authFlow": "api_key", "apiKeyId": "k", "roles": ["viewer"]}


def test_the_exchange_sends_the_id_in_a_header_and_the_secret_in_the_body(
    faulty: FaultyServer, client: Client, minted: keys.Minted
):
    client.data_marts.list()

    exchange, listing = faulty.asked
    assert (exchange.method, exchange.target) == ("POST", EXCHANGE)
    assert exchange.headers["x-owox-api-key-id"] == minted.key_id
    assert "x-owox-authorization" not in exchange.headers
    assert json.loads(exchange.body) == {"apiKeySecret": minted.secret}
    assert listing.headers["x-owox-authorization"] == "Bearer token-of-the-test"
    assert listing.headers["x-owox-api-key-id"] == minted.key_id
    assert listing.headers["user-agent"] == f"owox-python/{__version__}"
    assert listing.target == MARTS


def test_one_token_serves_all_calls(faulty: FaultyServer, client: Client):
    client.data_marts.list()
    client.data_marts.list()

    assert [asked.target for asked in faulty.asked] == [EXCHANGE, MARTS, MARTS]


def test_concurrent_first_calls_make_one_exchange(faulty: FaultyServer, client: Client):
    threads = [threading.Thread(target=client.data_marts.list) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [asked.target for asked in faulty.asked].count(EXCHANGE) == 1


def test_concurrent_first_calls_share_a_refusal_too(
    faulty: FaultyServer, client: Client, monkeypatch: pytest.MonkeyPatch
):
    go_on, waiting, refused = threading.Event(), threading.Semaphore(0), []

    class Watched(connection.Exchange):
        def wait(self) -> str | None:
            waiting.release()
            return super().wait()

    def ask() -> None:
        with pytest.raises(AuthError) as caught:
            client.data_marts.list()
        refused.append(caught.value.status)

    monkeypatch.setattr(connection, "Exchange", Watched)
    faulty.on(EXCHANGE, [go_on, answer(401, {"message": "Unauthorized"})])
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(7):
        waiting.acquire()
    go_on.set()
    for thread in threads:
        thread.join()

    assert refused == [401] * 8
    assert len(faulty.asked) == 1


def test_a_401_exchanges_again_and_repeats_once(faulty: FaultyServer, client: Client):
    faulty.on(EXCHANGE, token("first"), token("second"))
    faulty.on(MARTS, answer(401), answer(200, {"items": [], "total": 0, "nextOffset": None}))

    assert client.data_marts.list() == []

    assert [asked.headers.get("x-owox-authorization") for asked in faulty.asked] == [
        None, "Bearer first", None, "Bearer second",
    ]  # fmt: skip


def test_cookies_are_not_kept(faulty: FaultyServer, client: Client):
    faulty.on(EXCHANGE, answer(200, {"accessToken": "t"}, "Content-Type: application/json", "Set-Cookie: a=b; Path=/"))

    client.data_marts.list()

    assert all("cookie" not in asked.headers for asked in faulty.asked)


def test_context_has_the_contracts_shape_with_nulls_for_what_is_missing(faulty: FaultyServer, client: Client):
    faulty.on(CONTEXT, answer(200, {**SAID, "projectTitle": "Shop"}))

    assert client.auth.get_context() == {
        "apiKeyId": "k",
        "authFlow": "api_key",
        "project": {"id": "p", "title": "Shop"},
        "member": {"userId": "u", "email": None, "fullName": None, "avatar": None, "roles": ["viewer"]},
    }


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {**SAID, "authFlow": "session"}, {**SAID, "userId": None}, {**SAID, "roles": "viewer"},
     {**SAID, "roles": [1]}, {**SAID, "email": 7}],
)  # fmt: skip
def test_a_context_of_another_shape_is_refused(faulty: FaultyServer, client: Client, body: Any):
    faulty.on(CONTEXT, answer(200, body))

    with pytest.raises(ApiError, match="OWOX Auth Context API returned an unexpected response shape"):
        client.auth.get_context()


def test_all_pages_of_the_list_are_read(faulty: FaultyServer, client: Client):
    other = {**MART, "id": "customers", "extra": {"kept": True}}
    faulty.on(
        MARTS,
        answer(200, {"items": [MART], "total": 2, "nextOffset": 1}),
        answer(200, {"items": [other], "total": 2, "nextOffset": None}),
    )

    assert client.data_marts.list() == [MART, other]

    assert [asked.target for asked in faulty.asked] == [EXCHANGE, MARTS, f"{MARTS}?offset=1"]


def test_a_repeated_offset_ends_the_list_with_an_error(faulty: FaultyServer, client: Client):
    faulty.on(MARTS, answer(200, {"items": [MART], "total": 2, "nextOffset": 1}))

    with pytest.raises(ApiError, match="repeated nextOffset 1"):
        client.data_marts.list()


@pytest.mark.parametrize(
    "body",
    [None, [], {"items": [MART], "total": 1}, {"items": [{}], "total": 1, "nextOffset": None},
     {"items": [], "total": True, "nextOffset": None}, {"items": [], "total": 0, "nextOffset": -1},
     {"items": {}, "total": 0, "nextOffset": None}],
)  # fmt: skip
def test_a_list_of_another_shape_is_refused(faulty: FaultyServer, client: Client, body: Any):
    faulty.on(MARTS, answer(200, body))

    with pytest.raises(ApiError, match="OWOX Data Marts API returned an unexpected response shape"):
        client.data_marts.list()


@pytest.mark.parametrize("kind", ["text/html", "application/problem+json", "text/plain"])
def test_an_answer_that_is_not_labelled_as_json_is_refused(faulty: FaultyServer, client: Client, kind: str):
    faulty.on(MARTS, answer(200, {"items": [], "total": 0, "nextOffset": None}, f"Content-Type: {kind}"))

    with pytest.raises(ApiError, match="unexpected response shape"):
        client.data_marts.list()


@pytest.mark.parametrize(
    ("said", "known"),
    [("2026-12-03T10:15:00.000Z", datetime(2026, 12, 3, 10, 15, tzinfo=UTC)), ("soon", None), ("2026-12-03", None)],
)
def test_a_key_in_its_last_days_says_when_it_ends(
    faulty: FaultyServer, client: Client, said: str, known: datetime | None
):
    headers = ("Content-Type: application/json", f"X-OWOX-Api-Key-Expires-At: {said}")
    faulty.on(MARTS, answer(200, {"items": [], "total": 0, "nextOffset": None}, *headers))
    before = client.key_ends_at

    client.data_marts.list()

    assert (before, client.key_ends_at) == (None, known)

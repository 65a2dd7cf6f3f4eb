"""A database that is locked or gone: reads go on where they can, writes wait and then say 503, and nothing is a 500."""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, event, text
from werkzeug.test import TestResponse

from owox.models.base import BUSY_SECONDS
from tests.api import actors
from tests.api.matrix.keys import API_KEYS
from tests.cast import Stage, Stages
from tests.infra.postgres import Postgres
from tests.states import CONTEXT, EXCHANGE, Holder, basic, headers, knock


@pytest.fixture
def local(stages: Stages, tmp_path) -> Iterator[Stage]:
    """The cast on SQLite."""
    with stages.copy("sqlite", tmp_path) as copy:
        yield copy


@contextmanager
def locked(stage: Stage, mode: str = "EXCLUSIVE") -> Iterator[None]:
    """Another process writes, for as long as the block runs."""
    connection = sqlite3.connect(stage.url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        connection.execute(f"BEGIN {mode}")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


def unavailable(answer: TestResponse) -> bool:
    """Whether it says to come back later, as JSON."""
    body = answer.get_json()
    return (
        answer.status == "503 Service Unavailable"
        and int(answer.headers["Retry-After"]) > 0
        and answer.headers["Cache-Control"] == "no-store"
        and body["message"] == "The database is busy or out of reach. Nothing was changed. Try again in a few seconds."
    )


def test_reads_go_on_while_another_writes(local: Stage):
    """S2: at once, at every door, with rows; even the exchange writes nothing that it waits for."""
    alice, client, browser = local["alice"], local.app.test_client(), local.visitor("alice")
    headers = {"Authorization": basic(f"{alice.key_id}:{alice.secret}".encode())}
    rows = f"/api/external/http-data/data-marts/{local.cast.marts['Orders']}.ndjson"

    with locked(local):
        start = time.monotonic()
        answers = [
            client.post(EXCHANGE, headers={"x-owox-api-key-id": alice.key_id}, json={"apiKeySecret": alice.secret}),
            *(client.get(path, headers=headers) for path in (CONTEXT, "/api/data-marts", "/health/ready")),
            *(browser.get(path) for path in (API_KEYS, f"/projects/{local.cast.project_id}", "/sign-in")),
        ]
        took = time.monotonic() - start

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 200, 200, 302]
    assert took < BUSY_SECONDS
    assert client.get(rows, headers=headers).status_code == 200


def test_a_write_waits_for_another_to_end(local: Stage):
    """S2."""
    alice = actors.by_cookie(local, "alice")
    with locked(local):
        results: list[TestResponse] = []
        writer = threading.Thread(target=lambda: results.append(alice.send("POST", API_KEYS, json={"name": "x"})))
        writer.start()
        time.sleep(0.5)
        waiting = writer.is_alive()
    writer.join()

    assert waiting
    assert results[0].status_code == 201


def test_writers_that_wait_ask_often_and_one_at_a_time(local: Stage):
    """S2: so that nobody who writes without a pause keeps them out, and waiting costs next to nothing."""
    asked: Counter[int] = Counter()

    def count(connection: sqlite3.Connection, *_: object) -> None:
        connection.set_trace_callback(
            lambda statement: asked.update([id(connection)] * (statement == "BEGIN IMMEDIATE"))
        )

    event.listen(local.engine, "checkout", count)
    alice = actors.by_cookie(local, "alice")
    with ThreadPoolExecutor(8) as threads, locked(local, "IMMEDIATE"):
        asked.clear()  # of what came before
        answers = [threads.submit(alice.send, "POST", API_KEYS, json={"name": "x"}) for _ in range(8)]
        time.sleep(0.8)
        by_connection = list(asked.values())

    assert [answer.result().status_code for answer in answers] == [201] * 8
    assert len(by_connection) == 1
    assert by_connection[0] > 20


def test_a_write_that_waited_in_vain_is_503_and_changes_nothing(local: Stage):
    """S2: all writes of keys, the start of a read, and a sign-out, after the same patience."""
    alice, key_id = local["alice"], local["alice"].key_id
    client = local.app.test_client()
    sent = {"Authorization": basic(f"{alice.key_id}:{alice.secret}".encode())}
    rows = f"/api/external/http-data/data-marts/{local.cast.marts['Orders']}.ndjson"
    actor = actors.by_cookie(local, "alice")
    answers: dict[str, TestResponse] = {}
    acts = {
        "create": lambda: actor.send("POST", API_KEYS, json={"name": "x"}),
        "rename": lambda: actor.send("PATCH", f"{API_KEYS}/{key_id}", json={"name": "x"}),
        "revoke": lambda: actor.send("DELETE", f"{API_KEYS}/{key_id}"),
        "rows": lambda: client.get(rows, headers=sent),
    }

    with locked(local):
        start = time.monotonic()
        threads = [
            threading.Thread(target=lambda name=name, act=act: answers.update({name: act()}))
            for name, act in acts.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - start

    assert {name: unavailable(answer) for name, answer in answers.items()} == dict.fromkeys(acts, True)
    assert BUSY_SECONDS - 1 < took < BUSY_SECONDS + 5
    assert (local.key_count(), local.key(key_id).name, local.key(key_id).revoked_at) == (5, "alice's key", None)
    assert actor.send("POST", API_KEYS, json={"name": "x"}).status_code == 201


def test_a_sign_in_that_cannot_be_written_is_a_page_with_503(local: Stage):
    """S2."""
    visitor, alice = actors.anonymous(local), local["alice"]

    with locked(local):
        answer = visitor.send("POST", "/sign-in", data={"email": alice.email, "password": alice.password})

    assert answer.status == "503 Service Unavailable"
    assert answer.mimetype == "text/html"
    assert int(answer.headers["Retry-After"]) > 0
    assert not answer.headers.getlist("Set-Cookie")


def test_a_last_use_that_cannot_be_noted_is_noted_with_the_next_call(local: Stage):
    """S2: the note waits on its own, and never holds a request."""
    alice = local["alice"]
    holder = Holder(alice.key_id, alice.secret)
    with locked(local):
        assert knock(local.app.test_client(), "basic", holder).status_code == 200
        deadline = time.monotonic() + BUSY_SECONDS + 5
        while not local.services.background.idle and time.monotonic() < deadline:
            time.sleep(0.05)
        assert local.key(alice.key_id).last_used_at is None

    knock(local.app.test_client(), "basic", holder)
    while not local.services.background.idle:
        time.sleep(0.01)

    assert local.key(alice.key_id).last_used_at is not None


def test_a_postgres_that_is_gone_is_503_at_every_door_and_works_again_when_it_is_back(
    stages: Stages, postgres: Postgres, tmp_path
):
    """S4: with connections that were cut, and with new ones refused."""
    with stages.copy("postgresql", tmp_path) as stage:
        alice, client, browser = stage["alice"], stage.app.test_client(), stage.visitor("alice")
        holder = Holder(alice.key_id, alice.secret)
        token = knock(client, "exchange", holder).get_json()["accessToken"]
        holder = Holder(alice.key_id, alice.secret, token)
        name = stage.url.rpartition("/")[2]
        with postgres.connect() as administrator:
            administrator.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
            administrator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            gone = [
                knock(client, door, holder) for door in ("exchange", "own token", "basic", "combined") for _ in "12"
            ]
            pages = [browser.get(path) for path in ("/", "/health/ready", API_KEYS)]
            administrator.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')

        back = [knock(client, door, holder).status_code for door in ("exchange", "own token", "basic", "combined")]

        assert [unavailable(answer) for answer in gone] == [True] * 8
        assert [page.status_code for page in pages] == [503] * 3
        assert back == [200] * 4
        assert browser.get(API_KEYS).status_code == 200


def test_an_error_of_the_database_tells_nothing_of_the_inside(stage: Stage):
    """U6: a constant text, and never access."""
    engine = create_engine(stage.url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE api_key RENAME TO gone"))
    engine.dispose()

    answer = stage.app.test_client().get(
        CONTEXT, headers=headers("basic", Holder(stage["bob"].key_id, stage["bob"].secret))
    )

    assert unavailable(answer)
    assert "api_key" not in answer.text

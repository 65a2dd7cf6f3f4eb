"""Which thread of the server answers which call."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from waitress.server import create_server

from owox.admin.threads import Threads

NAMED = {"x-owox-api-key-id": "pmk_any"}
BY_KEY = NAMED | {"x-owox-authorization": "Bearer any"}
COUNT = 4


@dataclass
class Answering:
    """A server of ``COUNT`` threads whose every answer is the thread that gave it."""

    threads: Threads
    address: str = ""
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(COUNT + 1))
    taken: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    let_go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["QUERY_STRING"] == "slow":
            self.taken.release()
            self.let_go.wait(30)
        start_response("200 OK", [])
        return [str(threading.get_ident()).encode()]

    def ask(self, path: str, headers: dict[str, str] | None = None) -> "Future[str]":
        """The thread that answers, once it does."""
        return self.pool.submit(lambda: httpx.get(self.address + path, headers=headers, timeout=30).text)

    def take(self, number: int, path: str = "/", headers: dict[str, str] | None = None) -> "list[Future[str]]":
        """Have as many threads busy until they are let go."""
        slow = [self.ask(f"{path}?slow", headers) for _ in range(number)]
        assert all(self.taken.acquire(timeout=30) for _ in slow)
        return slow


@contextmanager
def answering(*, apart: bool) -> Iterator[Answering]:
    """That server on 127.0.0.1."""
    app = Answering(Threads(COUNT, apart=apart))
    server = create_server(app, host="127.0.0.1", port=0, map={}, _dispatcher=app.threads)
    app.address = f"http://127.0.0.1:{server.effective_port}"
    loop = threading.Thread(target=server.run)
    loop.start()
    try:
        with app.pool:
            yield app
    finally:
        server.trigger.pull_trigger(lambda: server.asyncore.close_all(server._map))
        loop.join(30)
        assert not loop.is_alive()
        app.threads.shutdown()


@pytest.mark.parametrize(("path", "headers"), [("/api/auth/context", BY_KEY), ("/api/auth/api-keys/exchange", NAMED)])
def test_short_calls_have_a_thread_of_their_own(path: str, headers: dict[str, str]):
    with answering(apart=True) as app:
        others = app.take(COUNT - 1)
        short = {app.ask(path, headers).result() for _ in range(COUNT)}
        app.let_go.set()

    assert len(short) == 1
    assert len({other.result() for other in others} - short) == COUNT - 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/auth/context", {}),
        ("/api/auth/context", NAMED | {"cookie": "owox_sign_in=any"}),
        ("/api/auth/context", NAMED | {"authorization": "Bearer owox_mgmt_any"}),
        ("/api/auth/context/", BY_KEY),
        ("/api/data-marts", BY_KEY),
    ],
)
def test_what_may_write_or_take_long_has_the_others(path: str, headers: dict[str, str]):
    with answering(apart=True) as app:
        others = app.take(COUNT - 1)
        waits = app.ask(path, headers)
        app.let_go.set()

    assert waits.result() in {other.result() for other in others}


def test_short_calls_that_ask_another_server_have_them_all():
    with answering(apart=False) as app:
        others = app.take(COUNT)
        waits = app.ask("/api/auth/context", BY_KEY)
        app.let_go.set()

    assert waits.result() in {other.result() for other in others}


def test_all_threads_are_told_at_once_that_the_server_ends():
    """So that those of long answers have no shorter time for the rest of theirs than that of short ones."""
    with answering(apart=True) as app:
        busy = app.take(1, "/api/auth/context", BY_KEY)
        ends = app.pool.submit(app.threads.shutdown, timeout=30)
        deadline = time.monotonic() + 10
        while app.threads.threads and time.monotonic() < deadline:
            time.sleep(0.01)
        left = len(app.threads.threads)
        app.let_go.set()

    assert left == 0
    assert ends.result()
    assert busy[0].result()

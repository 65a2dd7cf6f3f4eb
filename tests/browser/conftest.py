"""A server with the demo project whose first admin is alice, for the tests of a module."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.walk import set_up, sign_in
from tests.infra.server import Server, running_server

# As long as actions wait for a page: a machine under load answers late.
expect.set_options(timeout=10_000)


@dataclass(frozen=True)
class Dashboard:
    """The server, and people who look at it."""

    server: Server
    new_context: Callable[..., BrowserContext]

    def page(self, **options: object) -> Page:
        """Alice's page, in a browser of her own."""
        page = self.new_context(**options).new_page()
        sign_in(page, self.server)
        return page


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """The instance folder of a server with the demo project, set up by alice; the server has stopped."""
    instance = tmp_path_factory.mktemp("set-up") / "instance"
    with running_server(instance, "--demo") as server, closing(browser.new_context()) as context:
        set_up(context.new_page(), server)
    return instance


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, original: Path) -> Iterator[Server]:
    """A server on a copy of that folder, on SQLite."""
    instance = shutil.copytree(original, tmp_path_factory.mktemp("browser") / "instance")
    with closing(sqlite3.connect(instance / "owox.db")) as database, database:
        database.execute("UPDATE storage SET config = replace(config, ?, ?)", (str(original), str(instance)))
    with running_server(instance) as server:
        yield server


@pytest.fixture
def dashboard(running: Server, browser_context: Callable[..., BrowserContext]) -> Dashboard:
    """The dashboard of that server."""
    return Dashboard(running, browser_context)


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """Where files go that a test downloads."""
    return tmp_path

"""A server with the demo project whose first admin is alice, for the tests of a module."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
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


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """The server on SQLite, set up."""
    with ExitStack() as stack:
        server = stack.enter_context(running_server(tmp_path_factory.mktemp("browser") / "instance", "--demo"))
        context = browser.new_context()
        set_up(context.new_page(), server)
        context.close()
        yield server


@pytest.fixture
def dashboard(running: Server, browser_context: Callable[..., BrowserContext]) -> Dashboard:
    """The dashboard of that server."""
    return Dashboard(running, browser_context)


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    """Where files go that a test downloads."""
    return tmp_path

"""What tests stand on: real databases, the real server, a real browser. All are made here and end with the run."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.cast import Stage, Stages
from tests.infra.browser import running_browser
from tests.infra.postgres import Postgres, running_postgres
from tests.infra.routes import compile_once
from tests.infra.server import Server, running_server

BACKENDS = ("sqlite", "postgresql")
compile_once()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the whole run, without any database of ours."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new empty database; a test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'owox.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.database() as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium for the whole run."""
    with running_browser() as chromium:
        yield chromium


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make a person's browser: ``browser_context(java_script_enabled=False)`` has no JavaScript. Any option of
    Playwright's ``new_context`` may be given. Two contexts share no cookies."""
    with ExitStack() as stack:

        def make(**options: object) -> BrowserContext:
            context = browser.new_context(**options)
            stack.callback(context.close)
            context.set_default_timeout(10_000)
            return context

        yield make


@pytest.fixture
def page(browser_context: Callable[..., BrowserContext]) -> Page:
    """An empty page with JavaScript."""
    return browser_context().new_page()


@pytest.fixture
def plain_page(browser_context: Callable[..., BrowserContext]) -> Page:
    """An empty page without JavaScript."""
    return browser_context(java_script_enabled=False).new_page()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start the real server: ``server("--demo", settings={"OWOX_DATABASE_URL": url})``.

    Its instance folder is new, unless ``instance=`` names one. It ends with the test.
    """
    with ExitStack() as stack:

        def start(*options: str, instance: Path | None = None, **more: object) -> Server:
            return stack.enter_context(running_server(instance or tmp_path / "instance", *options, **more))

        yield start


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Stages]:
    """Copies of the fixed cast, each in a database of its own."""
    with ExitStack() as stack:
        yield Stages(tmp_path_factory.mktemp("cast"), postgres, stack)


@pytest.fixture(params=BACKENDS)
def stage(request: pytest.FixtureRequest, stages: Stages, tmp_path: Path) -> Iterator[Stage]:
    """The fixed cast and an app for this test alone, on SQLite and on PostgreSQL."""
    with stages.copy(request.param, tmp_path) as copy:
        yield copy


@pytest.fixture(scope="module", params=BACKENDS)
def shared_stage(
    request: pytest.FixtureRequest, stages: Stages, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """The same for all tests of a module, which leave it as it was."""
    with stages.copy(request.param, tmp_path_factory.mktemp("shared")) as copy:
        yield copy


# What these prove does not depend on the database under it: pages, what owox-ctl makes of answers, and what is decided
# before a database is asked. The services, the route matrix and the streams run on both; --every-database runs these on
# both too.
_ON_ONE_DATABASE = re.compile(
    r"/tests/(web/|browser/|ctl/|live/test_(client|docs|methods|readme|ready_commands|recipes|swagger_ui|transcripts)\.py"
    r"|live/test_(sqlite_storage|postgresql_storage)\.py"
    r"|api/test_(bodies|controls|credentials|csrf|device_authorizations|isolation|openapi|requests|throttle)\.py)"
)
_DATABASES = ("database_url", "stage", "shared_stage", "demo_server")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-database", action="store_true", help="Run every test on SQLite and PostgreSQL.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # The longest module starts first: at the end, others would wait for it.
    items.sort(key=lambda item: "/tests/clients/" not in item.path.as_posix())
    if config.getoption("--every-database"):
        return
    items[:] = [item for item in items if not (_ON_ONE_DATABASE.search(item.path.as_posix()) and _on_postgresql(item))]


def _on_postgresql(item: pytest.Item) -> bool:
    """Whether a fixture gives this test a PostgreSQL database under the server."""
    params = item.callspec.params if hasattr(item, "callspec") else {}
    return any(params.get(name) == "postgresql" for name in _DATABASES)

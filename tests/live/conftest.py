"""A running server with the demo project, a member and a key, and hands that change what the server decides from."""

import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, update
from sqlalchemy.orm import Session

from owox import keys as core
from owox.demo import PROJECT_TITLE
from owox.models import ApiKey, writing
from owox.models.base import prepare_engine
from owox.roles import Role
from owox.services import keys, members, projects
from owox.services.audit import Actor
from tests.conftest import BACKENDS
from tests.infra.postgres import Postgres
from tests.infra.server import Server, running_server

HANDS = Actor(address="127.0.0.1", client="tests", request_id="tests")


@dataclass(frozen=True)
class Live:
    """A server, bob's key, and the database under them."""

    server: Server
    settings: dict[str, str]
    engine: Engine
    project_id: str
    member_id: str
    key_id: str
    secret: str = field(repr=False)
    combined: str = field(repr=False)

    @property
    def basic(self) -> tuple[str, str]:
        """The key, for HTTP Basic."""
        return self.key_id, self.secret

    def get(self, path: str, **options: Any) -> httpx.Response:
        """One answer; the key goes along unless other credentials are given."""
        options.setdefault("auth", None if "headers" in options else self.basic)
        return httpx.get(self.server.url + path, timeout=20, **options)

    def mart(self, title: str) -> str:
        """The id of a data mart."""
        return next(mart["id"] for mart in self.get("/api/data-marts").json()["items"] if mart["title"] == title)

    def rows_url(self, title: str) -> str:
        """Where a data mart's rows are."""
        return f"{self.server.url}/api/external/http-data/data-marts/{self.mart(title)}.ndjson"

    def reader(self, title: str = "Page views", server: Server | None = None) -> "subprocess.Popen[bytes]":
        """curl, whose output is the rows of a data mart; from another server if one is given."""
        url = self.rows_url(title).replace(self.server.url, (server or self.server).url)
        return subprocess.Popen(["curl", "-sN", "-u", ":".join(self.basic), url], stdout=subprocess.PIPE)

    @contextmanager
    def hands(self) -> Iterator[tuple[Session, datetime]]:
        """A write transaction beside the server, and the present moment."""
        with Session(self.engine) as session, writing(session):
            yield session, datetime.now(UTC)

    def set_key(self, **values: Any) -> None:
        """Change columns of the key."""
        with self.hands() as (session, _):
            session.execute(update(ApiKey).where(ApiKey.id == self.key_id).values(**values))


Demo = tuple[Server, dict[str, str], Engine]


@pytest.fixture(scope="session")
def demo_servers(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Callable[[str], Demo]]:
    """The real server with the demo project on a kind of database, started once."""
    with ExitStack() as stack:

        @cache
        def started(backend: str) -> Demo:
            folder = tmp_path_factory.mktemp("live")
            url = f"sqlite:///{folder / 'owox.db'}"
            if backend == "postgresql":
                url = stack.enter_context(postgres.database())
            settings = {"OWOX_DATABASE_URL": url}
            running = stack.enter_context(running_server(folder / "instance", "--demo", settings=settings))
            engine = create_engine(url)
            prepare_engine(engine)
            stack.callback(engine.dispose)
            return running, settings, engine

        yield started


@pytest.fixture(scope="session", params=BACKENDS)
def demo_server(request: pytest.FixtureRequest, demo_servers: Callable[[str], Demo]) -> Demo:
    """That server, once on SQLite and once on PostgreSQL."""
    return demo_servers(request.param)


@pytest.fixture
def live(demo_server: Demo) -> Live:
    """A new editor of the demo project, with a key of their own."""
    _, _, engine = demo_server
    with Session(engine) as session:
        project_id = next(row.id for row in projects.listed(session) if row.title == PROJECT_TITLE)
    return _newcomer(demo_server, project_id)


@pytest.fixture
def live_elsewhere(demo_server: Demo) -> Live:
    """A new editor of a new, empty project on that server: what they make there is in nobody's list."""
    _, _, engine = demo_server
    with Session(engine) as session, writing(session):
        project_id = projects.create(session, "Elsewhere", HANDS, datetime.now(UTC))
    return _newcomer(demo_server, project_id)


def _newcomer(demo: Demo, project_id: str) -> Live:
    running, settings, engine = demo
    now = datetime.now(UTC)
    with Session(engine, expire_on_commit=False) as session, writing(session):
        email, password = f"bob-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(24)
        member_id = members.create(session, email, "Bob", password, HANDS, now)
        membership_id = members.join(session, member_id, project_id, Role.EDITOR, HANDS, now)
        created = keys.create(session, membership_id, keys.Wanted("live"), HANDS, now)
    combined = core.combine(running.url, created.key.id, created.secret)
    return Live(running, settings, engine, project_id, member_id, created.key.id, created.secret, combined)

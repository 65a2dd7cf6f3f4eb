"""A running server with the demo project, a member and a key, and hands that change what the server decides from."""

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
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


@pytest.fixture(scope="session", params=BACKENDS)
def demo_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, dict[str, str], Engine]]:
    """The real server with the demo project, once on SQLite and once on PostgreSQL."""
    folder = tmp_path_factory.mktemp("live")
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'owox.db'}"
        if request.param == "postgresql":
            postgres: Postgres = request.getfixturevalue("postgres")
            url = stack.enter_context(postgres.database())
        settings = {"OWOX_DATABASE_URL": url}
        running = stack.enter_context(running_server(folder / "instance", "--demo", settings=settings))
        engine = create_engine(url)
        prepare_engine(engine)
        stack.callback(engine.dispose)
        yield running, settings, engine


@pytest.fixture
def live(demo_server: tuple[Server, dict[str, str], Engine]) -> Live:
    """A new editor of the demo project, with a key of their own."""
    running, settings, engine = demo_server
    now = datetime.now(UTC)
    with Session(engine, expire_on_commit=False) as session, writing(session):
        project = next(row for row in projects.listed(session) if row.title == PROJECT_TITLE)
        email, password = f"bob-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(24)
        member_id = members.create(session, email, "Bob", password, HANDS, now)
        membership_id = members.join(session, member_id, project.id, Role.EDITOR, HANDS, now)
        created = keys.create(session, membership_id, keys.Wanted("live"), HANDS, now)
    combined = core.combine(running.url, created.key.id, created.secret)
    return Live(running, settings, engine, project.id, member_id, created.key.id, created.secret, combined)

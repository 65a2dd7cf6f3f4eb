"""The fixed cast: alice (admin), bob (editor) and vera (viewer) of one project, charlie (admin) of another.

Everything is made through the services, once for each database; a test gets a copy of that, with an app on it.
"""

import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from owox import migrations
from owox.access import Services
from owox.factory import create_app
from owox.models import ApiKey, DataMart, DataMartOwner, Destination, Member, Membership, Storage, db, writing
from owox.models.base import new_id
from owox.reading.engines import open_engine
from owox.roles import Role
from owox.services import keys, members, projects, sign_ins
from owox.services.audit import Actor
from owox.settings import Settings, load
from tests.infra.postgres import Postgres

ROLES = {"alice": Role.ADMIN, "bob": Role.EDITOR, "vera": Role.VIEWER}
OPERATOR = Actor(address="127.0.0.1", client="tests", request_id="tests")
ROWS = [(1, "kettle"), (2, "lamp"), (3, "planter")]
MARTS = {  # title: published, shared for reporting, shared for maintenance, owned by bob
    "Orders": (True, True, True, False),
    "Draft": (False, True, True, False),
    "Kept by editors": (True, False, True, False),
    "Owned by bob": (True, False, False, True),
    "Admins only": (True, False, False, False),
}


@dataclass(frozen=True)
class Person:
    """One of the cast, in the project that they are a member of."""

    member_id: str
    membership_id: str
    project_id: str
    email: str
    password: str = field(repr=False)
    key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Cast:
    """Everybody and everything there is; ``marts`` maps titles to ids."""

    people: dict[str, Person]
    project_id: str
    marts: dict[str, str]


@dataclass(frozen=True)
class Stage:
    """A copy of the cast in a database of its own, and the app that serves it."""

    app: Flask
    url: str
    cast: Cast

    def __getitem__(self, name: str) -> Person:
        return self.cast.people[name]

    @property
    def services(self) -> Services:
        """What the app holds."""
        services: Services = self.app.extensions["owox"]
        return services

    @property
    def engine(self) -> Engine:
        """The app's database."""
        with self.app.app_context():
            return db.engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session of its own, committed at the end."""
        with Session(self.engine, expire_on_commit=False) as session, writing(session):
            yield session

    def key(self, key_id: str) -> ApiKey:
        """A key's row as it is now."""
        with Session(self.engine) as session:
            return session.get_one(ApiKey, key_id)

    def key_count(self) -> int:
        """How many keys there are, whoever's."""
        with Session(self.engine) as session:
            return session.scalar(select(func.count(ApiKey.id))) or 0

    def more(self, name: str, key_name: str = "another", expires_at: datetime | None = None) -> Person:
        """Somebody with one more key, just made."""
        person = self[name]
        with self.session() as session:
            wanted = keys.Wanted(key_name, expires_at)
            created = keys.create(session, person.membership_id, wanted, OPERATOR, datetime.now(UTC))
        return replace(person, key_id=created.key.id, secret=created.secret)

    def set_key(self, key_id: str, **values: Any) -> None:
        """Put a key's row into a state, past the services."""
        with self.session() as session:
            session.execute(update(ApiKey).where(ApiKey.id == key_id).values(**values))

    def visitor(self, name: str) -> FlaskClient:
        """Somebody's browser, signed in."""
        with self.session() as session:
            value = sign_ins.start(session, self[name].member_id, "UTC", OPERATOR, datetime.now(UTC))
        client = self.app.test_client()
        client.set_cookie("owox_sign_in", value)
        return client


def settings(folder: Path, url: str, **more: str) -> Settings:
    """Settings of a server that nobody has set up, with a secret key of its own."""
    secret_key, downloads = secrets.token_urlsafe(48), str(folder / "downloads")
    environ = {"OWOX_INSTANCE": str(folder), "OWOX_DATABASE_URL": url, "OWOX_SECRET_KEY": secret_key}
    return load(environ | {"OWOX_DOWNLOADS": downloads} | more)


@contextmanager
def opened(given: Settings) -> Iterator[Flask]:
    """The app for these settings, its database at the newest structure and closed at the end."""
    app = create_app(given)
    with app.app_context():
        engine = db.engine
        migrations.upgrade(engine)
    try:
        yield app
    finally:
        settle(app)
        engine.dispose()
        app.extensions["owox"].keys.engine.dispose()


def settle(app: Flask) -> None:
    """Wait until all last uses are noted."""
    deadline = time.monotonic() + 10
    while not app.extensions["owox"].background.idle and time.monotonic() < deadline:
        time.sleep(0.005)


class Stages:
    """Makes the cast once for each kind of database, and copies of it."""

    def __init__(self, folder: Path, postgres: Postgres, stack: ExitStack) -> None:
        self._folder = folder
        self._postgres = postgres
        self._stack = stack
        self._made: dict[str, tuple[str, Cast]] = {}

    @contextmanager
    def copy(self, backend: str, folder: Path) -> Iterator[Stage]:
        """A copy, on SQLite in ``folder``."""
        original, cast = self._original(backend)
        with ExitStack() as stack:
            if backend == "sqlite":
                url = f"sqlite:///{shutil.copy(original.removeprefix('sqlite:///'), folder / 'owox.db')}"
            else:
                url = stack.enter_context(self._postgres.database(template=original.rpartition("/")[2]))
            app = stack.enter_context(opened(settings(folder, url)))
            yield Stage(app, url, cast)

    def _original(self, backend: str) -> tuple[str, Cast]:
        if backend not in self._made:
            folder = self._folder / backend
            folder.mkdir()
            url = f"sqlite:///{folder / 'cast.db'}"
            if backend != "sqlite":
                url = self._stack.enter_context(self._postgres.database())
            with opened(settings(folder, url)) as app:
                self._made[backend] = url, build(app, folder)
        return self._made[backend]


def build(app: Flask, folder: Path) -> Cast:
    """Make the cast in an empty database; ``folder`` gets the file that data marts are read from."""
    at = datetime.now(UTC) - timedelta(days=1)
    with app.app_context(), writing(db.session()) as session:
        home = projects.create(session, "Shop", OPERATOR, at)
        elsewhere = projects.create(session, "Elsewhere", OPERATOR, at)
        people = {name: _person(session, name, home, role, at) for name, role in ROLES.items()}
        people["charlie"] = _person(session, "charlie", elsewhere, Role.ADMIN, at)
        marts = _marts(session, home, people["bob"].member_id, folder / "shop.duckdb", at)
        session.add(
            Destination(project_id=home, type="EMAIL", title="Weekly mail", config={}, created_at=at, modified_at=at)
        )
    return Cast(people, home, marts)


def _person(session: Session, name: str, project_id: str, role: Role, at: datetime) -> Person:
    email, password = f"{name}@example.com", secrets.token_urlsafe(24)
    member_id = members.create(session, email, name.title(), password, OPERATOR, at)
    membership_id = members.join(session, member_id, project_id, role, OPERATOR, at)
    made = keys.create(session, membership_id, keys.Wanted(f"{name}'s key"), OPERATOR, at)
    return Person(member_id, membership_id, project_id, email, password, made.key.id, made.secret)


def _marts(session: Session, project_id: str, owner_id: str, path: Path, at: datetime) -> dict[str, str]:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, product VARCHAR)")
        connection.executemany("INSERT INTO orders VALUES (?, ?)", ROWS)
    dated = {"project_id": project_id, "created_at": at, "modified_at": at}
    storage = Storage(id=new_id(), type="DUCKDB", title="Shop file", config={"path": str(path)}, **dated)
    session.add(storage)
    session.flush()
    definition = {"sqlQuery": "SELECT id, product FROM orders ORDER BY id"}
    fields = [{"name": f.name, "type": f.type} for f in open_engine("DUCKDB", storage.config).describe(definition)]
    ids = {}
    for title, (published, reporting, maintenance, owned) in MARTS.items():
        mart = DataMart(
            id=new_id(), storage_id=storage.id, title=title, status="PUBLISHED" if published else "DRAFT",
            definition_type="SQL", definition=definition, fields=fields, available_for_reporting=reporting,
            available_for_maintenance=maintenance, **dated,
        )  # fmt: skip
        session.add(mart)
        session.flush()
        ids[title] = mart.id
        if owned:
            session.add(DataMartOwner(data_mart_id=mart.id, member_id=owner_id, kind="technical"))
    return ids


def end_membership(stage: Stage, name: str, at: datetime | None = None) -> None:
    """Take somebody out of their project."""
    person = stage[name]
    with stage.session() as session:
        members.end_membership(session, person.member_id, person.project_id, OPERATOR, at or datetime.now(UTC))


def disable(stage: Stage, name: str, at: datetime | None = None) -> None:
    """Disable somebody."""
    with stage.session() as session:
        members.disable(session, stage[name].member_id, OPERATOR, at or datetime.now(UTC))


def change_role(stage: Stage, name: str, role: Role) -> None:
    """Give somebody another role."""
    person = stage[name]
    with stage.session() as session:
        members.change_role(session, person.member_id, person.project_id, role, OPERATOR, datetime.now(UTC))


def counts(stage: Stage) -> tuple[int, ...]:
    """How many rows the tables of people and keys hold."""
    with Session(stage.engine) as session:
        return tuple(len(session.scalars(select(table.id)).all()) for table in (ApiKey, Member, Membership))

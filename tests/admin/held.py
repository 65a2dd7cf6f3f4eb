"""A key made on the command line, in the hands of somebody who uses it against a running server."""

import html
import json
import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from owox import migrations
from owox.models import ApiKey, Member, Membership, writing
from owox.models.base import prepare_engine
from owox.services import keys, sign_ins
from owox.services.audit import Actor
from tests.admin.conftest import Prepared
from tests.infra.server import Server

HANDS = Actor(address="127.0.0.1", client="tests", request_id="tests")


@dataclass(frozen=True)
class Held:
    """Both parts of a key."""

    id: str
    secret: str = field(repr=False)

    def use(self, server: Server) -> str:
        """What the server answers: "accepted", or the code of its refusal."""
        answer = httpx.get(f"{server.url}/api/auth/context", auth=(self.id, self.secret))
        return "accepted" if answer.status_code == 200 else str(answer.json()["code"])

    def revoke(self, server: Server) -> None:
        """Revoke it, as whoever holds it may."""
        body, headers = {"apiKeySecret": self.secret}, {"x-owox-api-key-id": self.id}
        answer = httpx.post(f"{server.url}/api/auth/api-keys/revoke", json=body, headers=headers)
        assert answer.status_code == 204


def held(prepared: Prepared) -> Held:
    """A new key of alice."""
    made = json.loads(prepared.shell.works(*prepared.create_key("--json")))
    return Held(made["apiKeyId"], made["apiKeySecret"])


def database_url(prepared: Prepared) -> str:
    """Where the server's database is."""
    return prepared.shell.settings.get("OWOX_DATABASE_URL", f"sqlite:///{prepared.shell.instance / 'owox.db'}")


def signed_in(prepared: Prepared) -> str:
    """The cookie of a new sign-in of alice."""
    with _writing(prepared) as session:
        member_id = session.scalars(select(Member.id).where(Member.email == "alice@example.com")).one()
        return sign_ins.start(session, member_id, "UTC", HANDS, datetime.now(UTC))


def revoke(prepared: Prepared, key: Held) -> None:
    """Revoke a key beside the server, where no journal is told."""
    with _writing(prepared) as session:
        found = session.scalars(select(Membership).join(ApiKey).where(ApiKey.id == key.id)).one()
        keys.revoke(session, found.id, key.id, HANDS, datetime.now(UTC))


def shown(prepared: Prepared, server: Server, key: Held) -> str:
    """What alice's list says of a key's status."""
    path = f"/projects/{prepared.project_id}/settings/api-keys?status=all"
    answer = httpx.get(server.url + path, cookies={"owox_sign_in": signed_in(prepared)})
    row = re.search(rf'<tr id="key-{re.escape(key.id)}".*?</tr>', answer.text, re.DOTALL)
    assert row, answer.text
    cell = re.search(r'data-label="Status">(.*?)</td>', row.group(), re.DOTALL)
    assert cell
    return html.unescape(re.sub(r"<[^>]*>|\s+", " ", cell.group(1))).split()[0]


def database(prepared: Prepared) -> Path:
    """The database's file."""
    return prepared.shell.instance / "owox.db"


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """What a database says."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def kill(server: Server) -> None:
    """End a server at once, and return when it has."""
    os.kill(server.pid, signal.SIGKILL)
    os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)


def take_back(path: Path, revision: str) -> None:
    """Give a database an older structure."""
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()


def copy_of_database(prepared: Prepared, target: Path) -> Path:
    """What an operator has who copied the file while no server ran."""
    with closing(sqlite3.connect(prepared.shell.instance / "owox.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copy(prepared.shell.instance / "owox.db", target))


@contextmanager
def _writing(prepared: Prepared) -> Iterator[Session]:
    engine = create_engine(database_url(prepared))
    prepare_engine(engine)
    with Session(engine) as session, writing(session):
        yield session
    engine.dispose()

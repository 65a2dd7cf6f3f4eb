"""A project of some size beside the demo, and a client that calls the server as unmodified clients do."""

import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from owox.demo import STORAGE_TITLE
from owox.models import DataMart, DataMartOwner, Destination, Run, RunStatus, Storage, writing
from owox.models.base import new_id
from owox.models.searchable import between_spaces
from owox.reading.engines import open_engine
from owox.roles import Role
from owox.services import keys, members, projects
from tests.infra.server import Server
from tests.live.conftest import HANDS

MARTS = 1_203
RUNS = 105
DESTINATIONS = ("GOOGLE_SHEETS", "LOOKER_STUDIO", "EMAIL", "SLACK", "MS_TEAMS", "GOOGLE_CHAT")
COLUMNS = ["order_id", "ordered_at", "amount", "status"]
DEFINITION = {"sqlQuery": f"SELECT {', '.join(COLUMNS)} FROM orders ORDER BY order_id"}


@dataclass(frozen=True)
class Shop:
    """A server and what an admin's key opens there."""

    server: Server
    project_id: str
    member_id: str
    key_id: str
    secret: str
    storage_id: str
    mart_id: str
    running_id: str

    def exchange(self) -> httpx.Response:
        """The key's secret for a token, as clients ask for it."""
        return httpx.post(
            f"{self.server.url}/api/auth/api-keys/exchange",
            json={"apiKeySecret": self.secret},
            headers={"accept": "application/json", "x-owox-api-key-id": self.key_id},
            timeout=60,
        )

    def send(self, method: str, path: str, *, accept: str = "application/json", **more: Any) -> httpx.Response:
        """One call with the headers of the contract's clients; redirects are an error to them."""
        token = self.exchange().json()["accessToken"]
        headers = {
            "accept": accept,
            "x-owox-api-key-id": self.key_id,
            "x-owox-authorization": f"Bearer {token}",
        }
        answer = httpx.request(method, self.server.url + path, headers=headers, timeout=120, **more)
        assert not answer.is_redirect
        return answer


def encoded(control: object) -> str:
    """A control of a rows request (contract.md 4.2)."""
    return urlsafe_b64encode(json.dumps(control, separators=(",", ":")).encode()).rstrip(b"=").decode()


def build(server: Server, engine: Engine) -> Shop:
    """Make the project: several pages of data marts, owners, destinations of every type, and a history."""
    now = datetime.now(UTC)
    dated = {"created_at": now, "modified_at": now}
    with Session(engine, expire_on_commit=False) as session, writing(session):
        project_id = projects.create(session, f"Shop {secrets.token_hex(4)}", HANDS, now)
        email = f"ann-{secrets.token_hex(4)}@example.com"
        member_id = members.create(session, email, "Ann", secrets.token_urlsafe(24), HANDS, now)
        membership_id = members.join(session, member_id, project_id, Role.ADMIN, HANDS, now)
        key = keys.create(session, membership_id, keys.Wanted("live"), HANDS, now)
        demo = session.scalars(select(Storage).where(Storage.title == STORAGE_TITLE)).first()
        assert demo
        storage = Storage(
            id=new_id(), project_id=project_id, type=demo.type, title="Мій склад", config=demo.config, **dated
        )
        session.add(storage)
        session.add_all(
            Destination(project_id=project_id, type=kind, title=f"To {kind}", config={}, **dated)
            for kind in DESTINATIONS
        )
        session.flush()
        fields = [{"name": f.name, "type": f.type} for f in open_engine(demo.type, demo.config).describe(DEFINITION)]
        shared = {"project_id": project_id, "storage_id": storage.id, "created_by_id": member_id, "fields": fields}
        marts = [shared | _mart(at, now) for at in range(MARTS)]
        session.execute(insert(DataMart), marts)
        mart_id = str(marts[0]["id"])
        session.add(DataMartOwner(data_mart_id=mart_id, member_id=member_id, kind="business"))
        running = _runs(session, project_id, mart_id, member_id, now)
    return Shop(server, project_id, member_id, key.key.id, key.secret, storage.id, mart_id, running)


def _mart(at: int, now: datetime) -> dict[str, Any]:
    title = "Замовлення 🫖" if at == 0 else f"Mart {at}"
    return {
        "id": new_id(),
        "title": title,
        "search_title": between_spaces(title),
        "description": None if at % 3 else f"Number {at}",
        "status": "DRAFT" if at % 7 == 3 else "PUBLISHED",
        "definition_type": "SQL",
        "definition": DEFINITION,
        "fields_read_at": now,
        "available_for_reporting": True,
        "available_for_maintenance": at % 2 == 0,
        "created_at": now - timedelta(seconds=at // 2),
        "modified_at": now,
    }


def _runs(session: Session, project_id: str, mart_id: str, member_id: str, now: datetime) -> str:
    """Runs that ended in every way, and one that is going on; return its id."""
    for at in range(RUNS):
        status = list(RunStatus)[at % len(RunStatus)] if at else RunStatus.RUNNING
        over = None if status == RunStatus.RUNNING else now
        failed = "The file is gone." if status == RunStatus.FAILED else None
        run = Run(
            id=new_id(), project_id=project_id, data_mart_id=mart_id, member_id=member_id, status=status, error=failed,
            query={"format": "ndjson", "columns": COLUMNS}, row_count=over and at, bytes_written=over and at * 9,
            created_at=now - timedelta(seconds=at), finished_at=over,
        )  # fmt: skip
        session.add(run)
        if at == 0:
            first = run.id
    session.flush()
    return first

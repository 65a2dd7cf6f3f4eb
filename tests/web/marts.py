"""Data marts over a DuckDB file of a test's own, and what their pages are asked and sent."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from werkzeug.test import TestResponse

from owox.models import DataMart, Storage
from owox.models.base import new_id
from tests.api.things import a_mart
from tests.cast import Stage
from tests.web.browsing import HTMX, Visit, csrf, elements, visit

ORDERS = "SELECT id, product FROM orders ORDER BY id"


@dataclass(frozen=True)
class Desk:
    """Somebody at work on one data mart."""

    visit: Visit
    mart_id: str
    stage: Stage

    @property
    def page(self) -> str:
        """The address of the data mart."""
        return f"{self.visit.home}/data-marts/{self.mart_id}"

    def get(self, act: str = "", **options: Any) -> TestResponse:
        """A page of the data mart."""
        return self.visit.get(f"{self.page}/{act}".rstrip("/"), **options)

    def part(self, act: str = "", **options: Any) -> str:
        """What htmx gets."""
        answer = self.get(act, headers=HTMX, **options)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(
        self, act: str, headers: dict[str, str] | None = None, content_type: str | None = None, **typed: Any
    ) -> TestResponse:
        """Send a form."""
        data = {"csrf_token": csrf(self.visit.get(self.visit.keys))} | typed
        return self.visit.client.post(f"{self.page}/{act}", data=data, headers=headers, content_type=content_type)

    @property
    def kept(self) -> DataMart:
        """The data mart as it is now."""
        with self.stage.session() as session:
            return session.get_one(DataMart, self.mart_id)


def desk(stage: Stage, name: str = "bob", title: str = "", **values: Any) -> Desk:
    """Somebody before one of the cast's data marts by its title, or a draft of bob's."""
    mart_id = stage.cast.marts[title] if title else a_mart(stage, **values)
    return Desk(visit(stage, name), mart_id, stage)


def a_file(stage: Stage, folder: Path, *statements: str) -> str:
    """A storage over a new DuckDB file that all may use; return its id."""
    path = folder / f"{new_id()}.duckdb"
    change(path, *statements)
    now = datetime.now(UTC)
    dated = {"project_id": stage.cast.project_id, "created_at": now, "modified_at": now}
    storage = Storage(id=new_id(), type="DUCKDB", title="A file", config={"path": str(path)}, **dated)
    with stage.session() as session:
        session.add(storage)
    return storage.id


def change(path: Path, *statements: str) -> None:
    """Run statements on a DuckDB file."""
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


def path_of(stage: Stage, storage_id: str) -> Path:
    """The file of a storage."""
    with stage.session() as session:
        return Path(session.get_one(Storage, storage_id).config["path"])


def over(stage: Stage, storage_id: str, sql: str, **values: Any) -> dict[str, Any]:
    """The values of a draft that reads SQL; fields are asked of the storage with the first read."""
    sql_definition = {"definition_type": "SQL", "definition": {"sqlQuery": sql}, "fields": []}
    return {"storage_id": storage_id, **sql_definition, **values}


def texts(answer: TestResponse, tag: str, mark: str) -> list[str]:
    """The ids of elements of a kind that begin with a mark, without it."""
    found = [attributes.get("id") or "" for name, attributes in elements(answer) if name == tag]
    return [each.removeprefix(mark) for each in found if each.startswith(mark)]

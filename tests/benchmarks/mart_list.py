"""The list of 1,202 data marts, beside its own statement run alone and a version from objects with ``json.dumps``."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from owox.api import shapes
from owox.factory import create_app
from owox.models import DataMart, DataMartOwner, Member, Storage, db, writing
from owox.roles import Owner
from owox.services import mart_list, marts, members
from owox.services.authentication import Caller
from owox.settings import load as load_settings
from tests.benchmarks import load
from tests.benchmarks.instance import Instance, new_instance
from tests.benchmarks.rows import basic
from tests.infra.server import running_server

MARTS = 1_202
ALIAS = "AWS_REDSHIFT"
ROUNDS = 5
SECONDS = 2.0


def main() -> None:
    """Measure pages of the list on a new instance with SQLite, one after the other."""
    with new_instance() as instance:
        request = load.get("/api/data-marts", basic(instance.add_key("alice")))
        app = create_app(load_settings({"OWOX_INSTANCE": str(instance.folder)}))
        with app.app_context(), running_server(instance.folder) as server:
            caller = _fill(db.engine, instance)
            port = server.port
            ways: dict[str, Callable[[], float]] = {
                "server": lambda: load.rate(port, request, SECONDS, connections=1),
                "statement": _each_second(_statement(db.engine, caller)),
                "objects": _each_second(_from_objects(db.engine, caller)),
            }
            rates = [{name: measure() for name, measure in ways.items()} for _ in range(ROUNDS)]
    pages = median(rate["server"] for rate in rates)
    alone, objects = (median(rate["server"] / rate[name] for rate in rates) for name in ("statement", "objects"))
    print(f"list of {MARTS:,} marts {pages:6.1f} pages/s   {alone:.2f} of its statement alone, "
          f"{objects:.1f} times objects and json.dumps without a server")  # fmt: skip


def _fill(engine: Engine, instance: Instance) -> Caller:
    """Make the data marts, each with two owners."""
    at = datetime.now(UTC)
    with Session(engine) as session, writing(session):
        member_id = session.scalars(select(Member.id).where(Member.email == "alice@example.com")).one()
        dated = {"project_id": instance.project_id, "created_by_id": member_id, "modified_at": at}
        storage = Storage(type="DUCKDB", title="Shop database", config={}, created_at=at, **dated)
        session.add(storage)
        session.flush()
        for number in range(MARTS):
            mart = DataMart(
                storage_id=storage.id, title=f"Orders of Überseestadt {number}", status="PUBLISHED",
                description="What was ordered, when and by whom, a row for each line.", definition_type="SQL",
                definition={"sqlQuery": "SELECT 1"}, fields=[{"name": "id", "type": "BIGINT"}],
                created_at=at - timedelta(minutes=number), **dated,
            )  # fmt: skip
            session.add(mart)
            session.flush()
            session.add_all(DataMartOwner(data_mart_id=mart.id, member_id=member_id, kind=kind) for kind in Owner)
        return members.caller_in(session, member_id, instance.project_id)


def _statement(engine: Engine, caller: Caller) -> Callable[[], object]:
    """The list's own statement, through the driver and nothing else."""
    seen: list[tuple[str, tuple[object, ...]]] = []
    event.listen(engine, "before_cursor_execute", lambda *call: seen.append((call[2], call[3])))
    with Session(engine) as session:
        mart_list.page(session, caller, ALIAS)
    connection = engine.raw_connection().driver_connection
    statement, values = seen[-1]
    return lambda: connection.execute(statement, values).fetchall()


def _from_objects(engine: Engine, caller: Caller) -> Callable[[], object]:
    """The same page as objects, their shapes, and one ``json.dumps``."""

    def page() -> str:
        with Session(engine) as session:
            found = marts.page(session, caller, 0)
            items = [shapes.mart(mart, ALIAS) for mart in found.marts]
        return json.dumps({"items": items, "total": found.total}, ensure_ascii=False, separators=(",", ":"))

    return page


def _each_second(act: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        done, begin = 0, time.perf_counter()
        while (took := time.perf_counter() - begin) < SECONDS:
            act()
            done += 1
        return done / took

    return measure

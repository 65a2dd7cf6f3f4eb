"""The steps of the database's structure: they lead to what the models say, once, on both databases, and back."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, func, inspect, select

from owox import migrations
from owox.models import NIL, ApiKey, AuditEvent, DataMart, Destination, Member, Project, Storage, db
from owox.models.base import prepare_engine
from owox.services import audit_chain
from owox.services.authentication import NIL_KEY_ID
from tests.cast import Stage
from tests.infra.processes import side_by_side

STARTER = """
import os
from owox import migrations
from owox.models.base import prepare_engine
from sqlalchemy import create_engine
engine = create_engine(os.environ["URL"])
prepare_engine(engine)
print("ready", flush=True)
input()
migrations.upgrade(engine)
engine.dispose()
"""


def opened(url: str) -> Engine:
    """An engine as the app makes it."""
    engine = create_engine(url)
    prepare_engine(engine)
    return engine


def go_to(engine: Engine, revision: str) -> None:
    """Take the steps to a revision, or back to it."""
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        there = migrations.current(connection) or ""
        (command.downgrade if revision == "base" or there > revision else command.upgrade)(config, revision)


def test_the_newest_structure_is_what_the_models_say(database_url: str):
    """S7."""
    engine = opened(database_url)
    migrations.upgrade(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        difference = compare_metadata(context, db.metadata)
        revision = migrations.current(connection)
    engine.dispose()

    assert difference == []
    assert revision == migrations.HEAD


def test_steps_can_be_taken_back_and_again(database_url: str):
    """S7: to nothing but Alembic's own table."""
    engine = opened(database_url)
    migrations.upgrade(engine)
    tables = set(inspect(engine).get_table_names())

    go_to(engine, "base")
    bare = set(inspect(engine).get_table_names())
    migrations.upgrade(engine)

    assert bare == {"alembic_version"}
    assert set(inspect(engine).get_table_names()) == tables == {*db.metadata.tables, "alembic_version"}
    engine.dispose()


def test_what_was_there_before_is_found_too(database_url: str):
    """S7: the words to search in are made for rows that have none."""
    engine = opened(database_url)
    go_to(engine, "0002")
    with engine.begin() as connection:
        at = {"project_id": NIL, "created_at": 1, "modified_at": 1}
        shared = {"available_for_use": True, "available_for_maintenance": True, "config": "{}", **at}
        mart = {"id": "m", "storage_id": "s", "title": "ЗАКАЗЫ", "description": "Of май", "status": "DRAFT",
                "available_for_reporting": True, "available_for_maintenance": True, "fields": "[]", **at}  # fmt: skip
        for table, row in {
            "storage": {"id": "s", "type": "DUCKDB", "title": "Shop, all", **shared},
            "destination": {"id": "d", "type": "EMAIL", "title": "MAIL", **shared},
            "data_mart": mart,
        }.items():
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(sqlalchemy.text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)

    migrations.upgrade(engine)

    with engine.connect() as connection:
        found = connection.execute(select(DataMart.search_title, DataMart.search_description)).one()
        titles = [connection.scalar(select(kind.search_title)) for kind in (Storage, Destination)]
    engine.dispose()
    assert tuple(found) == (" заказы ", " of май ")
    assert titles == [" shop , all ", " mail "]


def test_names_that_were_there_before_are_found_too(stage: Stage):
    """S7."""
    key = stage.more("bob", "ÄRZTE, alle")
    go_to(stage.engine, "0008")
    migrations.upgrade(stage.engine)

    with stage.engine.connect() as connection:
        found = connection.scalar(select(ApiKey.search_name).where(ApiKey.id == key.key_id))
        members = connection.scalars(select(Member.search_name).where(Member.id != NIL)).all()
    assert found == " ärzte , alle "
    assert " bob " in members


def test_events_that_were_there_before_are_chained_in_their_order(database_url: str):
    """U2, S7: as they stand, also when the step is taken back and again."""
    engine = opened(database_url)
    at = [(3, "a"), (1, "c"), (1, "b"), *((5, f"{number:04}") for number in range(1200))]
    go_to(engine, "0007")
    with engine.begin() as connection:
        statement = sqlalchemy.text(
            "INSERT INTO audit_event (id, at, action, result, member_id, address, client, request_id, details)"
            " VALUES (:id, :at, 'odd.\u2603', 'ok', NULL, '', '', '', :details)"
        )
        details = '{"title":  "L\u00e4nder"}'
        connection.execute(statement, [{"id": name, "at": moment, "details": details} for moment, name in at])

    migrations.upgrade(engine)
    with engine.connect() as connection:
        first = audit_chain.check(connection)
        order = connection.scalars(select(AuditEvent.id).order_by(AuditEvent.number)).all()
    go_to(engine, "0007")
    migrations.upgrade(engine)

    with engine.connect() as connection:
        assert audit_chain.check(connection) == first
        assert connection.scalar(select(AuditEvent.details).limit(1)) == {"title": "L\u00e4nder"}
    engine.dispose()
    assert (first.number, first.problem) == (len(at), "")
    assert order == [name for _, name in sorted(at)]


def test_a_start_on_the_newest_structure_changes_nothing(stage: Stage):
    """S7: data stays, and nothing is locked or written."""
    migrations.upgrade(stage.engine)

    assert stage.key_count() == 5


@pytest.mark.parametrize("count", [4])
def test_processes_that_start_together_take_the_steps_once(count: int, database_url: str):
    """S7, S10."""
    environ = {**os.environ, "URL": database_url}
    commands = [[sys.executable, "-W", "error", "-c", STARTER]] * count
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with side_by_side(commands, env=environ, **pipes, text=True) as starters:
        assert [starter.stdout.readline() for starter in starters] == ["ready\n"] * count
        for starter in starters:
            starter.stdin.write("\n")
            starter.stdin.flush()
        ends = [(starter.communicate(timeout=60)[1], starter.returncode) for starter in starters]

    assert ends == [("", 0)] * count
    engine = opened(database_url)
    with engine.connect() as connection:
        assert migrations.current(connection) == migrations.HEAD
        assert connection.scalar(select(func.count()).select_from(Project)) == 1
    engine.dispose()


def test_a_new_database_holds_nothing_but_the_row_that_a_miss_reads(database_url: str):
    """K3: an unknown key costs the work of a wrong secret."""
    engine = opened(database_url)
    migrations.upgrade(engine)

    with engine.connect() as connection:
        rows = connection.execute(select(ApiKey.id, ApiKey.digest, ApiKey.revoked_at)).all()
        projects = connection.scalars(select(Project.id)).all()
    engine.dispose()

    assert [row.id for row in rows] == [NIL_KEY_ID]
    assert rows[0].revoked_at is not None
    assert len(rows[0].digest) == 67
    assert projects == [NIL]


def test_every_foreign_key_holds_on_both_databases(stage: Stage):
    """S11: SQLite checks them only when told to."""
    statement = sqlalchemy.insert(ApiKey).values(
        id="pmk_" + "x" * 22, membership_id="nobody", name="x", digest="x", created_at=stage.key(NIL_KEY_ID).created_at
    )

    with pytest.raises(sqlalchemy.exc.IntegrityError), stage.engine.begin() as connection:
        connection.execute(statement)


def test_a_sqlite_database_is_written_as_safely_as_it_can_be(tmp_path: Path):
    """S1."""
    engine = opened(f"sqlite:///{tmp_path / 'new.db'}")
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}

"""The audit log is only ever added to, one event after the other, and a check finds whatever is not as it was."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from owox.models import ApiKey, AuditEvent, writing
from owox.models.audit_event import CHAINED
from owox.services import audit, audit_chain, keys
from owox.services.audit_chain import End, Found
from owox.services.errors import Conflict
from tests.cast import OPERATOR, Stage, Stages
from tests.services.test_keys import together

NOW = datetime(2040, 1, 1, tzinfo=UTC)
TRIGGERS = {
    "sqlite": [f"DROP TRIGGER audit_event_refuse_{name}" for name in ("update", "delete", "replace")],
    "postgresql": ["DROP TRIGGER audit_event_refuse ON audit_event"],
}
WRITERS, ROUNDS = 4, 10


def checked(stage: Stage, kept: End | None = None) -> Found:
    """What a check says of the log as it is."""
    with stage.engine.connect() as connection:
        return audit_chain.check(connection, kept)


def numbers(stage: Stage) -> list[int]:
    """The numbers of all events, in order."""
    with Session(stage.engine) as session:
        return list(session.scalars(select(AuditEvent.number).order_by(AuditEvent.number)))


def note(session: Session, action: str = "data_mart.publish") -> None:
    """Record something."""
    audit.record(session, action, OPERATOR, NOW, subject_id=str(uuid4()), project=str(uuid4()), title="Länder\n日本")


def refused_after_its_event(session: Session) -> None:
    """An act that is noted, and then not done."""
    note(session)
    raise Conflict("not now")


@pytest.fixture(scope="module")
def attacked(shared_stage: Stage) -> Iterator[Connection]:
    """The database of somebody who has dropped the triggers; each test leaves the log as it was."""
    with shared_stage.session() as session:
        for _ in range(40):
            note(session)
    with shared_stage.engine.connect() as connection:
        for drop in TRIGGERS[connection.dialect.name]:
            connection.execute(text(drop))
        connection.commit()
        yield connection


def change(connection: Connection, number: int, column: str, value: object) -> None:
    """Change one value."""
    connection.execute(
        text(f"UPDATE audit_event SET {column} = :value WHERE number = :number"), {"value": value, "number": number}
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET result = 'ok'",
        "UPDATE audit_event SET number = number + 1000, digest = '' WHERE number = 1",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE number = (SELECT max(number) FROM audit_event)",
        "TRUNCATE audit_event",
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE number = 2",
        "INSERT OR REPLACE INTO audit_event (rowid, id, number, digest, at, action, result, address, client, request_id"
        ", details) VALUES (3, 'new', 999, '', 1, 'a', 'ok', '', '', '', '{}')",
        "UPDATE OR REPLACE audit_event SET number = 1 WHERE number = 2",
        "INSERT INTO audit_event SELECT * FROM audit_event WHERE number = 2 ON CONFLICT (id) DO UPDATE SET at = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete_events(statement: str, shared_stage: Stage):
    """U2."""
    before = checked(shared_stage)

    with pytest.raises(DBAPIError) as refused, shared_stage.engine.begin() as connection:
        connection.execute(text(statement))

    if "TRUNCATE" not in statement and " OR REPLACE " not in statement:
        assert "the audit log is only ever added to" in str(refused.value.orig)
    assert checked(shared_stage) == before
    assert before.number > 10


@pytest.mark.parametrize("column", [*CHAINED, "digest"])
def test_a_check_names_the_first_event_that_was_changed(column: str, attacked: Connection):
    """U2: one value after another, in each row."""
    whole = audit_chain.check(attacked)
    values = list(attacked.execute(text(f"SELECT {column} FROM audit_event ORDER BY number")).scalars())
    attacked.rollback()

    found = []
    for number, value in enumerate(values, start=1):
        change(attacked, number, column, _other(value, number))
        found.append(audit_chain.check(attacked).bad_number)
        attacked.rollback()

    assert found == list(range(1, len(values) + 1))
    assert len(found) == whole.number > 50
    assert audit_chain.check(attacked) == whole


def _other(value: Any, number: int) -> Any:
    """Another value, as like the first as can be: one character, in a different place of each row."""
    if value is None:
        return ""
    if isinstance(value, int):
        return value + 1000
    at = number % max(1, len(value))
    return f"{value[:at]}{chr(ord(value[at]) ^ 1)}{value[at + 1 :]}" if value else "\x20"


@pytest.mark.parametrize(
    ("statements", "bad"),
    [
        (["DELETE FROM audit_event WHERE number = 7"], 7),
        (["DELETE FROM audit_event WHERE number < 4"], 1),
        (["UPDATE audit_event SET number = -number WHERE number IN (7, 9)",
          "UPDATE audit_event SET number = 16 + number WHERE number < 0"], 7),
        (["DELETE FROM audit_event WHERE number = 7", "UPDATE audit_event SET number = -number + 1 WHERE number > 7",
          "UPDATE audit_event SET number = -number WHERE number < 0"], 7),
        (["INSERT INTO audit_event SELECT 'more', at, action, result, project_id, member_id, api_key_id, subject_id,"
          " address, client, request_id, details, 0, digest FROM audit_event WHERE number = 3"], 1),
    ],
    ids=["one out", "the first out", "two swapped", "closed up", "one more in front"],
)  # fmt: skip
def test_a_check_finds_what_was_moved_taken_out_or_put_in(statements: list[str], bad: int, attacked: Connection):
    """U2."""
    for statement in statements:
        attacked.execute(text(statement))

    found = audit_chain.check(attacked)
    attacked.rollback()

    assert (found.bad_number, found.number) == (bad, bad - 1)
    assert found.problem


def test_a_cut_tail_and_a_chain_made_anew_show_against_an_end_that_was_kept(attacked: Connection):
    """U2."""
    whole = audit_chain.check(attacked)
    kept, earlier = End(whole.number, whole.digest), _end(attacked, 20)
    attacked.execute(text("DELETE FROM audit_event WHERE number > :last"), {"last": whole.number - 2})

    cut, cut_unseen = audit_chain.check(attacked, kept), audit_chain.check(attacked)
    attacked.rollback()
    anew = audit_chain.check(attacked, End(20, "0" * 64))

    assert (cut.bad_number, cut_unseen.problem) == (whole.number - 1, "")
    assert (anew.bad_number, anew.number) == (20, 19)
    assert audit_chain.check(attacked, kept) == audit_chain.check(attacked, earlier) == whole


def _end(connection: Connection, number: int) -> End:
    query = select(AuditEvent.number, AuditEvent.digest).where(AuditEvent.number == number)
    return End(*connection.execute(query).one())


@pytest.mark.parametrize("value", ["CAST('ok' AS BLOB)", "CAST(x'ff' AS TEXT)", "CAST(x'6f6b80' AS TEXT)"])
def test_a_check_outlives_what_only_sqlite_keeps(value: str, stages: Stages, tmp_path: Path):
    """U2: bytes, and damaged text."""
    with stages.copy("sqlite", tmp_path) as stage, stage.engine.connect() as connection:
        connection.execute(text(TRIGGERS["sqlite"][0]))
        connection.execute(text(f"UPDATE audit_event SET result = {value} WHERE number = 5"))

        found = audit_chain.check(connection)

    assert found.bad_number == 5


def test_events_of_one_transaction_follow_each_other_and_of_one_that_was_rolled_back_none_is_left(stage: Stage):
    """U2."""
    before = checked(stage).number

    with Session(stage.engine) as session:
        with pytest.raises(Conflict), writing(session):
            refused_after_its_event(session)
        with writing(session):
            note(session, "first")
            note(session, "second")
        note(session)
        session.close()
        session.execute(select(ApiKey.id)).all()
        session.commit()

    assert numbers(stage) == list(range(1, before + 3))
    assert checked(stage).problem == ""
    with Session(stage.engine) as session:
        newest = select(AuditEvent.action).order_by(AuditEvent.number.desc()).limit(2)
        assert list(session.scalars(newest)) == ["second", "first"]


def test_savepoints_have_no_events(stage: Stage):
    with stage.session() as session, pytest.raises(RuntimeError), session.begin_nested():
        note(session)


def test_writers_at_one_time_make_one_chain(stage: Stage):
    """U2, S10: without gap, fork or deadlock; two lock the same row, one before its event and one after it."""
    bob, own = stage["bob"], [stage.more("bob").key_id for _ in range(WRITERS)]
    changed = [bob.key_id, bob.key_id, *own[2:]]
    before = checked(stage).number

    def write(writer: int) -> None:
        for number in range(ROUNDS):
            with Session(stage.engine) as session, writing(session):
                if writer % 2:
                    note(session)
                keys.rename(session, bob.membership_id, changed[writer], f"{number}", OPERATOR, NOW)
                if number % 3 == 0:
                    session.rollback()

    failures = [result for result in together(*(lambda at=at: write(at) for at in range(WRITERS))) if result]

    assert failures == []
    lasting = ROUNDS - len(range(0, ROUNDS, 3))
    assert numbers(stage) == list(range(1, before + lasting * (WRITERS + WRITERS // 2) + 1))
    assert checked(stage).problem == ""


def test_an_act_whose_event_cannot_be_written_is_not_done(stage: Stage):
    """U3: reading goes on."""
    count, whole = stage.key_count(), checked(stage)
    with stage.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event RENAME COLUMN client TO program"))

    with pytest.raises(DBAPIError):
        stage.more("bob")
    with pytest.raises(DBAPIError):
        stage.visitor("bob")
    bob = stage["bob"]
    reading = stage.app.test_client().get("/api/data-marts", auth=(bob.key_id, bob.secret))

    with stage.engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_event RENAME COLUMN program TO client"))
    assert (stage.key_count(), checked(stage)) == (count, whole)
    assert reading.status_code == 200

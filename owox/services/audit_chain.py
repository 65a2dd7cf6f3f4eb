"""The chain of the audit log: how events are put at its end, and how anybody checks that it is whole.

Events of a transaction wait until it commits, and are numbered and chained then: whoever has the end of the chain is
about to commit, and the next one waits for that. So there is no gap, no fork, and no deadlock with locked rows.

A whole chain proves that nothing before its end was changed, moved or taken out by anybody who did not make all that
follows anew. Whoever can write the database can do that, or cut the end off; both show when the number and digest of an
earlier end were kept elsewhere.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, String, Text, event, func, select, type_coerce
from sqlalchemy.orm import Session

from owox.models import AuditEvent
from owox.models.audit_event import CHAINED, as_text, digest_after
from owox.models.base import instant, milliseconds

_WAITING: Final = "owox.audit"  # in a session's info: its transaction, and the events that wait for its end
_LOCK: Final = 0x6175646974  # "audit": the number of the advisory lock in PostgreSQL
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class End:
    """An end of the chain that was kept elsewhere."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: the events from the first to ``number``, whose digest is ``digest``, are whole.

    ``problem`` says what is wrong with the one after them; it is empty when there is none and all is whole.
    """

    since: datetime | None
    until: datetime | None
    number: int
    digest: str
    problem: str

    @property
    def bad_number(self) -> int | None:
        """The first event that is not as it should be."""
        return self.number + 1 if self.problem else None


def append(session: Session, new: AuditEvent) -> None:
    """Put an event at the end of the chain when the transaction commits. Savepoints have no events of their own."""
    if session.in_nested_transaction():
        raise RuntimeError("an event belongs to a transaction, not to a savepoint")
    current = session.get_transaction() or session.begin()
    transaction, waiting = session.info.get(_WAITING, (None, []))
    # What waits for a transaction that was rolled back is forgotten with it.
    session.info[_WAITING] = current, [*waiting, new] if transaction is current else [new]


@event.listens_for(Session, "before_commit")
def _extend(session: Session) -> None:
    if session.in_nested_transaction():
        return
    transaction, waiting = session.info.pop(_WAITING, (None, []))
    if transaction is not session.get_transaction() or not waiting:
        return
    session.flush()
    if session.connection().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    end = select(AuditEvent.number, AuditEvent.digest).order_by(AuditEvent.number.desc()).limit(1)
    number, digest = session.execute(end).one_or_none() or (0, "")
    for new in waiting:
        new.number = number = number + 1
        new.digest = digest = digest_after(digest, _stored(new))
    session.add_all(waiting)


def check(connection: Connection, kept: End | None = None) -> Found:
    """Walk the whole chain, in memory that does not grow with it. ``kept`` is an end that it had before."""
    number, digest, since, until = 0, "", None, None
    for row in _rows(connection):
        if problem := _problem(row, number + 1, digest, kept):
            return Found(since, until, number, digest, problem)
        number, digest, until = row.number, row.digest, instant(row.at)
        since = since or until
    missing = f"is missing, and so is all up to event {kept.number}" if kept and kept.number > number else ""
    return Found(since, until, number, digest, missing)


def _problem(row: Row[*tuple[Any, ...]], number: int, before: str, kept: End | None) -> str:
    """What is wrong with the row that should be event ``number``; empty when nothing is."""
    *own, digest = row
    if row.number != number:
        return f"is missing: in its place stands {row.number!r}"
    try:
        right = digest_after(before, own)
    except TypeError:  # SQLite keeps bytes in any column.
        right = ""
    if digest != right:
        return "was changed, or its digest was, or event and digest before it"
    if kept and kept.number == number and kept.digest != digest:
        return "has not the digest that is expected: it or what comes before it was made anew"
    return ""


def _rows(connection: Connection) -> Iterator[Row[*tuple[Any, ...]]]:
    """All that is in the table, as it is stored."""
    plain = {"at": BigInteger, "details": Text}
    columns = [getattr(AuditEvent, name) for name in (*CHAINED, "digest")]
    stored: list[ColumnElement[Any]] = [
        type_coerce(column, plain.get(column.key, String)).label(column.key) for column in columns
    ]
    query = select(*stored).order_by(AuditEvent.number).execution_options(yield_per=_BATCH)
    with _damaged_text_too(connection), connection.execute(query) as rows:
        yield from rows


@contextmanager
def _damaged_text_too(connection: Connection) -> Iterator[None]:
    """Let SQLite give out text that is no UTF-8 any more: it was changed like any other."""
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    try:
        yield
    finally:
        driver.text_factory = str


def _stored(new: AuditEvent) -> Iterable[object]:
    values = {name: getattr(new, name) for name in CHAINED}
    return (values | {"at": milliseconds(new.at), "details": as_text(new.details)}).values()

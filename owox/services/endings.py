"""What has ended for good stays ended, also in a database that was restored from a backup.

A key that is revoked or replaced, and a membership that ends, is noted in the journal once that is committed. When owox
starts, journal and database are brought together: each is told what only the other knows.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import BigInteger, Engine, String, cast, event, func, literal, select, type_coerce, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from owox.models import ApiKey, DeviceAuthorization, Invitation, Membership, SignIn, writing
from owox.models.base import instant, milliseconds
from owox.services.audit import Actor, record
from owox.services.journal import End, Journal, parsed

_OPTION: Final = "owox_journal"
_NOTED: Final = "owox_ended"
_AT_A_TIME: Final = 500
_COLUMNS: Final[dict[tuple[str, str], InstrumentedAttribute[Any]]] = {
    ("api_key", "revoked_at"): ApiKey.revoked_at,
    ("api_key", "overlap_ends_at"): ApiKey.overlap_ends_at,
    ("membership", "ended_at"): Membership.ended_at,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What the journal lacks, as lines; what the database lacks; and the numbers of lines that are no entries."""

    unwritten: tuple[str, ...]
    alive: tuple[End, ...]
    unreadable: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How many keys and memberships were ended again."""

    keys: int = 0
    memberships: int = 0


@dataclass(frozen=True, slots=True)
class Together:
    """What had to be ended again, which lines are no entries, and why the journal could not be written, if so."""

    ended: Ended
    unreadable: tuple[int, ...]
    error: OSError | None


def follow(engine: Engine, journal: Journal) -> None:
    """Note in this journal whatever ends in this engine's database from now on."""
    engine.update_execution_options(**{_OPTION: journal})


def note(session: Session, table: str, row_id: str, values: Mapping[str, Any]) -> None:
    """Have the journal told, once this transaction is committed, if one of these new values ends a row for good."""
    ends = [
        End(table, row_id, column, milliseconds(at))
        for column, at in values.items()
        if (table, column) in _COLUMNS and at is not None
    ]
    if ends and (journal := session.connection().get_execution_options().get(_OPTION)):
        if session.in_nested_transaction():
            raise RuntimeError("a savepoint may be undone alone, and what has ended for good may not")
        session.info.setdefault(_NOTED, []).append((journal, ends))


@event.listens_for(Session, "after_commit")
def _write(session: Session) -> None:
    # A savepoint's end is announced as well.
    if not session.in_nested_transaction():
        for journal, ends in session.info.pop(_NOTED, ()):
            journal.note(ends)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_NOTED, None)


def compare(session: Session, journal: Journal) -> Difference:
    """Compare journal and database; reads only. Raises ``OSError`` for a journal that cannot be read."""
    # First the file: what it says is committed by then, so that none of it is missing from the database by chance.
    lines, known = journal.read(), known_lines(session)
    entries = {line: parsed(line) for line in lines.keys() - known}
    return Difference(
        unwritten=tuple(sorted(known - lines.keys())),
        alive=tuple(_alive(session, [entry for entry in entries.values() if entry])),
        unreadable=tuple(sorted(lines[line] for line, entry in entries.items() if entry is None)),
    )


def known_lines(session: Session) -> set[str]:
    """What the database knows as ended for good, as the journal's lines."""
    known: set[str] = set()
    for (table, name), column in _COLUMNS.items():
        at = type_coerce(column, BigInteger)
        line = literal(f'{{"{table}":"') + column.class_.id + f'","{name}":' + cast(at, String) + "}"
        # One value for all of them takes half the time of one a row. The rows that a miss reads have ended at 0.
        known.update((session.scalar(select(func.aggregate_strings(line, "\n")).where(at > 0)) or "").splitlines())
    return known


def bring_together(engine: Engine, journal: Journal, actor: Actor, now: datetime) -> Together:
    """End what the journal knows and the database does not; then add to the journal what it lacks.

    In step, it costs one read of the file and one of what has ended. Raises ``OSError`` for a journal that cannot be
    read.
    """
    with Session(engine) as session:
        found, ended, error = compare(session, journal), Ended(), None
        if found.alive:
            with writing(session):
                ended = end_again(session, found.alive, actor, now)
    if found.unwritten:
        try:
            journal.append(found.unwritten)
        except OSError as failure:
            error = failure
    return Together(ended, found.unreadable, error)


def end_again(session: Session, alive: Iterable[End], actor: Actor, now: datetime) -> Ended:
    """End what had ended before, each at its own moment and on record, and then whatever lets people in."""
    ended = {table: 0 for table, _ in _COLUMNS}
    for end in alive:
        column = _COLUMNS[end.table, end.column]
        row = column.class_
        ending = update(row).where(row.id == end.id, column.is_(None)).values({column: instant(end.at)})
        membership_id = session.scalar(ending.returning(row.id if row is Membership else row.membership_id))
        if membership_id is not None:
            ended[end.table] += 1
            _record(session, end, membership_id, actor, now)
    if any(ended.values()):
        close_doors(session, now)
    return Ended(ended["api_key"], ended["membership"])


def close_doors(session: Session, now: datetime) -> None:
    """End all sign-ins of browsers and terminals, and withdraw what waits to be accepted or fetched.

    A restored database has them as they were: those that are over since cannot be told from those that are not.
    """
    session.execute(update(SignIn).where(SignIn.ended_at.is_(None)).values(ended_at=now))
    waiting = (Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
    session.execute(update(Invitation).where(*waiting).values(withdrawn_at=now))
    session.execute(update(DeviceAuthorization).where(DeviceAuthorization.expires_at > now).values(expires_at=now))


def _alive(session: Session, ends: Iterable[End]) -> Iterator[End]:
    """Those whose rows are there and have not ended; of several moments for one row the first."""
    first: dict[tuple[str, str, str], End] = {}
    for end in sorted(ends, key=lambda end: -end.at):
        first[end.table, end.column, end.id] = end
    for (table, name), column in _COLUMNS.items():
        ids = iter([row_id for of, by, row_id in first if (of, by) == (table, name)])
        while some := list(islice(ids, _AT_A_TIME)):
            lasting = select(column.class_.id).where(column.class_.id.in_(some), column.is_(None))
            yield from (first[table, name, row_id] for row_id in session.scalars(lasting))


def _record(session: Session, end: End, membership_id: str, actor: Actor, now: datetime) -> None:
    membership = session.get_one(Membership, membership_id)
    details = {"project": membership.project_id, end.column: instant(end.at).isoformat()}
    if end.table == "api_key":
        record(session, "api_key.end_again", actor, now, api_key_id=end.id, **details)
    else:
        record(session, "membership.end_again", actor, now, subject_id=membership.member_id, **details)

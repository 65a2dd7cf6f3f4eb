"""Reading a data mart's rows: who may still read is decided again about once a second while the stream is open.

A stream hands out no piece whose permission was checked more than a second ago. A watching thread does the same for
streams that wait for their storage, and interrupts it there. A database that cannot be asked means no.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine, case, func, literal, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from owox.models import DataMart, Run, RunStatus, writing
from owox.models.base import Instant, new_id
from owox.reading.engines import Rows
from owox.reading.fields import field_of
from owox.reading.query import Query
from owox.reading.rules import plan
from owox.reading.stream import Outcome, RowStream, StreamCut
from owox.services.authentication import Caller
from owox.services.errors import Conflict, DomainError, Unavailable
from owox.services.mart_definitions import current_fields, keep_fields
from owox.services.storage_config import Keeper

MOST: Final = 32  # streams of one process; the server has more threads than this
MOST_PER_MEMBER: Final = 16
CHECK_SECONDS: Final = 1.0
_STATUS: Final = {
    Outcome.SUCCESS: RunStatus.SUCCESS,
    Outcome.CUT: RunStatus.RESTRICTED,
    Outcome.FAILED: RunStatus.FAILED,
    Outcome.CANCELLED: RunStatus.CANCELLED,
}
_log = logging.getLogger(__name__)

Check = Callable[[Session, datetime], object]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One read: who reads which mart, what they asked for, and how to decide again whether they may."""

    caller: Caller
    mart: DataMart
    query: Query
    may_still_read: Check


class OpenStream:
    """A stream that is open: an iterator of NDJSON pieces which the server closes."""

    def __init__(self, streams: "Streams", wanted: Wanted, rows: Rows) -> None:
        self.run_id = new_id()
        self.wanted = wanted
        self._streams = streams
        self._rows = RowStream(rows, self._ended)
        self._checked = 0.0
        self._checking = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.check()
        piece = next(self._rows)
        # The storage may have taken long: what it gave is handed out only if that is still allowed.
        self.check()
        return piece

    def close(self) -> None:
        """End the stream; the server calls this whatever happened."""
        self._rows.close()

    def check(self) -> None:
        """Decide again, unless that was done within the last second; cut the stream if the answer is no."""
        with self._checking:
            if time.monotonic() - self._checked < CHECK_SECONDS:
                return
            try:
                self._streams.ask(self._may_go_on)
            except (DomainError, SQLAlchemyError) as error:
                self._rows.cut(str(error) or type(error).__name__)
                return
            self._checked = time.monotonic()

    def _may_go_on(self, session: Session, moment: datetime) -> None:
        self.wanted.may_still_read(session, moment)
        run = session.get(Run, self.run_id)
        if run is not None and run.status == RunStatus.CANCELLED:
            raise Conflict("The run was cancelled.")

    def _ended(self, outcome: Outcome, rows: int, size: int) -> None:
        self._streams.ended(self, outcome, rows, size)


class Streams:
    """The open streams of one process, and the thread that watches them while there are any."""

    def __init__(self, engine: Engine, keeper: Keeper) -> None:
        self._engine = engine
        self._keeper = keeper
        self._open: set[OpenStream] = set()
        self._reserved: list[str] = []
        self._lock = threading.Lock()
        self._watch: threading.Thread | None = None

    def open(self, wanted: Wanted, now: datetime) -> OpenStream:
        """Start a read and wait for its first rows.

        Raises ``QueryError`` and what it becomes, ``StorageError``, or ``Unavailable`` when too many streams are open.
        """
        mart, member = wanted.mart, wanted.caller.member_id
        fields = current_fields(self._keeper, mart, now)
        wanted_rows = plan(wanted.query, [field_of(field) for field in fields], now.date())
        self._reserve(member)
        try:
            with self._keeper.opened(mart.storage) as engine:
                stream = OpenStream(self, wanted, engine.open_rows(mart.definition or {}, wanted_rows))
        except BaseException:
            self._release(member)
            raise
        try:
            self._begin(stream, [output.label for output in wanted_rows.outputs], fields, now)
        except BaseException:
            stream.close()
            raise
        return stream

    def ask(self, check: Check) -> None:
        """Run one check on a connection of its own."""
        with Session(self._engine) as session:
            check(session, datetime.now(UTC))

    def ended(self, stream: OpenStream, outcome: Outcome, rows: int, size: int) -> None:
        """Note how a stream ended, in its run."""
        with self._lock:
            begun = stream in self._open
            self._open.discard(stream)
        self._release(stream.wanted.caller.member_id)
        if not begun:
            return  # The database was busy, so that there is no run: it is not asked, and waited for, once more.
        # A run that was cancelled stays so, whatever its stream then came to.
        ending = (
            update(Run)
            .where(Run.id == stream.run_id, Run.status.in_((RunStatus.RUNNING, RunStatus.CANCELLED)))
            .values(
                status=case((Run.status == RunStatus.RUNNING, _STATUS[outcome]), else_=Run.status),
                row_count=rows,
                bytes_written=size,
                finished_at=func.coalesce(Run.finished_at, literal(datetime.now(UTC), Instant)),
            )
        )
        try:
            with Session(self._engine) as session, writing(session):
                session.execute(ending)
        except SQLAlchemyError as error:
            _log.warning("the end of run %s was not recorded: %s", stream.run_id, type(error).__name__)

    def _begin(self, stream: OpenStream, columns: list[str], fields: list[dict[str, Any]], now: datetime) -> None:
        caller, mart = stream.wanted.caller, stream.wanted.mart
        run = Run(
            id=stream.run_id,
            project_id=caller.project_id,
            data_mart_id=mart.id,
            member_id=caller.member_id,
            api_key_id=caller.api_key_id,
            status=RunStatus.RUNNING,
            query=_described(columns, stream.wanted.query),
            created_at=now,
        )
        with Session(self._engine) as session, writing(session):
            session.add(run)
            keep_fields(session, mart, fields, now)
        with self._lock:
            self._open.add(stream)
            if self._watch is None:
                self._watch = threading.Thread(target=self._watch_all, name="streams", daemon=True)
                self._watch.start()

    def _watch_all(self) -> None:
        while True:
            time.sleep(CHECK_SECONDS / 2)
            with self._lock:
                streams = list(self._open)
                if not streams:
                    self._watch = None
                    return
            for stream in streams:
                with suppress(StreamCut):
                    stream.check()

    def _reserve(self, member_id: str) -> None:
        with self._lock:
            if len(self._reserved) >= MOST or self._reserved.count(member_id) >= MOST_PER_MEMBER:
                raise Unavailable("Too many row streams are open at once. Try again when one of them has ended.")
            self._reserved.append(member_id)

    def _release(self, member_id: str) -> None:
        with self._lock, suppress(ValueError):
            self._reserved.remove(member_id)


def interrupt_left_over(session: Session, now: datetime) -> None:
    """Mark runs that a stopped server left behind; called when no stream can be open."""
    session.execute(
        update(Run).where(Run.status == RunStatus.RUNNING).values(status=RunStatus.INTERRUPTED, finished_at=now)
    )


def _described(columns: list[str], query: Query) -> dict[str, Any]:
    return {"format": "ndjson", "columns": columns} | ({} if query.limit is None else {"limit": query.limit})

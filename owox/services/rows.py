"""Reading a data mart's rows: who may still read is decided again about once a second while the stream is open.

A stream hands out no piece whose permission was checked more than a second ago. A watching thread does the same for
streams that wait for their storage, and interrupts it there. A database that cannot be asked means no.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from owox.models import DataMart, Run, RunStatus, writing
from owox.models.base import new_id
from owox.reading.asked import describe
from owox.reading.engines import Rows, StorageError
from owox.reading.engines.deadlines import while_waited_for
from owox.reading.fields import Field, field_of
from owox.reading.query import OutputControlsError, Query
from owox.reading.query import select as select_fields
from owox.reading.rules import plan
from owox.reading.stream import End, Outcome, RowStream, StreamCut
from owox.services import recording
from owox.services.authentication import Caller
from owox.services.errors import Conflict, DomainError, Unavailable
from owox.services.mart_definitions import current_fields, keep_fields
from owox.services.recording import ReaderLeft, Reading
from owox.services.storage_config import Keeper

MOST: Final = 32  # streams of one process; the server has more threads than this
MOST_PER_MEMBER: Final = 16
CHECK_SECONDS: Final = 1.0
_log = logging.getLogger(__name__)

Check = Callable[[Session, datetime], object]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One read: who reads which mart, what they asked for, and how to decide again whether they may.

    ``is_waited_for`` says whether the reader is still there before the first rows; any thread may ask it.
    """

    caller: Caller
    mart: DataMart
    query: Query
    may_still_read: Check
    is_waited_for: Callable[[], bool] = lambda: True


class _Checked:
    """Rows that are checked as they come: a storage may take long, and what it gave must still be allowed then."""

    def __init__(self, rows: Rows, check: Callable[[], None]) -> None:
        self._rows = rows
        self._check = check
        self.interrupt, self.close = rows.interrupt, rows.close

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._rows)
        self._check()
        return piece


class OpenStream:
    """A stream that is open: an iterator of NDJSON pieces which the server closes."""

    def __init__(self, streams: "Streams", wanted: Wanted, run_id: str, rows: Rows) -> None:
        self.run_id = run_id
        self.wanted = wanted
        self._streams = streams
        self._rows = RowStream(_Checked(rows, self.check), self._ended)
        self._checked = 0.0
        self._checking = threading.Lock()
        self._first = b""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if first := self._first:
            self._first = b""
            return first
        self.check()
        return next(self._rows)

    def start(self) -> None:
        """Get the first piece while a refusal can still be told. Raises what refuses the read, or ``Unavailable``."""
        try:
            self._first = next(self, b"")
        except StreamCut as cut:
            self._streams.ask(self._may_go_on)
            raise Unavailable(f"{cut} Try again.") from None

    def close(self) -> None:
        """End the stream; the server calls this whatever happened."""
        self._rows.close()

    def interrupt(self) -> None:
        """End the stream because the server stops."""
        self._rows.cut("The server stopped.", Outcome.INTERRUPTED)

    def check(self) -> None:
        """Decide again, unless that was done within the last second; cut the stream if the answer is no."""
        with self._checking:
            if time.monotonic() - self._checked < CHECK_SECONDS:
                return
            try:
                self._streams.ask(self._may_go_on)
            except DomainError as error:
                self._rows.cut(f"The read may not go on: {error}")
            except SQLAlchemyError:
                self._rows.cut("The database could not be asked whether the read may go on.")
            else:
                self._checked = time.monotonic()

    def _may_go_on(self, session: Session, moment: datetime) -> None:
        self.wanted.may_still_read(session, moment)
        status = session.scalar(select(Run.status).where(Run.id == self.run_id))
        if status == RunStatus.CANCELLED:
            raise Conflict("The run was cancelled.")
        if status == RunStatus.INTERRUPTED:
            with writing(session):
                recording.go_on(session, self.run_id)

    def _ended(self, end: End) -> None:
        self._streams.ended(self, end)


class Streams:
    """The open streams of one process, and the thread that watches them while there are any."""

    def __init__(self, engine: Engine, keeper: Keeper) -> None:
        self._engine = engine
        self._keeper = keeper
        self._open: set[OpenStream] = set()
        self._reserved: list[str] = []
        self._lock = threading.Lock()
        self._watch: threading.Thread | None = None
        self._stopping = False

    def open(self, wanted: Wanted, now: datetime) -> OpenStream:
        """Start a read and wait for its first rows.

        Raises ``QueryError`` and what it becomes, ``StorageError``, or ``Unavailable`` when too many streams are open.
        From the controls on (contract.md 4.8, step 10) what is refused leaves a failed run.
        """
        fields = current_fields(self._keeper, wanted.mart, now)
        offered = [field_of(field) for field in fields]
        columns = [field.name for field in select_fields(wanted.query, offered)]
        asked = {"format": "ndjson", "columns": columns} | describe(wanted.query)
        reading = Reading(new_id(), wanted.caller, wanted.mart.id, asked)
        self._reserve(wanted.caller.member_id)
        try:
            stream = OpenStream(self, wanted, reading.run_id, self._rows(wanted, offered, now))
        except BaseException as error:
            self._release(wanted.caller.member_id)
            if isinstance(error, OutputControlsError | StorageError):
                self._refused(wanted, reading, error, now)
            raise
        try:
            self._begin(stream, reading, fields, now)
            stream.start()
        except BaseException:
            stream.close()
            raise
        return stream

    def stop(self) -> None:
        """End all streams, as interrupted, and let no more begin: the server stops."""
        with self._lock:
            self._stopping = True
            streams = list(self._open)
        for stream in streams:
            stream.interrupt()

    @contextmanager
    def place(self, member_id: str) -> Iterator[None]:
        """Take one of the places of streams for another read of a member. Raises ``Unavailable``."""
        self._reserve(member_id)
        try:
            yield
        finally:
            self._release(member_id)

    def ask(self, check: Check) -> None:
        """Run one check on a connection of its own."""
        with Session(self._engine) as session:
            check(session, datetime.now(UTC))

    def ended(self, stream: OpenStream, end: End) -> None:
        """Note how a stream ended, in its run."""
        with self._lock:
            begun = stream in self._open
            self._open.discard(stream)
        self._release(stream.wanted.caller.member_id)
        if begun:  # Otherwise the database was busy, so that there is no run: it is not asked, and waited for, again.
            self._record(stream.run_id, lambda session, at: recording.finish(session, stream.run_id, end, at))

    def _rows(self, wanted: Wanted, offered: list[Field], now: datetime) -> Rows:
        wanted_rows = plan(wanted.query, offered, now.date())
        with while_waited_for(wanted.is_waited_for), self._keeper.opened(wanted.mart.storage) as engine:
            return engine.open_rows(wanted.mart.definition or {}, wanted_rows)

    def _refused(self, wanted: Wanted, reading: Reading, error: Exception, begun: datetime) -> None:
        if isinstance(error, StorageError) and not wanted.is_waited_for():
            error = ReaderLeft()
        self._record(reading.run_id, lambda session, at: recording.refuse(session, reading, error, begun, at))

    def _record(self, run_id: str, write: Check) -> None:
        """Write, or say in the log that it could not be: by now the reader's answer is decided."""
        try:
            with Session(self._engine) as session, writing(session):
                write(session, datetime.now(UTC))
        except SQLAlchemyError as error:
            _log.warning("the end of run %s was not recorded: %s", run_id, type(error).__name__)

    def _begin(self, stream: OpenStream, reading: Reading, fields: list[dict[str, Any]], now: datetime) -> None:
        with Session(self._engine) as session, writing(session):
            recording.begin(session, reading, now)
            keep_fields(session, stream.wanted.mart, fields, now)
        with self._lock:
            self._open.add(stream)
            if self._watch is None:
                self._watch = threading.Thread(target=self._watch_all, name="streams", daemon=True)
                self._watch.start()
            stopping = self._stopping
        if stopping:
            stream.interrupt()

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
            if self._stopping:
                raise Unavailable("Server is shutting down")
            if len(self._reserved) >= MOST or self._reserved.count(member_id) >= MOST_PER_MEMBER:
                raise Unavailable("Too many row streams are open at once. Try again when one of them has ended.")
            self._reserved.append(member_id)

    def _release(self, member_id: str) -> None:
        with self._lock, suppress(ValueError):
            self._reserved.remove(member_id)

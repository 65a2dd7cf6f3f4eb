"""The database handle, the two column types that every table shares, and how transactions begin."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, Engine, MetaData, String, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NIL: Final = "00000000-0000-0000-0000-000000000000"  # RFC 9562 Nil UUID: the rows that a failed look-up reads instead
BUSY_SECONDS: Final = 5
_BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
_ASK_AGAIN_SECONDS: Final = 0.001
_PATIENCE: Final = f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}"
_turn = threading.Lock()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Base(DeclarativeBase):
    """Base of all tables; constraint names are fixed, so that the same migrations run on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Instant(TypeDecorator[datetime]):
    """A point in time, stored as whole milliseconds since 1970 UTC, read as an aware UTC datetime."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Store; a naive datetime is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return milliseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Read."""
        return None if value is None else instant(value)


Id = String(36)
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


def milliseconds(value: datetime) -> int:
    """Whole milliseconds since 1970 UTC."""
    return (value - _EPOCH) // timedelta(milliseconds=1)


def instant(value: int) -> datetime:
    """The UTC datetime of whole milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=value)


def new_id() -> str:
    """A random UUID as text."""
    return str(uuid4())


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """Run one write transaction: begun as a writer, committed at the end, rolled back on any exception.

    SQLite decides at BEGIN whether a transaction may write; one that begins as a reader fails at once when
    another writer was faster. What the session read before is ended first.
    """
    session.rollback()
    session.connection(execution_options={"owox_begin": _BEGIN_WRITING})
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def prepare_engine(engine: Engine) -> None:
    """Set up each connection: WAL, full synchronisation, foreign keys, a busy timeout and explicit BEGIN on SQLite."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def reading_engine(url: str, options: dict[str, Any]) -> Engine:
    """A second engine to the same database for single reads, whose connections never open a transaction."""
    engine = create_engine(url, **options, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (_PATIENCE, "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"):
        connection.execute(pragma).close()
    _use_wal(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Set the mode, which stays in the file. SQLite does not wait while another process sets it, so this does."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get("owox_begin", "BEGIN")
    if statement == _BEGIN_WRITING:
        _wait_to_write(connection)
    elif statement:
        connection.exec_driver_sql(statement)


def _wait_to_write(connection: Connection) -> None:
    """Begin as a writer, and ask often meanwhile, one thread at a time.

    SQLite itself waits a tenth of a second between two tries, so that others who write without a pause kept one out
    for seconds. Raises ``OperationalError`` after ``BUSY_SECONDS``.
    """
    end = time.monotonic() + BUSY_SECONDS
    if not _turn.acquire(timeout=BUSY_SECONDS):
        raise OperationalError(_BEGIN_WRITING, None, sqlite3.OperationalError("database is locked"))
    try:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                while not _begun(cursor, last=time.monotonic() > end):
                    time.sleep(_ASK_AGAIN_SECONDS)
            finally:
                cursor.execute(_PATIENCE)
    finally:
        _turn.release()


def _begun(cursor: DBAPICursor, *, last: bool) -> bool:
    try:
        cursor.execute(_BEGIN_WRITING)
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise OperationalError(_BEGIN_WRITING, None, error) from error
        return False
    return True

"""The database handle, the two column types that every table shares, and how transactions begin."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Connection, Engine, MetaData, String, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NIL: Final = "00000000-0000-0000-0000-000000000000"  # RFC 9562 Nil UUID: the rows that a failed look-up reads instead
BUSY_SECONDS: Final = 5
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
    session.connection(execution_options={"owox_begin": "BEGIN IMMEDIATE"})
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
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()
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
    if statement := connection.get_execution_options().get("owox_begin", "BEGIN"):
        connection.exec_driver_sql(statement)

"""PostgreSQL: what one role of one database may read, in a read-only transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import psycopg

from owox.reading.compile import MART, compile_plan, name
from owox.reading.controls import Operator
from owox.reading.definitions import single_select
from owox.reading.engines.batches import BatchedRows
from owox.reading.engines.postgresql_connection import Session, open_session, parameters
from owox.reading.engines.postgresql_dialect import PostgreSqlDialect
from owox.reading.engines.postgresql_errors import problem
from owox.reading.engines.postgresql_source import Source
from owox.reading.engines.postgresql_types import NUMERIC, kinds
from owox.reading.engines.postgresql_values import identifier, line, select
from owox.reading.fields import Field, is_whole
from owox.reading.plan import Plan
from owox.reading.query import OutputControlsError

_CURSOR: Final = "owox_rows"


class PostgreSqlEngine:
    """The engine of a storage whose configuration is ``{"url": "postgresql://user:password@host:5432/database"}``."""

    def __init__(self, config: Mapping[str, Any], seconds: float) -> None:
        url = config.get("url")
        if not isinstance(url, str):
            raise problem('A PostgreSQL storage needs its "url"')
        self._options = parameters(url)
        self._seconds = seconds

    @staticmethod
    def load() -> None:
        """Load the parser of definitions; the driver is here already."""
        single_select("SELECT 1", "postgres")

    def check(self) -> None:
        """Connect and judge the role; raise ``StorageError`` when either fails."""
        with self._connected():
            pass

    def describe(self, definition: Mapping[str, Any]) -> tuple[Field, ...]:
        """Return the columns that a definition has; raise ``StorageError``, also when the role may not read them."""
        with self._connected() as session:
            source = Source(session, definition)
            # What the role may read is only looked at when a statement starts.
            session.execute(f"DECLARE {_CURSOR} NO SCROLL CURSOR FOR {select('*', source.sql)}")
            return tuple(Field(column, kind.name) for column, kind in source.columns)

    def open_rows(self, definition: Mapping[str, Any], plan: Plan) -> BatchedRows:
        """Start a read and wait for its first rows; raise ``StorageError``.

        Values are written by the types that the columns have now, whatever a kept schema says.
        """
        with self._connected(keep=True) as session:
            _check_words(session, plan)
            source = Source(session, definition)
            source.check(plan)
            casts = {f"{MART}.{identifier(column)}": kind.cast for column, kind in source.columns}
            compiled = compile_plan(plan, source.sql, PostgreSqlDialect(casts))
            sql = _lines(session, plan, compiled.select, compiled.tail)
            session.execute(f"DECLARE {_CURSOR} NO SCROLL CURSOR FOR {sql}", compiled.values)
            return BatchedRows(_Cursor(session))

    @contextmanager
    def _connected(self, *, keep: bool = False) -> Iterator[Session]:
        """Open a session, and close it at the end, or only after an error; the block has the time of one wait."""
        session = open_session(self._options, self._seconds)
        try:
            with session.limited():
                yield session
        except BaseException:
            session.close()
            raise
        if not keep:
            session.close()


class _Cursor:
    """A query under way in a session of its own."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.interrupt = session.interrupt
        self.close = session.close

    def fetch(self, rows: int) -> bytes:
        with self._session.limited():
            lines = self._session.fetch(_CURSOR, rows)
        return b"\n".join([*lines, b""])


def _lines(session: Session, plan: Plan, selected: str, tail: str) -> str:
    """Return the query whose only column is the JSON of each row.

    OFFSET 0 keeps PostgreSQL from moving columns into the expressions that write them, where they are used twice.
    """
    columns, _ = session.describe(selected)
    members = [
        (output.label, name(at), kind, kind.oid == NUMERIC and is_whole(output.type))
        for at, (output, kind) in enumerate(zip(plan.outputs, kinds(session, columns), strict=True))
    ]
    ordered = f"{select('*', f'({selected}) AS line')}{tail} OFFSET 0"
    return select(line(members), f"({ordered}) AS line")


def _check_words(session: Session, plan: Plan) -> None:
    """Refuse what is a regular expression or a time zone elsewhere and not here."""
    errors: list[dict[str, str]] = []
    for rule in (*plan.where, *plan.having):
        if rule.operator in {Operator.REGEX, Operator.NOT_REGEX}:
            pattern = str(rule.operands[0])
            if not _runs(session, "SELECT '' ~ CAST($1 AS text) COLLATE \"C\"", pattern):
                errors.append({"code": "INVALID_REGEX_PATTERN", "column": rule.field.name, "pattern": pattern})
    for output in plan.outputs:
        zone = output.bucket.time_zone if output.bucket else None
        if output.field and zone and not _runs(session, "SELECT pg_catalog.timezone($1, pg_catalog.now())", zone):
            errors.append({"code": "DATE_TRUNC_INVALID_TIMEZONE", "column": output.field.name, "timeZone": zone})
    if errors:
        raise OutputControlsError(errors)


def _runs(session: Session, sql: str, value: str) -> bool:
    """Tell whether a statement accepts a value; one that fails leaves the transaction as it was."""
    session.execute("SAVEPOINT word")
    try:
        session.execute(sql, (value,))
    except psycopg.DataError:
        session.execute("ROLLBACK TO SAVEPOINT word")
        return False
    return True

"""SQLite: one database file, read only, with no way out of it."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from owox.reading.compile import MART, compile_plan, name
from owox.reading.definitions import single_select
from owox.reading.engines import StorageError
from owox.reading.engines.batches import BatchedRows
from owox.reading.engines.deadlines import Deadline
from owox.reading.engines.sqlite_connection import VIEW, Seen, confine, connect, failed, limit_lengths, problem
from owox.reading.engines.sqlite_definition import columns, define, explained, identifier
from owox.reading.engines.sqlite_dialect import SqliteDialect
from owox.reading.engines.sqlite_functions import register
from owox.reading.engines.sqlite_ranges import Table, ranges_of, table_with_rowid
from owox.reading.engines.sqlite_types import SAMPLE_ROWS, type_of_values
from owox.reading.engines.sqlite_values import MOST_MEMBERS, row_of
from owox.reading.fields import Field, Function, is_floating
from owox.reading.plan import Output, Plan

_CODE_POINTS = "owox_code_points"
_AS_THEY_ARE = {None, Function.MIN, Function.MAX, Function.ANY_VALUE}


class SqliteEngine:
    """The engine of a storage whose configuration is ``{"path": "/absolute/file.db"}``."""

    def __init__(self, config: Mapping[str, Any], seconds: float) -> None:
        path = config.get("path")
        if not isinstance(path, str) or not Path(path).is_absolute():
            raise problem('An SQLite storage needs the absolute "path" of its file')
        self._path = os.path.normpath(path)
        self._seconds = seconds

    @staticmethod
    def load() -> None:
        """Load the parser of definitions."""
        single_select("SELECT 1", "sqlite")

    def check(self) -> None:
        """Open the storage and close it again; raise ``StorageError`` when that fails."""
        with self._opened() as opened, opened.deadline.running():
            opened.connection.execute("SELECT count(*) FROM main.sqlite_master").fetchall()

    def describe(self, definition: Mapping[str, Any]) -> tuple[Field, ...]:
        """Return the columns that a definition has; raise ``StorageError``."""
        with self._opened(definition) as opened, opened.deadline.running():
            found = opened.columns()
            unknown = [column for column, kind in found.items() if kind is None]
            sampled = _sampled(opened.connection, unknown)
            return tuple(Field(column, kind or sampled[column]) for column, kind in found.items())

    def open_rows(self, definition: Mapping[str, Any], plan: Plan) -> BatchedRows:
        """Start a read and wait for its first rows; raise ``StorageError``.

        Values are written by the types that the columns have now, whatever a kept schema says.
        """
        with self._opened(definition, keep=True) as opened, opened.deadline.running():
            take = _taking(plan, opened)
        return BatchedRows(_Cursor(opened, take))

    @contextmanager
    def _opened(self, definition: Mapping[str, Any] | None = None, *, keep: bool = False) -> "Iterator[_Opened]":
        """Open the file with a definition, and close it at the end, or only after an error."""
        connection = connect(self._path)
        opened = _Opened(connection, self._path, Deadline(self._seconds, connection.interrupt), definition or {})
        try:
            opened.prepare()
            yield opened
        except BaseException as error:
            connection.close()
            raise opened.understood(error) from error
        if not keep:
            connection.close()


@dataclass(slots=True)
class _Opened:
    """A connection set up for one call, and what went wrong in our functions on it."""

    connection: sqlite3.Connection
    path: str
    deadline: Deadline
    definition: Mapping[str, Any]
    dialect: SqliteDialect = field(default_factory=SqliteDialect)
    noticed: list[Exception] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    table: Table | None = None

    def prepare(self) -> None:
        """Give the connection its functions and its definition, and shut the doors."""
        own = register(self.connection, self.noticed.append)
        if self.connection.execute("PRAGMA encoding").fetchone()[0] != "UTF-8":
            # The order of UTF-16's bytes is not that of the code points.
            self.connection.create_collation(_CODE_POINTS, lambda one, other: (one > other) - (one < other))
            self.dialect = SqliteDialect(_CODE_POINTS)
        if self.definition:
            name = define(self.connection, self.definition, self.path)
            self.table = None if name is None else table_with_rowid(self.connection, name, identifier(name))
        self.seen = confine(self.connection, own)

    def columns(self) -> dict[str, str | None]:
        """Return the definition's columns and declared types."""
        try:
            found = columns(self.connection)
        except sqlite3.Error as error:
            if self.deadline.passed:
                raise
            raise explained(error, self.definition, self.path) from error
        limit_lengths(self.connection, self.seen.functions)
        return found

    def understood(self, error: BaseException) -> BaseException:
        """Turn SQLite's errors into the storage's."""
        if isinstance(error, MemoryError):
            return problem("SQLite found no memory left")
        if isinstance(error, StorageError) or not isinstance(error, sqlite3.Error | sqlite3.Warning):
            return error
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            late = f"The query took longer than {self.deadline.seconds:g} seconds"
            return problem(late if self.deadline.passed else "Interrupted")
        return problem(str(self.noticed[0])) if self.noticed else failed(error, self.path)


class _Cursor:
    """A query under way on a connection of its own."""

    def __init__(self, opened: _Opened, take: Callable[[int], bytes]) -> None:
        self._opened = opened
        self._take = take
        self.interrupt = opened.connection.interrupt
        self.close = opened.connection.close

    def fetch(self, rows: int) -> bytes:
        opened = self._opened
        opened.deadline = Deadline(opened.deadline.seconds, opened.connection.interrupt)
        try:
            with opened.deadline.running():
                return self._take(rows)
        except (sqlite3.Error, MemoryError) as error:
            raise opened.understood(error) from error


def _taking(plan: Plan, opened: _Opened) -> Callable[[int], bytes]:
    """Start a plan, and return what gives its next lines.

    What a function or another SELECT gives would be worked out once for each time that the JSON mentions its column,
    were it not for OFFSET.
    """
    kinds = opened.columns()
    opened.connection.text_factory = bytes
    members = [(output.label, name(at), _kind(output, kinds)) for at, output in enumerate(plan.outputs)]
    if opened.table and _reads_as_it_is(plan) and not opened.seen.functions:
        ranges = ranges_of(opened.connection, opened.table, plan, members)
        if ranges:
            return ranges.take
    compiled = compile_plan(plan, f"temp.{VIEW} AS {MART}", opened.dialect)
    row = row_of(members)
    barrier = (
        "" if plan.grouped or all(_is_declared(output, kinds) for output in plan.outputs) else " LIMIT -1 OFFSET 0"
    )
    selected = ", ".join([*row.objects, *row.reals])
    rows = f"SELECT {selected} FROM ({compiled.select}{barrier})"  # noqa: S608 - quoted or bound
    cursor = opened.connection.execute(rows + compiled.tail, compiled.values)

    def take(count: int) -> bytes:
        batch = cursor.fetchmany(count)
        return row.lines(batch) if batch else b""

    return take


def _reads_as_it_is(plan: Plan) -> bool:
    return not (plan.where or plan.order or plan.grouped or len(plan.outputs) > MOST_MEMBERS)


def _is_declared(output: Output, kinds: Mapping[str, str | None]) -> bool:
    return output.field is not None and kinds.get(output.field.name) is not None


def _kind(output: Output, kinds: Mapping[str, str | None]) -> str | None:
    """Return the type that decides how a column of the plan is written; None is one that the value decides."""
    if output.field is None or output.function not in _AS_THEY_ARE:
        return "REAL" if is_floating(output.type) else None
    if output.bucket:
        return output.type
    # An expression that the mart knows as one of reals is written like a column of them.
    return kinds.get(output.field.name) or ("REAL" if is_floating(output.type) else None)


def _sampled(connection: sqlite3.Connection, names: list[str]) -> dict[str, str]:
    """Return the types of columns whose first values decide."""
    if not names:
        return {}
    quoted = [SqliteDialect().identifier(each) for each in names]
    classes = ", ".join(f"group_concat(DISTINCT typeof({each}))" for each in quoted)
    sample = f"SELECT {', '.join(quoted)} FROM temp.{VIEW} LIMIT {SAMPLE_ROWS}"  # noqa: S608 - quoted
    [row] = connection.execute(f"SELECT {classes} FROM ({sample})").fetchall()  # noqa: S608 - as above
    return {each: type_of_values(frozenset((found or "").split(","))) for each, found in zip(names, row, strict=True)}

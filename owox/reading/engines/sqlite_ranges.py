"""A whole table read from rowid to rowid, each batch as one text that SQLite joins itself.

Python takes its lock again for each row that SQLite hands over, and makes objects of it; a batch that comes as one
text costs both once. Only a table with a rowid, read whole and in its own order, can go on where a batch ended.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from owox.reading.compile import MART, compile_plan
from owox.reading.engines.sqlite_dialect import SqliteDialect
from owox.reading.engines.sqlite_types import SAMPLE_ROWS
from owox.reading.engines.sqlite_values import has_few_digits, mended, row_of
from owox.reading.fields import is_floating
from owox.reading.plan import Plan

_FIRST: Final = -(2**63)
_LAST: Final = 2**63 - 1
_NAMES: Final = ("rowid", "_rowid_", "oid")
_FEWER: Final = 8  # times less, when a batch is too long


@dataclass(frozen=True, slots=True)
class Table:
    """A table as FROM takes it, and the name that its rowid goes by."""

    name: str
    rowid: str


def table_with_rowid(connection: sqlite3.Connection, name: str, quoted: str) -> Table | None:
    """Return the table of this name; None for a view, a virtual table, one WITHOUT ROWID, and where there is none."""
    stored = "SELECT rootpage FROM main.sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE"
    if not any(row[0] for row in connection.execute(stored, (name,))):
        return None
    taken = {str(row[1]).lower() for row in connection.execute(f"PRAGMA main.table_xinfo({quoted})")}
    rowid = next((each for each in _NAMES if each not in taken), None)
    if rowid is None:
        return None
    try:
        connection.execute(f"SELECT {rowid} FROM main.{quoted} LIMIT 0")  # noqa: S608 - quoted
    except sqlite3.OperationalError:
        return None
    return Table(f"main.{quoted}", rowid)


def ranges_of(
    connection: sqlite3.Connection, table: Table, plan: Plan, members: Sequence[tuple[str, str, str | None]]
) -> "Ranges | None":
    """Return the rows of a plan without filter, order and groups; None where reading row by row costs less.

    ``members`` are the label, column and type of each output. Reading row by row costs less where the first rows hold
    more than one number each, on average, of more digits than SQLite writes.
    """
    selected = compile_plan(replace(plan, limit=None), f"{table.name} AS {MART}", SqliteDialect()).select
    long = [
        f"(typeof({value}) = 'real' AND NOT {has_few_digits(value)})"
        for _, value, kind in members
        if kind is not None and is_floating(kind)
    ]
    if long:
        sample = f"SELECT avg({' + '.join(long)}) FROM ({selected} LIMIT {SAMPLE_ROWS})"  # noqa: S608 - quoted
        [(average,)] = connection.execute(sample).fetchall()
        if (average or 0) > 1:
            return None
    [line] = row_of(members, one_text=True).objects
    # Without LIMIT in it, SQLite takes the inner SELECT into the outer one and reads each column where it lies.
    rows = f"{selected} NOT INDEXED WHERE {MART}.{table.rowid} BETWEEN ?1 AND ?2"
    return Ranges(
        connection,
        f"SELECT count(*), group_concat({line}, char(10)) FROM ({rows})",  # noqa: S608 - quoted
        f"SELECT {table.rowid} FROM {table.name} WHERE {table.rowid} >= ?1"  # noqa: S608 - as above
        f" ORDER BY {table.rowid} LIMIT 1 OFFSET ?2",
        plan.limit,
    )


class Ranges:
    """A table's rows from rowid to rowid: ``batch`` gives those between two, ``end`` the rowid so many rows on."""

    def __init__(self, connection: sqlite3.Connection, batch: str, end: str, limit: int | None) -> None:
        self._connection = connection
        self._batch = batch
        self._end = end
        self._next = _FIRST
        self._left = limit

    def take(self, rows: int) -> bytes:
        """Return at most so many next lines, fewer where they are too long for one text; nothing at the end."""
        rows = rows if self._left is None else min(rows, self._left)
        if not rows or self._next > _LAST:
            return b""
        found = self._connection.execute(self._end, (self._next, rows - 1)).fetchall()
        last = found[0][0] if found else _LAST
        try:
            [(count, text)] = self._connection.execute(self._batch, (self._next, last)).fetchall()
        except sqlite3.DataError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_TOOBIG or rows == 1:
                raise
            return self.take(max(1, rows // _FEWER))
        if not count:
            return b""
        self._next = last + 1
        self._left = None if self._left is None else self._left - count
        return mended(text + b"\n")

"""A mart's definition as the operand of FROM, with the columns that it has in PostgreSQL right now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import psycopg

from owox.reading.compile import MART
from owox.reading.definitions import NotReadable, single_select
from owox.reading.engines import parts_of_name
from owox.reading.engines.postgresql_connection import Column, Session
from owox.reading.engines.postgresql_errors import broken, not_readable, problem
from owox.reading.engines.postgresql_types import kinds
from owox.reading.engines.postgresql_values import identifier, select
from owox.reading.plan import Plan

_LONGEST_NAME: Final = 63


class Source:
    """``sql`` is the operand of FROM, by the name ``mart``; ``columns`` are pairs of a name and its type."""

    def __init__(self, session: Session, definition: Mapping[str, Any]) -> None:
        sql, table = definition.get("sqlQuery"), definition.get("fullyQualifiedName")
        if isinstance(sql, str) and table is None:
            found, operand = _described(session, sql), f"({_single(sql)}\n)"
        elif isinstance(table, str) and sql is None:
            operand = _named(table)
            found = _described(session, select("*", operand), is_ours=True)
        else:
            raise not_readable('A definition is either "sqlQuery" or "fullyQualifiedName"')
        if not found:
            raise not_readable("A definition must give columns")
        names = _told_apart([column.name for column in found])
        renamed = names != [column.name for column in found]
        self.sql = f"{operand} AS {MART}" + (f" ({', '.join(map(identifier, names))})" if renamed else "")
        self.columns = tuple(zip(names, kinds(session, found), strict=True))

    def check(self, plan: Plan) -> None:
        """Raise ``StorageError`` when a column of a plan is gone."""
        present = {name for name, _ in self.columns}
        fields = [*(output.field for output in plan.outputs), *(rule.field for rule in (*plan.where, *plan.having))]
        for field in fields:
            if field is not None and field.name not in present:
                raise problem(f'There is no column "{field.name}" any more')


def _single(sql: str) -> str:
    """Return the one SELECT that a definition is."""
    try:
        return single_select(sql, "postgres")
    except NotReadable as error:
        raise not_readable(str(error)) from None


def _described(session: Session, sql: str, *, is_ours: bool = False) -> list[Column]:
    """Let PostgreSQL parse a statement, which must be a single one without parameters."""
    try:
        columns, parameters = session.describe(sql)
    except (psycopg.ProgrammingError, psycopg.DataError, psycopg.NotSupportedError) as error:
        raise broken(error, None if is_ours else sql) from error
    if parameters:
        raise not_readable("A definition must not have parameters")
    return columns


def _named(table: str) -> str:
    parts = parts_of_name(table, bare=str.lower)
    if not parts:
        raise not_readable('The name of a table is "table", "schema.table" or "database.schema.table"')
    return ".".join(identifier(part) for part in parts)


def _told_apart(names: Sequence[str]) -> list[str]:
    """Give columns of one name numbers, since PostgreSQL does not: ``a``, ``a_1``."""
    taken, given = set(names), Counter[str]()
    apart = []
    for name in names:
        label = name
        given[name] += 1
        while given[name] > 1 and label in taken:
            end = f"_{given[name] - 1}"
            label = name.encode()[: _LONGEST_NAME - len(end)].decode(errors="ignore") + end
            given[name] += label in taken
        taken.add(label)
        apart.append(label)
    return apart

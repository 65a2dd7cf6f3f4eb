"""A mart's definition as a temporary view of its connection: SQLite itself sees to it that it is one SELECT."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, Final

from owox.reading.definitions import NotReadable, at, single_select
from owox.reading.engines import DefinitionError, parts_of_name
from owox.reading.engines.sqlite_connection import VIEW, failed, not_readable
from owox.reading.engines.sqlite_types import type_of

_COLLATION: Final = "no such collation sequence"
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_MISSING: Final = ("no such column: ", "no such table: ", "no such function: ", "ambiguous column name: ")


def define(connection: sqlite3.Connection, definition: Mapping[str, Any], path: str) -> str | None:
    """Make the view that stands for a definition, and return the name of the table or view that it is no more than.

    Raises ``DefinitionError`` with the position where there is one.
    SQL is parsed here and looked up only when the view is used, by a connection that is confined by then.
    """
    sql, table, name = definition.get("sqlQuery"), definition.get("fullyQualifiedName"), None
    if isinstance(sql, str) and table is None:
        query = _checked(sql)
    elif isinstance(table, str) and sql is None:
        name = _table(table)
        query = f"SELECT * FROM main.{identifier(name)}"  # noqa: S608 - quoted
    else:
        raise not_readable('A definition is either "sqlQuery" or "fullyQualifiedName"')
    if _SURROGATES.search(query):
        raise not_readable("A definition must not hold lone surrogates")
    try:
        connection.execute(f"CREATE TEMP VIEW {VIEW} AS {query}")
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise explained(error, definition, path) from error
    return name


def columns(connection: sqlite3.Connection) -> dict[str, str | None]:
    """Return the columns of the view and their types, None without a declared one. Raises SQLite's errors."""
    connection.execute(f"SELECT 1 FROM temp.{VIEW} LIMIT 0")  # noqa: S608 - a constant
    return {str(row[1]): type_of(str(row[2])) for row in connection.execute(f"PRAGMA temp.table_xinfo({VIEW})")}


def explained(error: Exception, definition: Mapping[str, Any], path: str) -> DefinitionError | Exception:
    """Return the error of a definition with its position; any other error, such as of the disk, as it is."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF not in {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_AUTH}:
        return error
    sql = definition.get("sqlQuery")
    place = _position(sql, str(error)) if isinstance(sql, str) else ""
    if str(error).startswith(_COLLATION):
        # Only the program that wrote the file knows how it compares, and indexes may follow it.
        place = "; read such columns by SQL that adds COLLATE BINARY to each"
    return failed(error, path, in_definition=True, place=place)


def identifier(name: str) -> str:
    """Quote a name."""
    return '"' + name.replace('"', '""') + '"'


def _checked(sql: str) -> str:
    try:
        return single_select(sql, "sqlite")
    except NotReadable as error:
        # SQLite's own words for a syntax error come with a position.
        message = _parsed(sql)
        if message.startswith(("near ", "unrecognized token")):
            place = _place_of_syntax_error(sql, message)
            # DELETE is no syntax error anywhere else.
            before = f"{error}: " if place == _at(sql, next(_tokens(sql), (0, 0))[0]) else ""
            message = before + message + place
        elif message != "incomplete input" or not any(_tokens(sql)):
            message = str(error)
        raise not_readable(message) from None


def _table(name: str) -> str:
    parts = parts_of_name(name)
    if len(parts) == 1 or (len(parts) == 2 and parts[0].lower() == "main"):
        return parts[-1]
    raise not_readable('The name of a table is "table" or "main.table"')


def _position(sql: str, message: str) -> str:
    if message.startswith(("near ", "unrecognized token")):
        return _place_of_syntax_error(sql, message)
    missing = next((start for start in _MISSING if message.startswith(start)), None)
    return _place_of_name(sql, message.removeprefix(missing)) if missing else ""


def _place_of_syntax_error(sql: str, message: str) -> str:
    """Return where the shortest start of the SQL ends that is wrong whatever may follow."""
    tokens = list(_tokens(sql))
    if not tokens:
        found = sql.find(message.partition('"')[2].rpartition('"')[0])
        return _at(sql, found) if found >= 0 else ""
    low, high = 0, len(tokens)
    while low < high:
        middle = (low + high) // 2
        said = _parsed(sql[: tokens[middle][1]])
        low, high = (low, middle) if said and said != "incomplete input" else (middle + 1, high)
    return _at(sql, tokens[low][0]) if low < len(tokens) else ""


def _place_of_name(sql: str, name: str) -> str:
    last = name.rpartition(".")[2].lower()
    for start, end in _tokens(sql):
        if sql[start:end].strip('"`[]').lower() == last:
            whole = start - len(name) + len(last)
            return _at(sql, whole if sql[whole:end].lower() == name.lower() else start)
    return ""


def _at(sql: str, offset: int) -> str:
    line = sql.count("\n", 0, offset) + 1
    return at(line, offset - sql.rfind("\n", 0, offset))


def _tokens(sql: str) -> Iterator[tuple[int, int]]:
    import sqlglot
    from sqlglot import errors

    try:
        for token in sqlglot.tokenize(sql, dialect="sqlite"):
            yield token.start, token.end + 1
    except errors.SqlglotError:
        return


def _parsed(sql: str) -> str:
    """Return what SQLite says against the syntax of a statement as the body of a view; names are not looked up."""
    scratch = sqlite3.connect(":memory:")
    try:
        scratch.execute(f"CREATE TEMP VIEW {VIEW} AS {sql}")
    except (sqlite3.Error, sqlite3.Warning) as error:
        return str(error)
    finally:
        scratch.close()
    return ""

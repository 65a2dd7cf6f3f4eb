"""DuckDB: one database file, read only, with no way out of it.

A connection lives as long as one call or one read. Connections to the same file that overlap share DuckDB's instance,
and with it the memory and thread limits; after the last one the memory and the lock on the file are given back, so
that the file's owner can write it between reads, and an exchanged file is seen. Opening one costs about 10 ms.
"""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from owox.reading.engines import PERMISSION_DENIED, PIECE_BYTES, READ_FAILED, DefinitionError, StorageError
from owox.reading.engines.duckdb_values import identifier, line, literal
from owox.reading.query import Field

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from duckdb.sqltypes import DuckDBPyType

_CONFINED: Final[dict[str, Any]] = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "512MB",
    "max_temp_directory_size": "0B",
    "threads": "2",
}
_SESSION: Final = ("enable_progress_bar = false", "streaming_buffer_size = '2MB'")
_INSTANCE: Final = (
    "TimeZone = 'UTC'",
    "allowed_configs = ['enable_progress_bar', 'streaming_buffer_size']",
    "lock_configuration = true",
)
_FIRST_ROWS: Final = 500
_BATCH_ROWS: Final = 4_096
_BATCH_BYTES: Final = 1024 * 1024
_NAME: Final = re.compile(r'"(?:[^"]|"")+"|[^".]+')

_opening = threading.Lock()


class DuckDbEngine:
    """The engine of a storage whose configuration is ``{"path": "/absolute/file.duckdb"}``."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        path = config.get("path")
        if not isinstance(path, str) or not Path(path).is_absolute():
            raise _error('A DuckDB storage needs the absolute "path" of its file')
        self._path = path

    def describe(self, definition: Mapping[str, Any]) -> tuple[Field, ...]:
        """Return the columns that a definition has; raise ``StorageError``."""
        import duckdb

        try:
            with _connect(self._path) as connection:
                columns = _columns(connection, _select("*", _source(connection, definition)))
        except duckdb.Error as error:
            raise _failed(error, self._path) from error
        return tuple(Field(name, "ENUM" if kind.id == "enum" else str(kind)) for name, kind in columns)

    def open_rows(self, definition: Mapping[str, Any], fields: Sequence[Field], limit: int | None) -> "DuckDbRows":
        """Start a read of these fields and wait for its first rows; raise ``StorageError``.

        Values are written by the types that the columns have now, whatever a kept schema says.
        """
        import duckdb

        try:
            connection = _connect(self._path)
        except duckdb.Error as error:
            raise _failed(error, self._path) from error
        try:
            source = _source(connection, definition)
            names = ", ".join(identifier(field.name) for field in fields)
            columns = _columns(connection, _select(names, source))
            most = "" if limit is None else f" LIMIT {limit:d}"
            connection.execute(_select(line(columns), source) + most)
            return DuckDbRows(connection, self._path)
        except BaseException as error:
            connection.close()
            if isinstance(error, duckdb.Error):
                raise _failed(error, self._path) from error
            raise


class DuckDbRows:
    """A read under way (``Rows``); owns its connection, on which the query was just started."""

    def __init__(self, connection: "DuckDBPyConnection", path: str) -> None:
        self._connection = connection
        self._path = path
        self._lock = threading.Lock()
        self._closed = False
        self._next_rows = _FIRST_ROWS
        self._pieces = _cut(self._fetch())

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        import duckdb

        piece = next(self._pieces, None)
        if piece is not None:
            return piece
        try:
            self._pieces = _cut(self._fetch())
        except duckdb.Error as error:
            raise _failed(error, self._path) from error
        return next(self._pieces)

    def interrupt(self) -> None:
        """Stop the query, from any thread; without effect after ``close``."""
        with self._lock:
            if not self._closed:
                self._connection.interrupt()

    def close(self) -> None:
        """Give the connection back; more than once is fine."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._connection.close()

    def _fetch(self) -> bytes:
        """Return the next lines as one text, and plan the batch after it: about 1 MiB, however wide the rows."""
        batch = self._connection.fetchmany(self._next_rows)
        if not batch:
            return b""
        text = ("\n".join([row[0] for row in batch]) + "\n").encode()
        self._next_rows = max(1, min(_BATCH_ROWS, _BATCH_BYTES * len(batch) // len(text)))
        return text


def _cut(text: bytes) -> Iterator[bytes]:
    """Cut lines into pieces of whole lines: a line never holds a line end, JSON escapes it."""
    start = 0
    while start < len(text):
        end = text.rfind(b"\n", start, start + PIECE_BYTES) + 1 or text.index(b"\n", start) + 1
        yield text[start:end]
        start = end


def _connect(path: str) -> "DuckDBPyConnection":
    """Open the file and shut every door. The first to open an instance sets it up; the lock makes it the only one."""
    import duckdb

    with _opening:
        connection = duckdb.connect(path, read_only=True, config=_CONFINED)
        try:
            if connection.execute("SELECT current_setting('lock_configuration')").fetchone() != (True,):
                for setting in _INSTANCE:
                    connection.execute(f"SET GLOBAL {setting}")
            for setting in _SESSION:
                connection.execute(f"SET {setting}")
        except BaseException:
            connection.close()
            raise
    return connection


def _select(expressions: str, source: str) -> str:
    return f"SELECT {expressions} FROM {source}"  # noqa: S608 - every part of both is quoted


def _source(connection: "DuckDBPyConnection", definition: Mapping[str, Any]) -> str:
    """Return a definition as the operand of FROM.

    A name is quoted part by part. SQL must be one SELECT and goes in as a text, which DuckDB parses on its own.
    """
    sql, name = definition.get("sqlQuery"), definition.get("fullyQualifiedName")
    if isinstance(sql, str) and name is None:
        _check_single_select(connection, sql)
        return f"query({literal(sql)}) AS mart"
    if not isinstance(name, str) or sql is not None:
        raise _not_readable('A definition is either "sqlQuery" or "fullyQualifiedName"')
    parts = _NAME.findall(name)
    if not 1 <= len(parts) <= 3 or ".".join(parts) != name:
        raise _not_readable('The name of a table is "table", "schema.table" or "database.schema.table"')
    return ".".join(identifier(part[1:-1].replace('""', '"') if part[0] == '"' else part) for part in parts)


def _check_single_select(connection: "DuckDBPyConnection", sql: str) -> None:
    import duckdb

    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise _not_readable("A definition must be exactly one SELECT statement")
    if statements[0].named_parameters:
        raise _not_readable("A definition must not have parameters")


def _columns(connection: "DuckDBPyConnection", sql: str) -> list[tuple[str, "DuckDBPyType"]]:
    description = connection.execute(f"{sql} LIMIT 0").description or []
    return [(column[0], column[1]) for column in description]


def _failed(error: Exception, path: str) -> StorageError:
    """Say what DuckDB said, without the folders of this server and the text of the statement."""
    import duckdb

    message = str(error).split("\n\n")[0].replace(path, Path(path).name)
    denied = isinstance(error, duckdb.PermissionException) or "permission denied" in message.lower()
    return _error(message, PERMISSION_DENIED if denied else READ_FAILED)


def _error(message: str, code: str = READ_FAILED) -> StorageError:
    return StorageError(message, code, provider="DuckDB", storage_type="DUCKDB")


def _not_readable(message: str) -> DefinitionError:
    return DefinitionError(message, provider="DuckDB", storage_type="DUCKDB")

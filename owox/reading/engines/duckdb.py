"""DuckDB: one database file, read only, or one folder of Parquet and CSV files, with no way out of it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from owox.reading.compile import MART, compile_plan, name
from owox.reading.controls import Operator
from owox.reading.definitions import NotReadable, check_depth, single_select, tables
from owox.reading.engines import StorageError, parts_of_name
from owox.reading.engines.batches import BatchedRows
from owox.reading.engines.deadlines import Deadline
from owox.reading.engines.duckdb_connection import connect, failed, files, not_readable, offer, position, problem
from owox.reading.engines.duckdb_dialect import DuckDbDialect
from owox.reading.engines.duckdb_values import identifier, line, literal
from owox.reading.fields import Field
from owox.reading.plan import Plan
from owox.reading.query import OutputControlsError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement
    from duckdb.sqltypes import DuckDBPyType


class DuckDbEngine:
    """The engine of a storage whose configuration is ``{"path": "/absolute/file.duckdb"}`` or a folder's path."""

    def __init__(self, config: Mapping[str, Any], seconds: float) -> None:
        path = config.get("path")
        if not isinstance(path, str) or not Path(path).is_absolute():
            raise problem('A DuckDB storage needs the absolute "path" of its file or folder')
        self._path = os.path.normpath(path)
        self._seconds = seconds

    @staticmethod
    def load() -> None:
        """Load DuckDB and the parser: about 50 MiB and 0.2 s, of which its first connection takes a half."""
        import duckdb

        duckdb.connect().close()
        single_select("SELECT 1", "duckdb")

    def check(self) -> None:
        """Open the storage and close it again; raise ``StorageError`` when that fails."""
        with self._connected() as (connection, deadline), deadline.running():
            connection.execute("SELECT 1 FROM duckdb_tables() LIMIT 1")

    def describe(self, definition: Mapping[str, Any]) -> tuple[Field, ...]:
        """Return the columns that a definition has; raise ``StorageError``."""
        with self._connected() as (connection, deadline), deadline.running():
            columns = _columns(connection, _select("*", self._source(connection, definition)))
            return tuple(Field(column, "ENUM" if kind.id == "enum" else str(kind)) for column, kind in columns)

    def open_rows(self, definition: Mapping[str, Any], plan: Plan) -> BatchedRows:
        """Start a read and wait for its first rows; raise ``StorageError``.

        Values are written by the types that the columns have now, whatever a kept schema says.
        """
        with self._connected(keep=True) as (connection, deadline), deadline.running():
            _check_patterns(connection, plan)
            compiled = compile_plan(plan, self._source(connection, definition), DuckDbDialect())
            types = [kind for _, kind in _columns(connection, compiled.select, compiled.values)]
            labels = [output.label for output in plan.outputs]
            row = line([(label, name(at), kind) for at, (label, kind) in enumerate(zip(labels, types, strict=True))])
            connection.execute(_select(row, f"({compiled.select})") + compiled.tail, compiled.values)
        return BatchedRows(_Cursor(connection, self._path, self._seconds))

    @contextmanager
    def _connected(self, *, keep: bool = False) -> "Iterator[tuple[DuckDBPyConnection, Deadline]]":
        """Open a connection, and close it at the end, or only after an error; its errors become the storage's."""
        import duckdb

        # Opening anything else, such as a pipe that nobody writes to, would wait for ever.
        if not (os.path.isfile(self._path) or os.path.isdir(self._path)):
            raise problem(f'There is no file or folder "{Path(self._path).name}"')
        try:
            connection = connect(self._path)
        except duckdb.Error as error:
            raise failed(error, self._path) from error
        deadline = Deadline(self._seconds, connection.interrupt)
        try:
            yield connection, deadline
        except BaseException as error:
            connection.close()
            raise _understood(error, deadline, self._path) from error
        if not keep:
            connection.close()

    def _source(self, connection: "DuckDBPyConnection", definition: Mapping[str, Any]) -> str:
        """Return a definition as the operand of FROM.

        A name is quoted part by part. SQL must be one SELECT and goes in as a text, which DuckDB parses on its own.
        """
        sql, table = definition.get("sqlQuery"), definition.get("fullyQualifiedName")
        if isinstance(sql, str) and table is None:
            self._check_sql(connection, sql)
            return f"query({literal(sql)}) AS {MART}"
        if not isinstance(table, str) or sql is not None:
            raise not_readable('A definition is either "sqlQuery" or "fullyQualifiedName"')
        if os.path.isdir(self._path):
            found = files(self._path)
            bare = table[1:-1].replace('""', '"') if len(table) > 1 and table[0] == table[-1] == '"' else table
            if bare not in found:
                raise not_readable(f'There is no file "{bare}" in the folder')
            offer(connection, bare, found[bare])
            return f"{identifier(bare)} AS {MART}"
        parts = parts_of_name(table)
        if not parts:
            raise not_readable('The name of a table is "table", "schema.table" or "database.schema.table"')
        return f"{'.'.join(identifier(part) for part in parts)} AS {MART}"

    def _statements(self, connection: "DuckDBPyConnection", sql: str) -> "list[Statement]":
        import duckdb

        try:
            check_depth(sql)
            return connection.extract_statements(sql)
        except NotReadable as error:
            raise not_readable(str(error)) from None
        except duckdb.Error as error:
            raise failed(error, self._path, in_definition=True) from error

    def _check_sql(self, connection: "DuckDBPyConnection", sql: str) -> None:
        import duckdb

        statements = self._statements(connection, sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise not_readable("A definition must be exactly one SELECT statement")
        if statements[0].named_parameters:
            raise not_readable("A definition must not have parameters")
        try:
            single_select(sql, "duckdb")
        except NotReadable as error:
            raise not_readable(str(error)) from None
        if os.path.isdir(self._path):
            found = files(self._path)
            for mentioned in tables(sql, "duckdb") & found.keys():
                offer(connection, mentioned, found[mentioned])
        try:
            connection.execute(f"EXPLAIN {sql}")
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            message = str(error).split("\n\n")[0]
            raise not_readable(message + position(str(error), len("EXPLAIN "))) from error


class _Cursor:
    """A query under way on a connection of its own."""

    def __init__(self, connection: "DuckDBPyConnection", path: str, seconds: float) -> None:
        self._connection = connection
        self._path = path
        self._seconds = seconds
        self.interrupt = connection.interrupt
        self.close = connection.close

    def fetch(self, rows: int) -> bytes:
        deadline = Deadline(self._seconds, self._connection.interrupt)
        try:
            with deadline.running():
                batch = self._connection.fetchmany(rows)
        except Exception as error:
            raise _understood(error, deadline, self._path) from error
        return b"".join(chain.from_iterable(batch))


def _check_patterns(connection: "DuckDBPyConnection", plan: Plan) -> None:
    """Refuse what compiles as a regular expression elsewhere and not here, such as a look ahead."""
    import duckdb

    for rule in (*plan.where, *plan.having):
        if rule.operator in {Operator.REGEX, Operator.NOT_REGEX}:
            pattern = str(rule.operands[0])
            try:
                connection.execute("SELECT regexp_matches('', $1, 's')", [pattern])
            except duckdb.InvalidInputException:
                error = {"code": "INVALID_REGEX_PATTERN", "column": rule.field.name, "pattern": pattern}
                raise OutputControlsError([error]) from None


def _understood(error: BaseException, deadline: Deadline, path: str) -> BaseException:
    import duckdb

    if deadline.passed and isinstance(error, duckdb.InterruptException):
        return problem(f"The query took longer than {deadline.seconds:g} seconds")
    return failed(error, path) if isinstance(error, duckdb.Error) and not isinstance(error, StorageError) else error


def _select(expressions: str, source: str) -> str:
    return f"SELECT {expressions} FROM {source}"  # noqa: S608 - every part of both is quoted


def _columns(
    connection: "DuckDBPyConnection", sql: str, values: tuple[Any, ...] = ()
) -> "list[tuple[str, DuckDBPyType]]":
    described = connection.execute(f"{sql} LIMIT 0", values).description or []
    return [(column[0], column[1]) for column in described]

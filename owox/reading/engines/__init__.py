"""What every storage engine offers, and the one written form that a value has whichever engine it comes from.

A row is one compact JSON object with the selected columns as keys, in their order, written by the database.

    value                            in JSON
    NULL                             null
    boolean                          true, false
    whole number, any width          a number within +-(2^53 - 1), beyond it a string of digits
    decimal                          a string, with all the digits of its scale
    floating point                   a number; "NaN", "Infinity", "-Infinity" as strings
    date                             "2026-11-25"; before the year 1 with the mark of the database, such as BC
    time                             "10:00:00", with as many digits of a fraction as are needed
    timestamp                        "2026-11-25T10:00:00", likewise
    timestamp with time zone         "2026-11-25T10:00:00Z", always in UTC
    bytes                            a string of base64
    text                             a string, whatever it holds
    UUID, enumeration, interval      a string, as the database prints it
    list, structure, map             an array or object whose values follow this table; keys of a map are text
    JSON                             the document itself, made compact by the database; one with a bare NaN or
                                     Infinity, which is no JSON, as a string that holds its text
    anything else                    a string, as the database prints it

In SQLite any column may hold any value: ``sqlite_types`` says what a column is taken for, and what becomes of a value
that is something else. Which regular expressions mean the same in all engines is said by ``owox.reading.patterns``.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Final, Protocol

from owox.reading.fields import Field
from owox.reading.plan import Plan

PIECE_BYTES: Final = 64 * 1024
STATEMENT_SECONDS: Final = 120.0

READ_FAILED: Final = "STORAGE_READ_FAILED"
UNAUTHORIZED: Final = "STORAGE_UNAUTHORIZED"
PERMISSION_DENIED: Final = "STORAGE_PERMISSION_DENIED"

# Each in its module, which is imported with the first storage of its type.
_ENGINES: Final = {
    "DUCKDB": ("owox.reading.engines.duckdb", "DuckDbEngine"),
    "POSTGRESQL": ("owox.reading.engines.postgresql", "PostgreSqlEngine"),
    "SQLITE": ("owox.reading.engines.sqlite", "SqliteEngine"),
}
_NAME: Final = re.compile(r'"(?:[^"]|"")+"|[^".]+')


class StorageError(Exception):
    """A storage that could not be read (contract.md 4.8): what the provider said, and which provider it was."""

    def __init__(self, message: str, code: str = READ_FAILED, *, provider: str, storage_type: str) -> None:
        super().__init__(message)
        self.code = code
        self.provider_message = message
        self.provider_name = provider
        self.storage_type = storage_type


class DefinitionError(StorageError):
    """A mart's definition that is not one readable SELECT or the name of one table."""


class Rows(Iterator[bytes], Protocol):
    """A read under way: pieces of whole lines, at most ``PIECE_BYTES`` each (a longer row goes alone).

    ``__next__`` raises ``StorageError`` when the storage fails. One thread iterates and closes; ``interrupt`` may
    come from any thread at any moment, also after the end, and makes a wait in ``__next__`` fail soon.
    """

    def interrupt(self) -> None:
        """Stop what the storage is doing for this read."""

    def close(self) -> None:
        """Give back everything the read holds; more than once is fine."""


class Engine(Protocol):
    """One storage. It holds nothing open between calls, so it needs no closing."""

    @staticmethod
    def load() -> None:
        """Load the libraries that reads take, which are only imported when they are used."""

    def check(self) -> None:
        """Connect and disconnect; raise ``StorageError`` that says what failed."""

    def describe(self, definition: Mapping[str, Any]) -> tuple[Field, ...]:
        """Return the columns that a definition has; raise ``StorageError``."""

    def open_rows(self, definition: Mapping[str, Any], plan: Plan) -> Rows:
        """Start a read and wait for its first rows; raise ``StorageError`` when there are none to be had."""


def parts_of_name(text: str, bare: Callable[[str], str] = str) -> tuple[str, ...]:
    """Return the one to three parts of a table's name, each bare or in double quotes; nothing if it is no name.

    ``bare`` is what the engine does to a part without quotes.
    """
    parts = _NAME.findall(text)
    if not 1 <= len(parts) <= 3 or ".".join(parts) != text:
        return ()
    return tuple(part[1:-1].replace('""', '"') if part[0] == '"' else bare(part) for part in parts)


def open_engine(storage_type: str, config: Mapping[str, Any], seconds: float = STATEMENT_SECONDS) -> Engine:
    """Return the engine of a storage, which lets no statement wait longer than ``seconds``.

    ``DUCKDB`` has ``{"path": "/absolute/file.duckdb"}`` or the path of a folder of Parquet and CSV files,
    ``SQLITE`` the path of a file, ``POSTGRESQL`` ``{"url": "postgresql://user:password@host:5432/database"}``. Raises
    ``StorageError`` for another type, a missing driver or an unusable configuration. Touches neither files nor network.
    """
    engine: Engine = _engine(storage_type)(config, seconds)
    return engine


def load_engine(storage_type: str) -> None:
    """Load all that the reads of a type take, so that the first of them need not. Raises ``StorageError``."""
    _engine(storage_type).load()


def _engine(storage_type: str) -> Any:
    if storage_type not in _ENGINES:
        raise StorageError(f"No engine reads {storage_type}", provider="owox", storage_type=storage_type)
    module, name = _ENGINES[storage_type]
    try:
        return getattr(import_module(module), name)
    except ImportError:
        hint = f'This server has no driver for {storage_type}: pip install "psycopg[binary]"'
        raise StorageError(hint, provider="owox", storage_type=storage_type) from None

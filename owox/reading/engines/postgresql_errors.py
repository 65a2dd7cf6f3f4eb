"""What PostgreSQL and its driver say, as errors of a storage: never the address, the password or SQL of our own."""

import re
from typing import Final

import psycopg

from owox.reading.definitions import at
from owox.reading.engines import PERMISSION_DENIED, READ_FAILED, UNAUTHORIZED, DefinitionError, StorageError

_PLACE: Final = re.compile(r'(?:connection failed: )?connection to server at "[^"]*"(?: \([^)]*\))?, port \d+ failed: ')
_UNRESOLVED: Final = re.compile(r"failed to resolve host|could not translate host name")
# Before a connection stands, its driver tells no SQLSTATE, only words.
_REFUSED: Final = re.compile(
    r'password authentication failed|role ".*" does not exist|no password supplied|is not permitted to log in'
    r"|no pg_hba\.conf entry|authentication failed for user|authentication method requirement"
)


def problem(message: str, code: str = READ_FAILED) -> StorageError:
    """Return an error of this storage."""
    return StorageError(message, code, provider="PostgreSQL", storage_type="POSTGRESQL")


def not_readable(message: str) -> DefinitionError:
    """Return an error of a mart's definition."""
    return DefinitionError(message, provider="PostgreSQL", storage_type="POSTGRESQL")


def not_connected(error: psycopg.Error | UnicodeError) -> StorageError:
    """Say why there is no connection; a ``UnicodeError`` is Python's word for a name that no server can have."""
    text = str(error)
    if isinstance(error, UnicodeError) or _UNRESOLVED.search(text):
        return problem("The name of the server could not be resolved")
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return problem("The server did not answer in time")
    lines = _PLACE.sub("", text).strip().splitlines() or [type(error).__name__]
    message = lines[0].removeprefix("FATAL:").strip()
    refused = error.sqlstate is not None and error.sqlstate.startswith("28")
    return problem(message, UNAUTHORIZED if refused or _REFUSED.search(text) else READ_FAILED)


def failed(error: psycopg.Error) -> StorageError:
    """Say what PostgreSQL said about a statement."""
    code = PERMISSION_DENIED if isinstance(error, psycopg.errors.InsufficientPrivilege) else READ_FAILED
    return problem(_said(error), code)


def broken(error: psycopg.Error, sql: str | None) -> StorageError:
    """Say what PostgreSQL said about a definition, and where in its ``sql``, which a table's name has not."""
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return failed(error)
    if sql is None:
        return not_readable(_said(error))
    # A hint is about the member's own words, since PostgreSQL has seen no others.
    hint = f". {error.diag.message_hint.rstrip('.')}" if error.diag.message_hint else ""
    return not_readable(_said(error) + hint + _position(error.diag.statement_position, sql))


def _said(error: psycopg.Error) -> str:
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return error.diag.message_primary or first


def _position(position: str | None, sql: str) -> str:
    """Turn a count of characters from 1 on into line and column."""
    if position is None or not position.isdecimal():
        return ""
    before = sql[: int(position) - 1]
    return at(before.count("\n") + 1, len(before) - before.rfind("\n"))

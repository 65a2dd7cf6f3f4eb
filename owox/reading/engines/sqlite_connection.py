"""Connections to one SQLite file that can read it and do nothing else, and what their errors mean.

The file is opened read only and never made. A reader of a database in WAL mode shares the lock file beside it with
the writer, and makes one if there is none, so that its folder must then be writable. A read holds SQLite's shared
lock until it is closed: a writer of a database that is not in WAL mode waits for it. What does not fit in memory
while rows are sorted goes to SQLite's temporary files.
"""

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from owox.reading.engines import PERMISSION_DENIED, READ_FAILED, DefinitionError, StorageError

VIEW: Final = "owox_mart"

_OLDEST: Final = (3, 39)  # has HAVING without GROUP BY
_BUSY_SECONDS: Final = 2.0
_LONGEST: Final = 32 * 1024 * 1024  # a value, and the JSON of 60 columns
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: _LONGEST,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 4 * 1024 * 1024,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
}
_HEADER: Final = b"SQLite format 3\x00"
# The time of one call of these grows with the product of its texts' lengths, and nothing can stop it: this keeps it to
# seconds, and to minutes at worst.
_LONGEST_FOR: Final = {
    1024 * 1024: ("glob", "instr", "like", "replace"),
    256 * 1024: ("ltrim", "rtrim", "trim"),
}
# What SQLite's own functions of these names do depends on their arguments only, or on the clock or chance.
_FUNCTIONS: Final = frozenset({
    "->", "->>", "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "avg", "bm25", "ceil", "ceiling",
    "char", "coalesce", "concat", "concat_ws", "cos", "cosh", "count", "cume_dist", "current_date", "current_time",
    "current_timestamp", "date", "datetime", "degrees", "dense_rank", "exp", "first_value", "floor", "format", "glob",
    "group_concat", "hex", "highlight", "if", "ifnull", "iif", "instr", "json", "json_array", "json_array_length",
    "json_error_position", "json_extract", "json_group_array", "json_group_object", "json_insert", "json_object",
    "json_pretty", "json_quote", "json_remove", "json_replace", "json_set", "json_type", "json_valid",
    "jsonb", "jsonb_array", "jsonb_extract", "jsonb_group_array", "jsonb_group_object", "jsonb_insert",
    "jsonb_object", "jsonb_remove", "jsonb_replace", "jsonb_set", "julianday", "lag", "last_value",
    "lead", "length", "like", "likelihood", "likely", "ln", "log", "log10", "log2", "lower", "ltrim", "match", "max",
    "median", "min", "mod", "nth_value", "ntile", "nullif", "octet_length", "percent_rank", "percentile",
    "percentile_cont", "percentile_disc", "pi", "pow", "power", "printf", "quote", "radians", "random", "randomblob",
    "rank", "replace", "round", "row_number", "rtrim", "sign", "sin", "sinh", "snippet", "soundex", "sqlite_version",
    "sqrt", "strftime", "string_agg", "substr", "substring", "subtype", "sum", "tan", "tanh", "time", "timediff",
    "total", "trim", "trunc", "typeof", "unhex", "unicode", "unistr", "unixepoch", "unlikely", "upper", "zeroblob",
})  # fmt: skip


def connect(path: str) -> sqlite3.Connection:
    """Open a file inside a transaction, so that the whole read sees one state. Raises ``StorageError``.

    Nothing is confined yet: ``confine`` closes the doors once the definition's view is made.
    """
    _check_file(path)
    try:
        connection = sqlite3.connect(
            f"file:{quote(path)}?mode=ro", _BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True
        )
    except sqlite3.Error as error:
        raise failed(error, path) from error
    try:
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        connection.text_factory = _lenient
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM main.sqlite_master LIMIT 1").fetchall()
    except sqlite3.Error as error:
        connection.close()
        raise failed(error, path) from error
    return connection


@dataclass(slots=True)
class Seen:
    """What the statements so far are made of: the names of functions, and how many SELECTs."""

    functions: set[str] = field(default_factory=set)
    selects: int = 0


def confine(connection: sqlite3.Connection, own: frozenset[str]) -> Seen:
    """Let statements prepared from now on read this file's tables and call pure functions; ``own`` are ours.

    Returns what will be seen of them.
    """
    tables = {str(row[0]).lower() for row in connection.execute("SELECT name FROM main.sqlite_master")}
    modules = {str(row[0]).lower() for row in connection.execute("SELECT name FROM pragma_module_list")}
    # These two are set up with their first use, which the authorizer would take for a change of the schema.
    connection.execute("SELECT 1 FROM json_each('[]'), json_tree('[]')").fetchall()
    closed = modules - tables - {"json_each", "json_tree"} | {"sqlite_temp_master", "sqlite_temp_schema"}
    functions = _FUNCTIONS | own
    seen = Seen()

    def allows(action: int, first: str | None, second: str | None) -> bool:
        if action in {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE}:
            seen.selects += 1
            return True
        if action == sqlite3.SQLITE_READ:
            name = (first or "").lower()
            return name not in closed and (name in tables or not name.startswith("pragma_"))
        if action == sqlite3.SQLITE_FUNCTION:
            seen.functions.add((second or "").lower())
            return (second or "").lower() in functions
        if action == sqlite3.SQLITE_PRAGMA:
            return (first, second) == ("table_xinfo", VIEW)
        # What setting up a virtual table of the file looks like; the file itself is read only.
        return action == sqlite3.SQLITE_UPDATE and first == "sqlite_master"

    def authorize(action: int, first: str | None, second: str | None, _base: str | None, _by: str | None) -> int:
        return sqlite3.SQLITE_OK if allows(action, first, second) else sqlite3.SQLITE_DENY

    connection.set_authorizer(authorize)
    return seen


def limit_lengths(connection: sqlite3.Connection, functions: set[str]) -> None:
    """Shorten the texts of a definition that calls functions which long ones make slow."""
    longest = min([limit for limit, names in _LONGEST_FOR.items() if functions.intersection(names)], default=_LONGEST)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)


def failed(error: Exception, path: str, *, in_definition: bool = False, place: str = "") -> StorageError:
    """Say what SQLite said, in words that tell what to do where its own do not."""
    message = str(error).replace(path, Path(path).name)
    if in_definition:
        return DefinitionError(message + place, provider="SQLite", storage_type="SQLITE")
    code = getattr(error, "sqlite_errorcode", None) or 0
    name = Path(path).name
    if code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return problem(f'"{name}" is locked: another program is writing to it. Try again later')
    if code & 0xFF in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} and _is_wal(path):
        return problem(
            f'"{name}" is in WAL mode, and the lock file that its readers share could not be made in its folder:'
            " let the server write there, or leave WAL mode",
            PERMISSION_DENIED,
        )
    if code & 0xFF == sqlite3.SQLITE_TOOBIG:
        limits = [f"; {limit // 1024} KiB where it calls {' or '.join(names)}" for limit, names in _LONGEST_FOR.items()]
        return problem(
            f"A definition's values, and 60 columns as JSON, may be {_LONGEST // 2**20} MiB{''.join(limits)}"
        )
    denied = code & 0xFF in {sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}
    return problem(message, PERMISSION_DENIED if denied else READ_FAILED)


def problem(message: str, code: str = READ_FAILED) -> StorageError:
    """Return an error of this storage."""
    return StorageError(message, code, provider="SQLite", storage_type="SQLITE")


def not_readable(message: str) -> DefinitionError:
    """Return an error of a mart's definition."""
    return DefinitionError(message, provider="SQLite", storage_type="SQLITE")


def _check_file(path: str) -> None:
    name = Path(path).name
    if sqlite3.sqlite_version_info < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise problem(f"SQLite storages need SQLite {oldest}; this Python has {sqlite3.sqlite_version}")
    try:
        if not Path(path).is_file():
            raise problem(f'There is no file "{name}"')
        with Path(path).open("rb") as file:
            start = file.read(len(_HEADER))
    except PermissionError:
        raise problem(f'The server may not read "{name}"', PERMISSION_DENIED) from None
    except OSError as error:
        raise problem(f'"{name}" cannot be read: {error.strerror}') from None
    if start not in (b"", _HEADER):
        raise problem(f'"{name}" is not an SQLite database')


def _is_wal(path: str) -> bool:
    """Two bytes after the page size tell the mode (SQLite's file format, 1.3.3)."""
    try:
        with Path(path).open("rb") as file:
            return file.read(20)[18:] == b"\x02\x02"
    except OSError:
        return False


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "replace")

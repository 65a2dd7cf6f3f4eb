"""Connections to DuckDB that can read one file, or one folder of Parquet and CSV files, and reach nothing else.

A connection lives as long as one call or one read. Connections to the same place that overlap share DuckDB's
instance, and with it the memory and thread limits; after the last one the memory and the lock on the file are given
back, so that the file's owner can write it between reads, and an exchanged file is seen. Opening one costs about 10 ms.
"""

import hashlib
import os
import re
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from owox.reading.definitions import at
from owox.reading.engines import PERMISSION_DENIED, READ_FAILED, DefinitionError, StorageError
from owox.reading.engines.duckdb_values import identifier, literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COMMON: Final[dict[str, Any]] = {
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
    "enable_external_access = false",
    "allowed_configs = ['enable_progress_bar', 'streaming_buffer_size']",
    "lock_configuration = true",
)
_READERS: Final = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv"}
_CARET: Final = re.compile(r"LINE (\d+): (?!\.\.\.).*\n( *)\^")

_opening = threading.Lock()


def connect(path: str) -> "DuckDBPyConnection":
    """Open a file or folder and shut every door. Raises DuckDB's errors.

    The first to open an instance sets it up; the lock makes it the only one.
    """
    import duckdb

    is_folder = os.path.isdir(path)
    with _opening:
        if is_folder:
            name = f":memory:{hashlib.sha256(os.fsencode(path)).hexdigest()}"
            connection = duckdb.connect(name, config=_COMMON)
        else:
            connection = duckdb.connect(path, read_only=True, config=_COMMON | {"enable_external_access": "false"})
        try:
            _shut(connection, path if is_folder else None)
        except BaseException:
            connection.close()
            raise
    return connection


def _shut(connection: "DuckDBPyConnection", folder: str | None) -> None:
    if connection.execute("SELECT current_setting('lock_configuration')").fetchone() != (True,):
        if folder is not None:
            connection.execute(f"SET GLOBAL allowed_directories = [{literal(folder)}]")
        for setting in _INSTANCE:
            connection.execute(f"SET GLOBAL {setting}")
    for setting in _SESSION:
        connection.execute(f"SET {setting}")


def files(folder: str) -> dict[str, Path]:
    """Return what can be read in a folder by the names that SQL may use.

    A file goes by its full name and by its name without the ending, a folder of Parquet files by its own name. The
    first in alphabetical order wins a name.
    """
    found: dict[str, Path] = {}
    for path in sorted(Path(folder).iterdir()):
        if path.name.startswith(".") or (path.is_dir() and not any(path.glob("*.parquet"))):
            continue
        if path.is_dir() or _reader(path):
            found.setdefault(path.name, path)
            found.setdefault(path.name.partition(".")[0], path)
    return found


def offer(connection: "DuckDBPyConnection", name: str, path: Path) -> None:
    """Let SQL on this connection read a file or folder under a name."""
    pattern = str(path / "*.parquet") if path.is_dir() else str(path)
    reader = "read_parquet" if path.is_dir() else _reader(path)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {identifier(name)} AS FROM {reader}({literal(pattern)})")


def _reader(path: Path) -> str | None:
    endings = [ending.lower() for ending in path.suffixes]
    if endings[-1:] == [".gz"]:
        endings.pop()
    return _READERS.get(endings[-1]) if endings else None


def failed(error: Exception, path: str, *, in_definition: bool = False) -> StorageError:
    """Say what DuckDB said and where, without the folders of this server and the text of the statement."""
    import duckdb

    text = str(error)
    place = Path(path)
    message = text.split("\n\n")[0].replace(f"{path}/", "").replace(path, place.name)
    if "Cannot access file" in message and place.is_dir():
        message += '. A file of this folder is a table, such as FROM "orders.csv"'
    if in_definition:
        return DefinitionError(message + position(text), provider="DuckDB", storage_type="DUCKDB")
    if _is_sqlite(place):
        return problem(f'"{place.name}" is an SQLite database: create a storage of type SQLite for it')
    denied = isinstance(error, duckdb.PermissionException) or "permission denied" in message.lower()
    return problem(message, PERMISSION_DENIED if denied else READ_FAILED)


def _is_sqlite(path: Path) -> bool:
    """DuckDB would open one with an extension, and says of it only that it may not load that."""
    with suppress(OSError), path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\x00"
    return False


def position(message: str, before: int = 0) -> str:
    """Return where DuckDB's message points to; ``before`` counts the letters put in front of the first line."""
    caret = _CARET.search(message)
    if caret is None:
        return ""
    line, column = int(caret[1]), len(caret[2]) - len(f"LINE {caret[1]}: ") + 1
    return at(line, column - before if line == 1 else column)


def problem(message: str, code: str = READ_FAILED) -> StorageError:
    """Return an error of this storage."""
    return StorageError(message, code, provider="DuckDB", storage_type="DUCKDB")


def not_readable(message: str) -> DefinitionError:
    """Return an error of a mart's definition."""
    return DefinitionError(message, provider="DuckDB", storage_type="DUCKDB")

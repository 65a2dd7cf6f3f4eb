"""An SQLite database as a file: copied while it is in use, checked before anybody relies on it, put in place whole."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Final
from urllib.parse import quote

from owox.migrations import HEAD
from owox.services.errors import Conflict
from owox.services.journal import sync_folder

SIDES: Final = ("-wal", "-shm")
_PART: Final = ".part"
_MAGIC: Final = b"SQLite format 3\0"
_BUSY_SECONDS: Final = 5
_TABLES: Final = {"alembic_version", "api_key", "membership", "audit_event"}


@contextmanager
def temporary(beside: Path) -> Iterator[Path]:
    """An empty file in the same folder, for its owner alone, and gone at the end unless it has got another name."""
    descriptor, name = mkstemp(prefix=f".{beside.name}.", suffix=_PART, dir=beside.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        for end in ("", *SIDES, "-journal"):
            Path(name + end).unlink(missing_ok=True)


def remove_others(mine: Path, beside: Path) -> None:
    """Remove what killed processes left of their temporary files; nobody else may be at work there."""
    for left in beside.parent.glob(f".{beside.name}.*{_PART}*"):
        if not left.name.startswith(mine.name):
            left.unlink()


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever reads or writes it meanwhile, into one file that needs no other.

    Raises ``Conflict`` for a file that is no database, is damaged, or is none of owox.
    """
    with _understood(source):
        # mode: SQLite makes no file that is not there.
        uri = f"file:{quote(str(source))}?mode=rw"
        with (
            closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS)) as there,
            closing(sqlite3.connect(target)) as here,
        ):
            there.backup(here)
            here.execute("PRAGMA journal_mode = DELETE")
            if (found := here.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
                raise Conflict(f"{source} is damaged: {found}")
            tables = {name for (name,) in here.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables >= _TABLES:
                raise Conflict(f"{source} is no database of owox.")


def check_revision(path: Path) -> str:
    """The structure that the database of a file has. Raises ``Conflict`` for one that this version does not know."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
    if not found[0] or found[0] > HEAD:
        raise Conflict("The database belongs to a newer version of owox. Install that one first.")
    return str(found[0])


def put(fresh: Path, target: Path) -> None:
    """Give a finished file its name, in one step and whatever had it before; it is on the disk by then."""
    with fresh.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(fresh, target)
    sync_folder(target.parent)


def is_one(path: Path) -> bool:
    """Whether a file begins as a database does: of any other, SQLite would throw the write-ahead log away."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


@contextmanager
def nobody_else(path: Path) -> Iterator[bool]:
    """Keep everybody from the database of a file, all of whose content is then in it; yield whether it is a sound one.

    Raises ``Conflict`` while somebody else has it open.
    """
    if not is_one(path):
        yield False
        return
    with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE").close()
            connection.execute("PRAGMA journal_mode = DELETE").close()
            connection.execute("BEGIN EXCLUSIVE").close()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Conflict(f"Some program has {path} open. End it first.") from None
            yield False
            return
        yield True


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file into a sentence."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
            raise Conflict(f"{path} is no database.") from None
        raise Conflict(f"{path} cannot be read: {error}.") from None

"""The revocation journal: a file beside the database that says what has ended for good, and so outlives a restore.

One line is one JSON object, an id and a moment under the names that the database has for them (milliseconds since
1970 UTC), and never a secret:

{"api_key":"pmk_...","revoked_at":1767225600000}
{"api_key":"pmk_...","overlap_ends_at":1767225600000}       a rotated key's last moment
{"membership":"...","ended_at":1767225600000}               and with it all keys that belong to it

Lines are only ever added, each in one write: several processes may do so at a time.
"""

import errno
import json
import logging
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

COLUMNS: Final = frozenset({("api_key", "revoked_at"), ("api_key", "overlap_ends_at"), ("membership", "ended_at")})
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,36}")
_LATEST: Final = 253_402_300_799_999  # the last millisecond of the year 9999
_log = logging.getLogger(__name__)


class End(NamedTuple):
    """What has ended: the row's table and id, the column that says so, and since when, in milliseconds."""

    table: str
    id: str
    column: str
    at: int

    @property
    def line(self) -> str:
        """The line of the journal for it."""
        return f'{{"{self.table}":"{self.id}","{self.column}":{self.at}}}'


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal at a path; the first line makes the file, for its owner alone."""

    path: Path

    def read(self) -> dict[str, int]:
        """Its lines with their numbers, without blank ones; none while there is no file. Raises ``OSError``.

        What a crash left of a last line is not among them: the database knows what that one was to say.
        """
        if not self.path.exists():
            return {}
        lines = self.path.read_bytes().decode(errors="replace").split("\n")
        if lines[-1] and parsed(lines[-1]) is None:
            lines.pop()
        return {line: number for number, line in enumerate(lines, 1) if line}

    def append(self, lines: Iterable[str]) -> None:
        """Add lines, which are on the disk when this returns. Raises ``OSError``."""
        text = "".join(f"{line}\n" for line in lines).encode()
        new = not self.path.exists()
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            written = os.write(file, _separator(file) + text)
            os.fsync(file)
            if written < len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        finally:
            os.close(file)
        if new:
            hand_over(self.path)
            sync_folder(self.path.parent)

    def note(self, ends: Iterable[End]) -> None:
        """Add what has just ended. A journal that cannot be written changes nothing about that, and is logged."""
        try:
            self.append(end.line for end in ends)
        except OSError as error:
            _log.error(
                "The revocation journal %s cannot be written (%s). What has ended stays ended, but a backup that is "
                "restored now would bring it back. Make it writable, with room on its disk, and start owox again.",
                self.path,
                error.strerror,
            )


def parsed(line: str) -> End | None:
    """What a line says; None for a line that is no entry."""
    try:
        entry = json.loads(line)
        (table, row_id), (column, at) = entry.items()
    except (ValueError, AttributeError, RecursionError):
        return None
    plain = isinstance(row_id, str) and _ID.fullmatch(row_id) and type(at) is int and 0 <= at <= _LATEST
    return End(table, row_id, column, at) if plain and (table, column) in COLUMNS else None


def _separator(file: int) -> bytes:
    """A line break after what a crash left of a last line."""
    size = os.fstat(file).st_size
    return b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""


def hand_over(path: Path) -> None:
    """Give a new file to the owner of its folder, whom the server runs as, when it was made by root."""
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)


def sync_folder(folder: Path) -> None:
    """Make a new file's name outlive a power cut too."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

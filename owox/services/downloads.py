"""What can be installed from this server: the wheel and the npm package that `make dist` builds, in one folder."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import Final

from owox.services.errors import NotFound


class Kind(StrEnum):
    """What a file is for."""

    WHEEL = "wheel"
    NPM = "npm"


_NAMES: Final = {
    Kind.WHEEL: re.compile(r"owox-([0-9]{1,6}(?:\.[0-9]{1,6}){0,3})-py3-none-any\.whl"),
    Kind.NPM: re.compile(r"owox-api-client-([0-9]{1,6}(?:\.[0-9]{1,6}){0,3})\.tgz"),
}


@dataclass(frozen=True, slots=True)
class Download:
    """A file on offer: its size in bytes, and its SHA-256 in hexadecimal."""

    path: Path
    kind: Kind
    version: tuple[int, ...]
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """Its name, which is also the last part of its address."""
        return self.path.name


def offered(folder: Path) -> list[Download]:
    """All files on offer: wheels, then npm packages, the newest version first. Other files of the folder are not."""
    kinds = list(Kind)
    return sorted(_offered(folder), key=lambda each: (kinds.index(each.kind), [-part for part in each.version]))


def find(folder: Path, name: str) -> Download:
    """The file of that name. Raises ``NotFound`` for any that is not on offer."""
    for each in _offered(folder):
        if each.name == name:
            return each
    raise NotFound("No such file is offered here.")


def _offered(folder: Path) -> Iterator[Download]:
    paths: list[Path] = []
    with suppress(OSError):
        paths += folder.iterdir()
    for path in paths:
        for kind, pattern in _NAMES.items():
            if (known := pattern.fullmatch(path.name)) and (found := _described(path, kind, known[1])):
                yield found


def _described(path: Path, kind: Kind, version: str) -> Download | None:
    # One that has just gone or cannot be read is not on offer: pages that name it, such as a new key's, do without.
    with suppress(OSError):
        facts = path.stat()
        if S_ISREG(facts.st_mode):
            digest = _sha256(path, facts.st_mtime_ns, facts.st_size)
            return Download(path, kind, tuple(map(int, version.split("."))), facts.st_size, digest)
    return None


@lru_cache(maxsize=64)
def _sha256(path: Path, _changed_ns: int, _size: int) -> str:
    """Counted once for each state of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

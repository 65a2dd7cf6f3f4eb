"""What a storage is opened with: checked when somebody enters it, its secret part sealed, and put together to open it.

DUCKDB, SQLITE   {"path": "/folder/shop.duckdb"}, a file or, for DUCKDB, a folder; kept with all links resolved
POSTGRESQL       {"url": "postgresql://user:password@host:5432/database?sslmode=require"}, sealed whole; what is shown
                 of it is host, port, database and user

Members may name paths inside the folders of OWOX_STORAGE_PATHS only, and of database servers only such as take a
password over the network: never this machine's sockets, users or password files. The operator may name anything.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from owox.models import Storage, StorageType
from owox.reading.engines import Engine, StorageError, open_engine
from owox.services.errors import BadSetting
from owox.services.secrets import Unreadable, Vault

TEXT_MAX: Final = 2_000
_UNAUTHORIZED: Final = "STORAGE_UNAUTHORIZED"  # contract.md 4.8
_URL_OPTIONS: Final = {"sslmode", "channel_binding"}
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")  # a "/" or "%2F" would name a socket, a "," several hosts
_URL_FORM: Final = "postgresql://user:password@host:5432/database"


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a storage: ``shown`` to those who may see it, ``secret`` to nobody."""

    shown: dict[str, Any]
    secret: dict[str, Any] = field(default_factory=dict, repr=False)


class Keeper:
    """Checks, seals and opens; ``folders`` are where members may name files, ``private`` the server's own files."""

    def __init__(self, vault: Vault, folders: tuple[Path, ...], private: tuple[Path, ...] = ()) -> None:
        self.vault = vault
        self._folders = folders
        self._private = private

    def for_operator(self) -> "Keeper":
        """The same without limits, for whoever has a shell on the server anyway."""
        return Keeper(self.vault, (Path("/"),))

    def check(self, storage_type: str, config: Mapping[str, Any]) -> Opening:
        """Check what a storage of this type shall be opened with. Raises ``BadSetting``; touches no storage."""
        name = "url" if storage_type == StorageType.POSTGRESQL else "path"
        value = config.get(name)
        if set(config) != {name} or not isinstance(value, str) or not value.strip():
            raise BadSetting("config", f'config of a {storage_type} storage must be one "{name}".')
        if len(value) > TEXT_MAX or not value.isprintable():
            raise BadSetting(f"config.{name}", f"config.{name} must be at most {TEXT_MAX} printable characters.")
        return self._url(value.strip()) if name == "url" else self._path(value.strip())

    def put(self, storage: Storage, opening: Opening) -> None:
        """Store what opens a storage, its secret part sealed."""
        storage.config = opening.shown
        storage.secret = self.vault.seal(storage.id, opening.secret) if opening.secret else None

    @contextmanager
    def opened(self, storage: Storage) -> Iterator[Engine]:
        """The engine of a storage. A ``StorageError`` of the block passes on without the storage's password in it."""
        try:
            secret = self.vault.open(storage.id, storage.secret)
        except Unreadable as error:
            raise StorageError(str(error), _UNAUTHORIZED, provider="owox", storage_type=storage.type) from None
        try:
            yield open_engine(storage.type, secret or storage.config)
        except StorageError as error:
            _hide(error, secret)
            raise

    def _path(self, text: str) -> Opening:
        try:
            # A relative path is one in the first folder; an absolute one stays as it is.
            path = (self._folders[0] / text).resolve()
            folders = [folder.resolve() for folder in self._folders]
            private = [own.resolve() for own in self._private]
        except (OSError, ValueError, RuntimeError):
            raise BadSetting("config.path", "config.path cannot be followed.") from None
        if not any(path.is_relative_to(folder) for folder in folders):
            allowed = ", ".join(str(folder) for folder in folders)
            raise BadSetting(
                "config.path", f"config.path must lie inside {allowed}. OWOX_STORAGE_PATHS names the allowed folders."
            )
        if any(path.is_relative_to(own) or own.is_relative_to(path) for own in private):
            raise BadSetting("config.path", "config.path must not hold this server's own files.")
        return Opening({"path": str(path)})

    def _url(self, text: str) -> Opening:
        try:
            url = make_url(text)
            port = url.port or 5432
        except (ArgumentError, ValueError):
            raise _bad_url() from None
        host = url.host or ""
        if url.drivername not in {"postgresql", "postgres"} or not 1 <= port <= 65535:
            raise _bad_url()
        if self._folders != (Path("/"),):
            _check_member_url(url)
        shown = {"host": host, "port": port, "database": url.database or "", "user": url.username or ""}
        return Opening(shown, {"url": _rendered(url)})


def _rendered(url: URL) -> str:
    """Write an address so that every part of it stays in its place, whatever characters it holds."""
    user, password = quote(url.username or "", safe=""), quote(str(url.password or ""), safe="")
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host or ""
    who = f"{user}{':' if password else ''}{password}@" if user else ""
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{who}{host}{port}/{quote(url.database or '', safe='')}" + (
        f"?{urlencode(url.query, doseq=True)}" if url.query else ""
    )


def _check_member_url(url: URL) -> None:
    # Without a host, user or password the server's own socket, user, environment and password file would fill in.
    if not (url.username and url.password and url.host and url.database):
        raise _bad_url()
    if not _HOST.fullmatch(url.host) or not set(url.query) <= _URL_OPTIONS:
        raise BadSetting(
            "config.url", f"config.url must name one host, and no options but {', '.join(sorted(_URL_OPTIONS))}."
        )


def _bad_url() -> BadSetting:
    # The address itself holds a password and is repeated nowhere.
    return BadSetting("config.url", f"config.url must be of the form {_URL_FORM}.")


def _hide(error: StorageError, secret: Mapping[str, Any]) -> None:
    """Drivers quote what they were given: take the password and the address out of the message, in place."""
    url = secret.get("url")
    if not isinstance(url, str):
        return
    password = make_url(url).password or ""
    encoded = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    for hidden in (url, encoded, password):
        if hidden:
            error.provider_message = error.provider_message.replace(str(hidden), "***")
    error.args = (error.provider_message, *error.args[1:])

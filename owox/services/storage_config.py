"""What a storage is opened with: checked when somebody enters it, its secret part sealed, and put together to open it.

DUCKDB, SQLITE   {"path": "/folder/shop.duckdb"}, a file or, for DUCKDB, a folder; kept with all links resolved
POSTGRESQL       {"url": "postgresql://user:password@host:5432/database?sslmode=require"}, sealed whole; what is shown
                 of it is host, port, database, user and sslmode; or these parts and "password" one by one

Members may name paths inside the folders of OWOX_STORAGE_PATHS only, and of database servers only such as take a
password over the network: never this machine's sockets, users or password files. The operator may name anything.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import URL, make_url

from owox.models import Storage, StorageType
from owox.reading.engines import STATEMENT_SECONDS, Engine, StorageError, open_engine
from owox.services import database_address
from owox.services.database_address import PARTS, TEXT_MAX
from owox.services.errors import BadSetting
from owox.services.secrets import Unreadable, Vault

_UNAUTHORIZED: Final = "STORAGE_UNAUTHORIZED"  # contract.md 4.8


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

    def check(self, storage_type: str, config: Mapping[str, Any], kept: Storage | None = None) -> Opening:
        """Check what a storage of this type shall be opened with. Raises ``BadSetting``; touches no storage.

        A password that is missing among the parts of an address is that of ``kept``, see database_address.py.
        """
        if storage_type != StorageType.POSTGRESQL:
            return self._path(_only("path", storage_type, config))
        if config and set(config) <= set(PARTS):
            url = database_address.joined(config, self._address_of(kept))
        else:
            by_operator = self._folders == (Path("/"),)
            url = database_address.parsed(_only("url", storage_type, config), by_operator=by_operator)
        return Opening(database_address.shown(url), {"url": database_address.written(url)})

    def put(self, storage: Storage, opening: Opening) -> None:
        """Store what opens a storage, its secret part sealed."""
        storage.config = opening.shown
        storage.secret = self.vault.seal(storage.id, opening.secret) if opening.secret else None

    @contextmanager
    def opened(self, storage: Storage, seconds: float = STATEMENT_SECONDS) -> Iterator[Engine]:
        """The engine of a storage, whose statements may take ``seconds`` each.

        A ``StorageError`` of the block passes on without the storage's password in it.
        """
        try:
            secret = self.vault.open(storage.id, storage.secret)
        except Unreadable as error:
            raise StorageError(str(error), _UNAUTHORIZED, provider="owox", storage_type=storage.type) from None
        try:
            yield open_engine(storage.type, secret or storage.config, seconds)
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

    def _address_of(self, storage: Storage | None) -> URL | None:
        with suppress(Unreadable):
            whole = self.vault.open(storage.id, storage.secret).get("url") if storage else None
            return make_url(whole) if whole else None
        return None


def _only(name: str, storage_type: str, config: Mapping[str, Any]) -> str:
    value = config.get(name)
    if set(config) != {name} or not isinstance(value, str) or not value.strip():
        raise BadSetting("config", f'config of the type {storage_type} must be one "{name}".')
    if len(value) > TEXT_MAX or not value.isprintable():
        raise BadSetting(f"config.{name}", f"config.{name} must be at most {TEXT_MAX} printable characters.")
    return value.strip()


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

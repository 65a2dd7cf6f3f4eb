"""Every setting: its name, type, default and one line of meaning.

Settings come from environment variables, or from the same names in ``owox.env`` inside the instance folder; the
environment wins. ``OWOX_INSTANCE`` names that folder and so comes from the environment only.
"""

import os
import re
import secrets
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dotenv import dotenv_values

from owox import keys

SECRET_KEY_MIN: Final = 32
REPLACED: Final = ".replaced-"  # in the name of a database that a restore has put aside, before its date
LOCAL_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")
STORAGE_TYPE_ALIASES: Final = (
    "AWS_REDSHIFT",
    "AWS_ATHENA",
    "DATABRICKS",
    "GOOGLE_BIGQUERY",
    "LEGACY_GOOGLE_BIGQUERY",
    "SNOWFLAKE",
)


class SettingsError(ValueError):
    """A setting that the server cannot start with; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server runs with. Each comment is the setting's meaning; README lists the same names."""

    instance: Path  # OWOX_INSTANCE: folder of the database, the secret key and owox.env
    database_url: str = field(repr=False)  # OWOX_DATABASE_URL: SQLAlchemy URL; default SQLite in the instance folder
    public_origin: str  # PUBLIC_ORIGIN: address that clients use; goes into combined values
    secret_key: str = field(repr=False)  # OWOX_SECRET_KEY: signs tokens and forms; default made at first start
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)  # OWOX_SECRET_KEY_FALLBACKS: older ones
    trusted_hosts: tuple[str, ...] = ()  # OWOX_TRUSTED_HOSTS: host names answered to; default that of PUBLIC_ORIGIN
    proxy_hops: int = 0  # OWOX_PROXY_HOPS: number of trusted reverse proxies in front
    redis_url: str | None = field(default=None, repr=False)  # OWOX_REDIS_URL: shares rate limits between workers
    log_level: str = "INFO"  # OWOX_LOG_LEVEL
    host: str = "127.0.0.1"  # OWOX_HOST: address that `owox serve` listens on
    port: int = 8000  # OWOX_PORT
    storage_paths: tuple[Path, ...] = ()  # OWOX_STORAGE_PATHS: folders that members may name files of; default below
    downloads: Path = Path()  # OWOX_DOWNLOADS: folder of what /downloads/ offers
    storage_type_alias: str | None = "AWS_REDSHIFT"  # OWOX_STORAGE_TYPE_ALIAS: see storage.type of GET /api/data-marts

    @property
    def secure(self) -> bool:
        """Whether browsers reach the server by https, so that cookies may demand it."""
        return self.public_origin.startswith("https://")

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The current secret key, then the older ones that are still accepted."""
        return (self.secret_key, *self.secret_key_fallbacks)

    @property
    def own_files(self) -> tuple[Path, ...]:
        """The files of this server that no storage may be opened on."""
        names = ("SECRET_KEY", "owox.env", "served-origin", self.journal.name)
        database = self.database_file
        files = [Path(f"{database}{end}") for end in ("", "-wal", "-shm")] if database else []
        replaced = database.parent.glob(f"{database.name}{REPLACED}*") if database else ()
        return (*(self.instance / name for name in names), *files, *replaced)

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database."""
        name = self.database_url.removeprefix("sqlite:///")
        return None if name == self.database_url else self.instance / name

    @property
    def journal(self) -> Path:
        """The file that says what has ended for good, whichever database is restored."""
        return self.instance / "revocations.jsonl"


def instance_folder(environ: Mapping[str, str]) -> Path:
    """The instance folder: OWOX_INSTANCE, else ``instance/`` beside app.py in a checkout, else in this folder."""
    if named := environ.get("OWOX_INSTANCE", "").strip():
        return Path(named).absolute()
    return (_checkout() or Path.cwd()) / "instance"


def has_secret_key(environ: Mapping[str, str], instance: Path) -> bool:
    """Whether a secret key is there that ``load`` will take, so that it makes none."""
    return (instance / "SECRET_KEY").exists() or "OWOX_SECRET_KEY" in _merged(environ, instance)


def _checkout() -> Path | None:
    """The checkout that this runs from, if it is none of an installed package."""
    top = Path(__file__).resolve().parent.parent
    return top if (top / "app.py").is_file() else None


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a command line says, which wins over all else."""

    instance: str | None = None
    host: str | None = None
    port: int | None = None
    serving: bool = False  # the server itself, which decides the address that other commands then find


def load(environ: Mapping[str, str] | None = None, overrides: Overrides = Overrides()) -> Settings:
    """Read the settings; make the instance folder and its secret key if missing. Raises ``SettingsError``."""
    environ = os.environ if environ is None else environ
    instance = Path(overrides.instance).absolute() if overrides.instance else instance_folder(environ)
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"The instance folder {instance} cannot be made: {error.strerror}. Name another in OWOX_INSTANCE."
        ) from None
    values = _merged(environ, instance)
    host = (overrides.host or values.get("OWOX_HOST") or "127.0.0.1").strip("[]")
    port = _integer("OWOX_PORT", str(overrides.port or values.get("OWOX_PORT") or 8000), 1, 65535)
    known = values.get("PUBLIC_ORIGIN") or (None if overrides.serving else _served_origin(instance))
    origin = _public_origin(known, host, port)
    secret_key = values.get("OWOX_SECRET_KEY") or _secret_key_file(instance / "SECRET_KEY")
    fallbacks = _listed(values.get("OWOX_SECRET_KEY_FALLBACKS"))
    for key in (secret_key, *fallbacks):
        _check_secret_key(key)
    return Settings(
        instance=instance,
        database_url=_database_url(values.get("OWOX_DATABASE_URL"), instance),
        public_origin=origin,
        secret_key=secret_key,
        secret_key_fallbacks=fallbacks,
        trusted_hosts=_listed(values.get("OWOX_TRUSTED_HOSTS")) or _default_hosts(origin),
        proxy_hops=_integer("OWOX_PROXY_HOPS", values.get("OWOX_PROXY_HOPS") or "0", 0, 10),
        redis_url=values.get("OWOX_REDIS_URL"),
        log_level=_choice("OWOX_LOG_LEVEL", values.get("OWOX_LOG_LEVEL", "INFO").upper(), _LEVELS) or "INFO",
        host=host,
        port=port,
        storage_paths=_storage_paths(values.get("OWOX_STORAGE_PATHS"), instance),
        downloads=_downloads(values.get("OWOX_DOWNLOADS"), instance),
        storage_type_alias=_choice(
            "OWOX_STORAGE_TYPE_ALIAS", values.get("OWOX_STORAGE_TYPE_ALIAS", "AWS_REDSHIFT"), STORAGE_TYPE_ALIASES
        ),
    )


_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


def _merged(environ: Mapping[str, str], instance: Path) -> dict[str, str]:
    both = {**_filed(instance / "owox.env"), **environ}
    return {name: value.strip() for name, value in both.items() if value.strip()}


def _filed(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            return {name: value or "" for name, value in dotenv_values(stream=file, interpolate=False).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"{path} cannot be read: {why}. It must be a text of NAME=value lines.") from None


def _database_url(given: str | None, instance: Path) -> str:
    if given is None:
        return f"sqlite:///{instance / 'owox.db'}"
    if path := re.fullmatch(r"sqlite:///(?!:memory:)(.+)", given):
        return f"sqlite:///{_checked_file(instance / path[1])}"
    # The plain names people know mean the driver that this product ships with.
    if server := re.fullmatch(r"(?:postgres|postgresql|postgresql\+psycopg)://(.+)", given):
        url = f"postgresql+psycopg://{server[1]}"
        if _has_place(url):
            return url
    raise SettingsError(
        "OWOX_DATABASE_URL must be postgresql://user:password@host/name, or sqlite:/// and the path of a file."
    )


def _checked_file(path: Path) -> Path:
    if path.is_dir():
        raise SettingsError(f"OWOX_DATABASE_URL must name a file; {path} is a folder.")
    if not path.parent.is_dir():
        raise SettingsError(f"OWOX_DATABASE_URL names a file in {path.parent}, but that is no folder. Make it first.")
    return path


def _has_place(url: str) -> bool:
    """Whether host and port can be those of a server; drivers fail on others with errors of Python."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        place = make_url(url)
        if not (place.host or "").startswith(("/", "%2F")):
            (place.host or "").encode("idna")
    except (ArgumentError, ValueError):
        return False
    return place.port is None or 0 < place.port < 65536


def note_served_origin(settings: Settings) -> None:
    """Keep the address that a server came up with, so that `owox key create` puts the same one into keys."""
    (settings.instance / "served-origin").write_text(settings.public_origin + "\n", encoding="utf-8")


def _served_origin(instance: Path) -> str | None:
    path = instance / "served-origin"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def _public_origin(given: str | None, host: str, port: int) -> str:
    if given is None and host in {"0.0.0.0", "::"}:  # noqa: S104  (compared with, not bound to)
        raise SettingsError(
            f"Listening on {host}, the server cannot know the address that clients use. "
            "Set PUBLIC_ORIGIN to it, for example PUBLIC_ORIGIN=https://keys.example.com."
        )
    try:
        return keys.normalize_origin(given or f"http://{f'[{host}]' if ':' in host else host}:{port}")
    except ValueError:
        wrong = (
            f"PUBLIC_ORIGIN must be scheme, host and optional port, such as https://keys.example.com; it is {given!r}."
        )
        if given is None:
            wrong = f"There is no address {host!r}: --host and OWOX_HOST take one such as 127.0.0.1, without a port."
        raise SettingsError(wrong) from None


def _default_hosts(origin: str) -> tuple[str, ...]:
    host = urlsplit(origin).netloc.rsplit("@")[-1]
    name = host if host.endswith("]") else host.rsplit(":", 1)[0] if re.search(r":\d+$", host) else host
    return LOCAL_HOSTS if name in LOCAL_HOSTS else (name,)


def _secret_key_file(path: Path) -> str:
    if not path.exists():
        # Written whole under another name first: of several processes that start together, one wins.
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(f"{path} can be read by others. Run: chmod 600 {path}")
    return path.read_text(encoding="ascii", errors="replace").strip()


def _check_secret_key(key: str) -> None:
    if len(key) < SECRET_KEY_MIN or len(set(key)) < 10:
        raise SettingsError(
            f"OWOX_SECRET_KEY must be at least {SECRET_KEY_MIN} random characters. "
            'Make one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _storage_paths(text: str | None, instance: Path) -> tuple[Path, ...]:
    named = tuple(Path(part) for part in _listed(text))
    if relative := next((path for path in named if not path.is_absolute()), None):
        raise SettingsError(f"OWOX_STORAGE_PATHS must name folders by their absolute paths; one is {str(relative)!r}.")
    return named or (instance / "data", instance / "demo")


def _downloads(text: str | None, instance: Path) -> Path:
    if text and not Path(text).is_absolute():
        raise SettingsError(f"OWOX_DOWNLOADS must name a folder by its absolute path; it is {text!r}.")
    checkout = _checkout()
    return Path(text) if text else checkout / "dist" if checkout else instance / "downloads"


def _integer(name: str, text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}; it is {text!r}.")
    return int(text)


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str | None:
    if text == "none" and "INFO" not in choices:
        return None
    if text not in choices:
        raise SettingsError(f"{name} must be one of {', '.join(choices)}; it is {text!r}.")
    return text

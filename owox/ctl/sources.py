"""Where the command finds its key: the process environment, an env file, the stored sign-in, in this order."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import click

from owox import __version__
from owox.client import Client
from owox.client.credentials import COMBINED, KEY_ID, ORIGIN, SECRET, VARIABLES, Credentials
from owox.client.errors import ConfigError
from owox.ctl import store
from owox.ctl.screen import Screen

Command = TypeVar("Command", bound=Callable[..., Any])

ENV_FILE_MAX = 1024 * 1024
_ENVIRONMENT = "the environment"


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The variables of an env file. ``path`` is absolute, or ``None`` where there is no file."""

    path: Path | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


def env_file_option(command: Command) -> Command:
    """Give a command ``-e/--env-file``, which it receives read, as an ``EnvFile``."""
    return click.option(
        "-e",
        "--env-file",
        metavar="PATH",
        callback=_read_option,
        help="Read variables from this file (default: ./.env).",
    )(command)


def read_env_file(named: str | None) -> EnvFile:
    """Read the file named, or ``./.env`` if there is one; raise ``ConfigError`` (contract.md 5.2)."""
    path = Path(named or ".env")
    if named is None and not path.is_file():
        return EnvFile()
    try:
        with path.open("rb") as file:
            data = file.read(ENV_FILE_MAX + 1)
        values = _variables(data)
    except (OSError, ValueError):
        raise _unusable(path) from None
    if named is not None and not values:
        raise _unusable(path)
    return EnvFile(path.absolute(), values)


def find(env_file: EnvFile, note: Callable[[str], object]) -> tuple[Credentials, str]:
    """Return the credentials to use, and in words where they came from; raise ``ConfigError``.

    The environment wins over the file variable by variable, so that the file may hold what is not secret. Where the
    environment says all there is to say, the file is not asked.
    """
    process = _set(os.environ)
    file = {} if _whole(process) else _set(env_file.values)
    if not (process or file):
        return _stored(note)
    _refuse_mixed_key(process, file, str(env_file.path))
    where = {**dict.fromkeys(file, str(env_file.path)), **dict.fromkeys(process, _ENVIRONMENT)}
    used = " and ".join(dict.fromkeys(where.values()))
    return Credentials.from_env({**file, **process}, where, note), used


def client(credentials: Credentials) -> Client:
    """Return a client that the dashboard shows as this command."""
    return Client(credentials.origin, credentials.key_id, credentials.secret, user_agent=f"owox-ctl/{__version__}")


def open_client(screen: Screen, env_file: EnvFile) -> Client:
    """Return a client for the first key that is found; raise ``ConfigError``."""
    return client(find(env_file, screen.note)[0])


def environment_speaks() -> bool:
    """Whether the environment names a key, so that a stored sign-in is not asked."""
    return bool(_set(os.environ))


def _stored(note: Callable[[str], object]) -> tuple[Credentials, str]:
    values = store.load()
    if not values:
        raise ConfigError(
            "Not authenticated",
            hint=f"Run owox-ctl auth login, or set {COMBINED}, or {ORIGIN}, {KEY_ID} and {SECRET}.",
        )
    where = f"the stored sign-in {store.path()}"
    return Credentials.from_env(values, dict.fromkeys(values, where), note), where


def _set(values: Mapping[str, str]) -> dict[str, str]:
    return {name: values[name] for name in VARIABLES if values.get(name, "").strip()}


def _whole(values: Mapping[str, str]) -> bool:
    return COMBINED in values or {ORIGIN, KEY_ID, SECRET} <= values.keys()


def _refuse_mixed_key(process: Mapping[str, str], file: Mapping[str, str], path: str) -> None:
    """An ID from one place never goes with the secret that another place keeps for a different ID."""
    ids = {values[KEY_ID].strip() for values in (process, file) if KEY_ID in values}
    if len(ids) > 1 and (SECRET in process) != (SECRET in file):
        raise ConfigError(
            f"{KEY_ID} (from {_ENVIRONMENT}) and {KEY_ID} (from {path}) name different API keys",
            hint="Set the ID and the secret in the same place.",
        )


def _read_option(_: click.Context, __: click.Parameter, value: str | None) -> EnvFile:
    return read_env_file(value)


def _variables(data: bytes) -> dict[str, str]:
    if len(data) > ENV_FILE_MAX:
        raise ValueError("too large to be an env file")
    from dotenv import dotenv_values

    # No interpolation: a dollar sign in a secret is a dollar sign.
    found = dotenv_values(stream=StringIO(data.decode("utf-8-sig")), interpolate=False)
    return {name: value for name, value in found.items() if value}


def _unusable(path: Path) -> ConfigError:
    return ConfigError(f"Failed to load environment file: {path}", hint="It must hold NAME=value lines in UTF-8.")

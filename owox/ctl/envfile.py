"""Env files: ``NAME=value`` lines in UTF-8."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from owox.client.errors import ConfigError

ENV_FILE_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The variables of an env file. ``path`` is absolute, or ``None`` where there is no file."""

    path: Path | None = None
    values: Mapping[str, str] = field(default_factory=dict, repr=False)


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


def _variables(data: bytes) -> dict[str, str]:
    if len(data) > ENV_FILE_MAX:
        raise ValueError("too large to be an env file")
    from dotenv import dotenv_values

    # No interpolation: a dollar sign in a secret is a dollar sign.
    found = dotenv_values(stream=StringIO(data.decode("utf-8-sig")), interpolate=False)
    return {name: value for name, value in found.items() if value}


def _unusable(path: Path) -> ConfigError:
    return ConfigError(f"Failed to load environment file: {path}", hint="It must hold NAME=value lines in UTF-8.")

"""Env files: ``NAME=value`` lines in UTF-8."""

from collections.abc import Callable, Mapping
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


def read_env_file(named: str | None, note: Callable[[str], object]) -> EnvFile:
    """Read the file named, or ``./.env`` if there is one; raise ``ConfigError`` (contract.md 5.2).

    ``note`` receives one sentence for each line that is no variable.
    """
    path = Path(named or ".env")
    if named is None and not path.is_file():
        return EnvFile()
    try:
        with path.open("rb") as file:
            data = file.read(ENV_FILE_MAX + 1)
        values = _variables(data, lambda line: note(f"{path}: line {line} is not NAME=value and was passed over."))
    except OSError as error:
        raise _unusable(path, f"{error.strerror or error}.") from None
    except ValueError:
        raise _unusable(path) from None
    if named is not None and not values:
        raise _unusable(path)
    return EnvFile(path.absolute(), values)


def _variables(data: bytes, pass_over: Callable[[int], object]) -> dict[str, str]:
    if len(data) > ENV_FILE_MAX:
        raise ValueError("too large to be an env file")
    from dotenv.parser import parse_stream

    # The parser alone interpolates nothing: a dollar sign in a secret is a dollar sign.
    found = list(parse_stream(StringIO(data.decode("utf-8-sig"))))
    for binding in found:
        if binding.error:
            pass_over(binding.original.line)
    return {binding.key: binding.value for binding in found if binding.key and binding.value}


def _unusable(path: Path, why: str = "It must hold NAME=value lines in UTF-8.") -> ConfigError:
    return ConfigError(f"Failed to load environment file: {path}", hint=why)

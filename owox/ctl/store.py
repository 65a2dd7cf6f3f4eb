"""The stored sign-in: one file, for this user only."""

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from owox.client.credentials import KEY_ID, ORIGIN, SECRET, Credentials
from owox.client.errors import ConfigError

PATH_VARIABLE = "OWOX_CTL_CONFIG_PATH"
_MEMBERS = {ORIGIN: "apiOrigin", KEY_ID: "apiKeyId", SECRET: "apiKeySecret"}


def path() -> Path:
    """Return where the sign-in of this user is kept."""
    if chosen := os.environ.get(PATH_VARIABLE):
        return Path(chosen)
    from platformdirs import user_config_path

    return user_config_path("owox", appauthor=False) / "ctl" / "config.json"


def load() -> Mapping[str, str]:
    """Return the stored values under the names of their variables, or nothing; raise ``ConfigError``."""
    try:
        members = json.loads(path().read_text(encoding="utf-8"))
        return {name: str(members[member]) for name, member in _MEMBERS.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise ConfigError(
            f"The stored sign-in cannot be read: {path()}", hint="Run owox-ctl auth login to replace it."
        ) from None


def save(credentials: Credentials) -> Path:
    """Store a sign-in, readable by this user alone, whole or not at all; raise ``ConfigError``."""
    target = path()
    members = {"apiOrigin": credentials.origin, "apiKeyId": credentials.key_id, "apiKeySecret": credentials.secret}
    beside = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(members, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise ConfigError(f"The sign-in cannot be stored in {target}: {error.strerror}") from None
    return target


def remove() -> bool:
    """Forget the stored sign-in; return whether there was one; raise ``ConfigError``."""
    try:
        path().unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ConfigError(f"The stored sign-in cannot be removed: {path()}: {error.strerror}") from None
    return True

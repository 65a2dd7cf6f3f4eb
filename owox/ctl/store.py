"""The stored sign-in: one file, for this user only. The secret stands in it, or in the system's keychain."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from owox.client.credentials import KEY_ID, ORIGIN, SECRET, Credentials
from owox.client.errors import ConfigError
from owox.ctl import keychain

PATH_VARIABLE = "OWOX_CTL_CONFIG_PATH"
_MEMBERS = {ORIGIN: "apiOrigin", KEY_ID: "apiKeyId", SECRET: "apiKeySecret"}
_IN_KEYCHAIN = {"secretIn": "keychain"}
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


def path() -> Path:
    """Return where the sign-in of this user is kept; raise ``ConfigError`` for a user without a home."""
    if chosen := os.environ.get(PATH_VARIABLE):
        return Path(chosen)
    from platformdirs import user_config_path

    try:
        return user_config_path("owox", appauthor=False) / "ctl" / "config.json"
    except RuntimeError:
        raise ConfigError(
            "There is no place for a stored sign-in: this user has no home folder",
            hint=f"Set HOME, or name a file in {PATH_VARIABLE}, or give the key in the environment.",
        ) from None


def load() -> Mapping[str, str]:
    """Return the stored values under the names of their variables, or nothing; raise ``ConfigError``."""
    try:
        members = _read()
        if members.items() >= _IN_KEYCHAIN.items():
            members["apiKeySecret"] = keychain.get(members["apiKeyId"])
        return {name: str(members[member]) for name, member in _MEMBERS.items()}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except UNREADABLE:
        raise ConfigError(
            f"The stored sign-in cannot be read: {path()}", hint="Run owox-ctl auth login to replace it."
        ) from None


def check(*, in_keychain: bool = False) -> None:
    """Raise ``ConfigError`` where a sign-in could not be stored, before there is one."""
    if in_keychain:
        keychain.check()
    beside = _beside(path())
    with _complaining(path()):
        path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.touch(mode=0o600, exist_ok=False)
        beside.unlink()


def save(credentials: Credentials, *, in_keychain: bool = False) -> Path:
    """Store a sign-in, readable by this user alone, whole or not at all; raise ``ConfigError``."""
    before = _key_id_in_keychain()
    members = {"apiOrigin": credentials.origin, "apiKeyId": credentials.key_id}
    if in_keychain:
        keychain.put(credentials.key_id, credentials.secret)
        members |= _IN_KEYCHAIN
    else:
        members["apiKeySecret"] = credentials.secret
    target = path()
    write(target, members)
    if before and (before != credentials.key_id or not in_keychain):
        with suppress(ConfigError):
            keychain.forget(before)
    return target


def remove() -> bool:
    """Forget the stored sign-in; return whether there was one; raise ``ConfigError``."""
    if key_id := _key_id_in_keychain():
        keychain.forget(key_id)
    return unlink(path())


def holds(credentials: Credentials) -> bool:
    """Whether the stored sign-in is this very key; not so where it cannot be read."""
    try:
        members = _read()
        return (members["apiOrigin"], members["apiKeyId"]) == (credentials.origin, credentials.key_id)
    except (*UNREADABLE, ConfigError):
        return False


def unlink(target: Path) -> bool:
    """Remove a file; return whether it was there; raise ``ConfigError``."""
    try:
        target.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ConfigError(f"The stored sign-in cannot be removed: {target}: {error.strerror}") from None
    return True


def _read() -> dict[str, str]:
    members: dict[str, str] = json.loads(path().read_text(encoding="utf-8"))
    return members


def _key_id_in_keychain() -> str | None:
    """Return whose secret the keychain holds for the stored sign-in, if it does."""
    try:
        members = _read()
        return str(members["apiKeyId"]) if members.items() >= _IN_KEYCHAIN.items() else None
    except (*UNREADABLE, ConfigError):
        return None


def write(target: Path, members: Mapping[str, str]) -> None:
    """Write a file that this user alone can read, whole or not at all; raise ``ConfigError``."""
    beside = _beside(target)
    with _complaining(target):
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(members, file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(8)}")


@contextmanager
def _complaining(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"The sign-in cannot be stored in {target}: {error.strerror}") from None

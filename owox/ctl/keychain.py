"""The system's keychain, reached through the keyring package where that is installed. Holds one secret a key."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from owox.client.errors import ConfigError

SERVICE = "owox-ctl"


def check() -> None:
    """Raise ``ConfigError`` where there is none that can be used."""
    with _keyring() as keyring:
        keyring.get_password(SERVICE, "")


def put(key_id: str, secret: str) -> None:
    """Keep the secret of a key; raise ``ConfigError``."""
    with _keyring() as keyring:
        keyring.set_password(SERVICE, key_id, secret)


def get(key_id: str) -> str:
    """Return the secret of a key; raise ``ConfigError``, also where there is none."""
    with _keyring() as keyring:
        secret = keyring.get_password(SERVICE, key_id)
    if not isinstance(secret, str):
        raise ConfigError("The keychain no longer holds the stored secret", hint="Run owox-ctl auth login again.")
    return secret


def forget(key_id: str) -> None:
    """Take the secret of a key out, if it is there; raise ``ConfigError``."""
    with _keyring() as keyring:
        if keyring.get_password(SERVICE, key_id) is not None:
            keyring.delete_password(SERVICE, key_id)


@contextmanager
def _keyring() -> Iterator[Any]:
    try:
        keyring, errors = import_module("keyring"), import_module("keyring.errors")
    except ImportError:
        raise ConfigError(
            "The keychain needs the keyring package, which is not installed",
            hint="Install keyring beside owox-ctl, or sign in without --keyring.",
        ) from None
    try:
        yield keyring
    except errors.KeyringError as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ConfigError(f"The keychain cannot be used: {reason}", hint="Sign in without --keyring.") from None

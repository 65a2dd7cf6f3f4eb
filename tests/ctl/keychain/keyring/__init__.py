"""A keychain in a file, with the calls of the keyring package, for machines without a desktop."""

import json
import os
from pathlib import Path

from keyring.errors import NoKeyringError


def set_password(service: str, name: str, secret: str) -> None:
    _write({**_read(), f"{service}/{name}": secret})


def get_password(service: str, name: str) -> str | None:
    return _read().get(f"{service}/{name}")


def delete_password(service: str, name: str) -> None:
    _write({key: secret for key, secret in _read().items() if key != f"{service}/{name}"})


def _path() -> Path:
    if "KEYCHAIN" not in os.environ:
        raise NoKeyringError("No recommended backend was available.\nInstall one.")
    return Path(os.environ["KEYCHAIN"])


def _read() -> dict[str, str]:
    secrets: dict[str, str] = json.loads(_path().read_text()) if _path().exists() else {}
    return secrets


def _write(secrets: dict[str, str]) -> None:
    _path().write_text(json.dumps(secrets))

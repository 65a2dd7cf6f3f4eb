"""Secrets of storages and destinations, encrypted at rest.

The key is derived from SECRET_KEY (HKDF, RFC 5869), so that a copy of the database alone opens nothing. Whatever was
sealed under an older key opens as long as that stands in OWOX_SECRET_KEY_FALLBACKS. The id of the row goes in with the
values: a sealed text that was copied into another row does not open there.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from owox.services.errors import Conflict

_PURPOSE: Final = b"owox secrets of storages and destinations 1"


class Unreadable(Conflict):
    """A sealed secret that none of this server's keys opens."""

    def __init__(self) -> None:
        super().__init__(
            "The secret that is stored here was encrypted with another OWOX_SECRET_KEY. Enter it again, "
            "or add the former key to OWOX_SECRET_KEY_FALLBACKS."
        )


class Vault:
    """Seals with the newest of the given secret keys, opens with any of them."""

    def __init__(self, secret_keys: tuple[str, ...]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in secret_keys])

    def seal(self, row_id: str, values: Mapping[str, Any]) -> str:
        """Encrypt JSON values for the row with this id."""
        return self._fernet.encrypt(json.dumps({"of": row_id, "values": values}).encode()).decode()

    def open(self, row_id: str, sealed: str | None) -> dict[str, Any]:
        """The values sealed for this row; empty when there are none. Raises ``Unreadable``."""
        if sealed is None:
            return {}
        try:
            content = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise Unreadable from None
        if content["of"] != row_id:
            raise Unreadable
        values: dict[str, Any] = content["values"]
        return values


def _derived(secret_key: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return base64.urlsafe_b64encode(key)

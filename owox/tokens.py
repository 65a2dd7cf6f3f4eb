"""Access tokens: a signed statement of a key's ID and an expiry, which saves a client from sending the secret.

A token grants nothing by itself: each request that presents one is decided from the key's row at that moment.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from itsdangerous import BadSignature, Signer

from owox import keys

LIFETIME_SECONDS: Final = 900
PREFIX: Final = "owox_at_"
# base64 is read leniently by the signer: without padding, and with a last character that carries four bits, one
# token has one text.
_TOKEN: Final = re.compile(PREFIX + r"pmk_[A-Za-z0-9_-]{22}\.[0-9]{1,15}\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a valid token says: the key it was made for, and the Unix second at which it ends."""

    key_id: str
    expires: int


class Tokens:
    """Issues and reads access tokens with a server's secret keys (first the current one, then older ones)."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        # itsdangerous signs with the last of its keys and reads with any.
        self._signer = Signer(
            list(reversed(secret_keys)), salt="owox.access-token", key_derivation="hmac", digest_method=hashlib.sha256
        )

    def issue(self, key_id: str, key_ends_at: datetime | None, now: datetime) -> tuple[str, int]:
        """Return a token and its life in whole seconds: at most 900, and never beyond the key's own end."""
        expires = int(now.timestamp()) + LIFETIME_SECONDS
        if key_ends_at is not None:
            expires = min(expires, int(key_ends_at.timestamp()))
        token = self._signer.sign(f"{key_id}.{expires}").decode("ascii")
        return PREFIX + token, max(0, expires - int(now.timestamp()))

    def read(self, token: str, now: datetime) -> Statement | None:
        """Return what a token says, or ``None`` when it is not one of ours, was altered, or has ended."""
        statement = self.signed(token)
        return statement if statement and now.timestamp() < statement.expires else None

    def signed(self, token: str) -> Statement | None:
        """Return what a token of ours says, whether it has ended or not; it opens nothing without ``read``."""
        if not _TOKEN.fullmatch(token):
            return None
        try:
            key_id, expires = self._signer.unsign(token.removeprefix(PREFIX)).decode("ascii").split(".")
        except BadSignature:
            return None
        return Statement(key_id, int(expires)) if keys.is_key_id(key_id) else None


def is_token(text: str) -> bool:
    """Whether the text claims to be an access token of this product."""
    return text.startswith(PREFIX)

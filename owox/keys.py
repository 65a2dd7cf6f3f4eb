"""API keys: their format, how one is minted and parsed, what is stored of it, and when it is accepted.

Format
    API Key ID        ``pmk_`` + 22 base64url characters (16 random bytes). No secret.
    API Key Secret    ``owox_sec_`` + 43 base62 characters (256 random bits) + 6 base62 characters, the CRC-32
                      of everything before them. 58 characters, selected whole by a double click.
    Combined value    ``owox_key_`` + base64url, without padding, of the compact JSON object
                      ``{"apiOrigin", "apiKeyId", "apiKeySecret"}``. Packaging, neither encrypted nor signed.
    Stored            ``v1$`` + the SHA-256, in hex, over version, ID and secret. The secret itself is never
                      stored: it stands in clear in the object that ``mint`` returns, and in one response.

A key is accepted iff, at the moment of the request,
    1. ID and secret have exactly the format above, checksum included (no database is asked otherwise);
    2. the stored digest equals the digest of what was presented, compared in constant time;
    3. the key was not revoked;
    4. its owner's membership of the project has not ended;
    5. its owner is not disabled;
    6. no other key has replaced it, or the overlap in which both are accepted has not ended;
    7. it has no expiry, or the expiry is later than now (at the very instant of expiry it is refused);
    8. it is not suspended.
What an accepted key may do is what its owner's role allows at that same moment (``roles``).

This module reads no clock, environment or database; ``now`` is always an argument.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NoReturn
from urllib.parse import urlsplit

ID_PREFIX: Final = "pmk_"
SECRET_PREFIX: Final = "owox_sec_"
COMBINED_PREFIX: Final = "owox_key_"
NAME_MAX: Final = 100
SECRET_LENGTH: Final = len(SECRET_PREFIX) + 43 + 6
SOON: Final = timedelta(days=14)

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID: Final = re.compile(r"pmk_[A-Za-z0-9_-]{22}")
_SECRET: Final = re.compile(r"owox_sec_[0-9A-Za-z]{49}")
_LIKE_SECRET: Final = re.compile(r"owox_(sec|key)_[0-9A-Za-z]")
_HOST: Final = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")
_DIGEST_VERSION: Final = "v1"


class State(StrEnum):
    """What a key is at a moment; only ``active`` is accepted."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REPLACED = "replaced"
    OWNER_DISABLED = "owner_disabled"
    MEMBERSHIP_ENDED = "membership_ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Facts:
    """The stored instants (aware, UTC) that decide a key's state; ``None`` means it has not happened."""

    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    suspended_at: datetime | None = None
    membership_ended_at: datetime | None = None
    member_disabled_at: datetime | None = None
    overlap_ends_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When the key ends by itself: at its expiry, or with the overlap after its rotation if that is earlier."""
        return min((at for at in (self.expires_at, self.overlap_ends_at) if at is not None), default=None)


@dataclass(frozen=True, slots=True)
class Minted:
    """A new key. The secret exists here and nowhere else."""

    key_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Combined:
    """The parts of a combined value; ``origin`` is normalised (lower-case host, no default port, no slash)."""

    origin: str
    key_id: str
    secret: str = field(repr=False)


class CombinedValueError(ValueError):
    """A combined value that no client accepts; the message (contract.md 1.1) never holds any part of it."""


def mint() -> Minted:
    """Make a new key from the operating system's random source: 128 bits of ID, 256 bits of secret."""
    key_id = ID_PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode("ascii")
    body = SECRET_PREFIX + _base62(secrets.randbelow(62**43), 43)
    return Minted(key_id, body + _checksum(body))


def is_key_id(text: str) -> bool:
    """Whether the text has exactly the form of an API Key ID."""
    return _ID.fullmatch(text) is not None


def is_secret(text: str) -> bool:
    """Whether the text has exactly the form of an API Key Secret, checksum included."""
    return _SECRET.fullmatch(text) is not None and _checksum(text[:-6]) == text[-6:]


def holds_secret(text: str) -> bool:
    """Whether a secret or a combined value, or the beginning of one, is anywhere in the text."""
    return _LIKE_SECRET.search(text) is not None


def digest(key_id: str, secret: str) -> str:
    """What is stored of a secret. The ID is bound in, so that a digest is worth nothing in another row."""
    material = f"{_DIGEST_VERSION}:{key_id}:{secret}".encode()
    return f"{_DIGEST_VERSION}${hashlib.sha256(material).hexdigest()}"


def matches(stored: str, key_id: str, secret: str) -> bool:
    """Compare a stored digest with a presented key in constant time."""
    return hmac.compare_digest(stored.encode(), digest(key_id, secret).encode())


def judge(facts: Facts, now: datetime) -> tuple[State, datetime | None]:
    """Return a key's state at ``now`` and the instant since which it holds (``None`` while active).

    The first that applies wins, final ends before reversible ones.
    """
    ends = (
        (State.REVOKED, facts.revoked_at),
        (State.MEMBERSHIP_ENDED, facts.membership_ended_at),
        (State.OWNER_DISABLED, facts.member_disabled_at),
        (State.REPLACED, _reached(facts.overlap_ends_at, now)),
        (State.EXPIRED, _reached(facts.expires_at, now)),
        (State.SUSPENDED, facts.suspended_at),
    )
    return next(((state, at) for state, at in ends if at is not None), (State.ACTIVE, None))


def ends_soon(ends_at: datetime | None, now: datetime) -> bool:
    """Whether a key that is accepted at ``now`` is in its last 14 days; ``ends_at`` is that of its facts."""
    return ends_at is not None and ends_at - now <= SOON


def combine(origin: str, key_id: str, secret: str) -> str:
    """Pack both parts of a key and the server's origin into one combined value."""
    members = {"apiOrigin": origin, "apiKeyId": key_id, "apiKeySecret": secret}
    payload = json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()
    return COMBINED_PREFIX + base64.urlsafe_b64encode(payload).rstrip(b"=").decode("ascii")


def parse_combined(value: str) -> Combined:
    """Unpack a combined value as every client does (contract.md 1.1); raise ``CombinedValueError``."""
    if not value.startswith(COMBINED_PREFIX):
        raise CombinedValueError("OWOX_API_KEY is required and must start with owox_key_")
    payload = value.removeprefix(COMBINED_PREFIX)
    if not _BASE64URL.fullmatch(payload):
        raise CombinedValueError("OWOX_API_KEY must contain a valid base64url payload")
    members = _decode_members(payload)
    parts = [members.get(name) for name in ("apiOrigin", "apiKeyId", "apiKeySecret")]
    trimmed = [part.strip() for part in parts if isinstance(part, str)]
    if len(trimmed) != len(parts) or not all(trimmed):
        raise CombinedValueError("OWOX_API_KEY must include apiOrigin, apiKeyId, and apiKeySecret")
    try:
        origin = normalize_origin(trimmed[0])
    except ValueError:
        raise CombinedValueError("OWOX_API_KEY apiOrigin must be a valid http or https origin") from None
    return Combined(origin, trimmed[1], trimmed[2])


def normalize_origin(text: str) -> str:
    """Return ``scheme://host[:port]`` of an http or https origin, the WHATWG way; raise ``ValueError``.

    The host is lower-cased and in its ASCII form, a default port is dropped, one trailing slash is allowed.
    A user, a path, a query or a fragment is refused.
    """
    if any(mark in text for mark in "?#@\\") or re.search(r"[\x00-\x20\x7f]", text):
        raise ValueError("an origin is scheme, host and optional port only")
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname or url.path not in {"", "/"}:
        raise ValueError("an origin is scheme, host and optional port only")
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname.encode("idna").decode("ascii").lower()
    if not _HOST.fullmatch(host):
        raise ValueError("an origin's host is a name or an address")
    default = {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{host}" + (f":{url.port}" if url.port not in (None, default) else "")


def _reached(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and now >= at else None


def _decode_members(payload: str) -> dict[str, object]:
    try:
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode("utf-8-sig")
        members = json.loads(text, parse_constant=_refuse_constant)
    except (binascii.Error, ValueError, RecursionError):
        raise CombinedValueError("OWOX_API_KEY must contain a valid JSON payload") from None
    if not isinstance(members, dict):
        raise CombinedValueError("OWOX_API_KEY must contain a JSON object")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), 6)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, 62)
        digits.append(_BASE62[rest])
    return "".join(reversed(digits))

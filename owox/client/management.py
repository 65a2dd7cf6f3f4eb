"""A member's own API keys in one project, managed with the token of a terminal's sign-in (contract.md 1.5).

    from owox.client.management import Management

    with Management("https://owox.example.com", token) as management:
        made = management.create_key("nightly import", expires_at="2027-12-31T23:59:59Z")

No error holds the token, or a secret that was just made.
"""

from collections.abc import Mapping
from typing import Any

from owox.client.client import USER_AGENT
from owox.client.errors import ApiError, ConfigError
from owox.client.keyless import Keyless
from owox.client.paths import segment
from owox.client.shapes import Check, both, having, listing, moment, nullable, text

KEYS = "/api/project-member-api-keys"
END = "/api/auth/terminal-sign-in/end"
KEPT = object()  # the expiry that a rotation gives by itself
_KEY = having(
    apiKeyId=text, name=text, expiresAt=nullable(moment), createdAt=moment, lastAuthenticatedAt=nullable(moment)
)
_MADE = both(_KEY, having(apiKeySecret=text, apiKey=text))
_HINTS = {
    401: "The sign-in has ended, at the latest after 15 minutes: sign in again.",
    404: "Check the API Key ID; the list shows yours, revoked ones when asked for.",
}


class Management(Keyless):
    """Raises ``ConfigError`` for an address that is none, or for a token that cannot be sent."""

    def __init__(self, origin: str, token: str, *, user_agent: str = USER_AGENT) -> None:
        if not (token and token.isascii() and token.isprintable()):
            raise ConfigError("The management token holds characters that no token has")
        super().__init__(origin, user_agent)
        self._token = token

    def list_keys(self, *, revoked: bool = False) -> list[dict[str, Any]]:
        """Return all keys, newest first, each ``{apiKeyId, name, expiresAt, createdAt, lastAuthenticatedAt}``.

        Expired ones are always there, revoked ones when asked for.
        """
        params = {"includeRevoked": "true"} if revoked else {}
        found: list[dict[str, Any]] = self._call("GET", KEYS, params=params, sound=listing(_KEY))
        return found

    def create_key(self, name: str, *, expires_at: str | None = None) -> dict[str, Any]:
        """Create a key; ``expires_at`` is RFC 3339, ``None`` means never.

        The answer has two more members than the list: ``apiKeySecret`` and ``apiKey``, the combined value. They can
        never be had again.
        """
        body = {"name": name} | ({} if expires_at is None else {"expiresAt": expires_at})
        made: dict[str, Any] = self._call("POST", KEYS, body=body, sound=_MADE)
        return made

    def rename_key(self, key_id: str, name: str) -> dict[str, Any]:
        """Give a key another name, and return it as the list has it. Raises ``ApiError``, 409 for a revoked one."""
        renamed: dict[str, Any] = self._call("PATCH", _path(key_id), body={"name": name}, sound=_KEY)
        return renamed

    def rotate_key(self, key_id: str, *, expires_at: object = KEPT, overlap_seconds: int = 0) -> dict[str, Any]:
        """Let a new key take a key's place; return it like a created one.

        ``expires_at`` is RFC 3339, ``None`` for never, or ``KEPT``: the same length of life as before, from now. The
        old key goes on for the overlap, of at most 7 days. Raises ``ApiError``, 409 for one that cannot be rotated.
        """
        body: dict[str, Any] = {"overlapSeconds": overlap_seconds}
        if expires_at is not KEPT:
            body["expiresAt"] = expires_at
        made: dict[str, Any] = self._call("POST", f"{_path(key_id)}/rotate", body=body, sound=_MADE)
        return made

    def revoke_key(self, key_id: str) -> None:
        """Revoke a key, for good; once more changes nothing."""
        self._call("DELETE", _path(key_id))

    def end(self) -> None:
        """End the sign-in itself; once more changes nothing."""
        self._call("POST", END, body={"managementToken": self._token}, bearer=False)

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        sound: Check | None = None,
        bearer: bool = True,
    ) -> Any:
        from owox.client.transport import Call

        call = Call(method, path, tuple((params or {}).items()), body=body)
        told = self._told(call, self._token, authorization=f"Bearer {self._token}" if bearer else None)
        if sound is not None and not sound(told):
            # What was said is not repeated: it may be a secret that nobody has seen yet.
            raise ApiError("OWOX API Keys API returned an unexpected response shape")
        return told

    def _understood(self, error: ApiError) -> ApiError:
        if error.status in {401, 403, 404}:
            error.hint = _HINTS.get(error.status)
        return error


def _path(key_id: str) -> str:
    return f"{KEYS}/{segment(key_id, 'API Key')}"

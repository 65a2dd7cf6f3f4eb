"""What can go wrong between a program and the API. No message, detail or hint ever holds a secret or a token."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

KEYS_PAGE = "Project settings -> My API Keys"
_SECRETS = re.compile(r"owox_(?:key|sec|mgmt)_[A-Za-z0-9_-]{16,}")
# What a server says about a key, once its secret is proven and what its holder can do.
_ENDED = {
    "API_KEY_REVOKED": ("was revoked", f"Create a new one in {KEYS_PAGE}."),
    "API_KEY_EXPIRED": ("expired", f"Create a new one in {KEYS_PAGE}."),
    "API_KEY_REPLACED": ("was replaced", f"Use the one that replaced it; {KEYS_PAGE} says which."),
    "API_KEY_SUSPENDED": ("was suspended", f"Resume it in {KEYS_PAGE}, or use another one."),
    "API_KEY_OWNER_LEFT": ("lost its owner, who left the project", "Use the key of a present member."),
    "API_KEY_OWNER_DISABLED": ("stopped working because its owner was disabled", "Ask an admin of the project."),
}

_HINTS = {
    403: "The owner of this API key may not do that. An admin of the project can give them another role.",
    404: (
        "Check the ID and the server, and that the owner of this API key may see what is asked for. "
        "Drafts cannot be read."
    ),
}
_SERVER_FAILED = "The failure is on the server's side. Try again later."


class OwoxError(Exception):
    """Any failure of this client.

    ``status`` is the HTTP status where there was an answer, ``code`` the server's word for the reason, ``details``
    what the server added (contract.md 2.5), ``hint`` a sentence that says what to do. ``name`` is the class's name
    on the wire (contract.md 5.3).
    """

    name: ClassVar[str] = "OWOXApiError"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        details: Any = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.details = details
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join(self.sentences())

    def sentences(self) -> Iterator[str]:
        """Return what a person is told, line by line: the message, why, each bad value, and what to do."""
        yield self.message
        details = self.details if isinstance(self.details, dict) else {}
        if isinstance(reason := details.get("reason"), str):
            yield f"Reason: {reason}"
        errors = details.get("errors")
        for fault in errors if isinstance(errors, list) else ():
            if isinstance(fault, dict) and isinstance(fault.get("message"), str):
                yield fault["message"]
        if self.hint:
            yield self.hint

    def as_json(self) -> dict[str, Any]:
        """Return ``{message, status?, code?, name, details?, hint?}`` (contract.md 5.3; ``hint`` is ours)."""
        members = {
            "message": self.message,
            "status": self.status,
            "code": self.code,
            "name": self.name,
            "details": self.details,
            "hint": self.hint,
        }
        return {member: value for member, value in members.items() if value is not None}


class ConfigError(OwoxError):
    """The credentials or arguments cannot be used; nothing was sent."""

    name = "OWOXConfigError"


class NetworkError(OwoxError):
    """No answer, or none that ended. On the wire an ``OWOXApiError`` with the code ``NETWORK_ERROR``."""


class ApiError(OwoxError):
    """The server answered, with a refusal or with something that is not the API's."""


class AuthError(ApiError):
    """The key or its token was refused: a 401 on any call, or any failure of the exchange."""

    name = "OWOXAuthError"


# An address is not repeated in what is said of it: it may hold a password.
ORIGIN_HINT = "Write it like https://owox.example.com."


def unreachable(origin: str, reason: str) -> NetworkError:
    """Return the error for a server that gives no answer, in the words of every client of the API (contract.md 8.1)."""
    return NetworkError(
        f"Unable to reach OWOX Data Marts API at {origin}. Check OWOX_API_ORIGIN and network connectivity.",
        code="NETWORK_ERROR",
        details={"reason": reason},
        hint=_way_out(origin, reason),
    )


def without_secrets(text: str) -> str:
    """Return a text with what looks like a secret or a combined value hidden."""
    return _SECRETS.sub("[hidden]", text)


def refusal(status: int, phrase: str, content_type: str, text: str, *, origin: str, exchange: bool = False) -> ApiError:
    """Turn an answer other than 2xx into the error that every client of the API makes of it (contract.md 2.5)."""
    body = _json_object(text) if "application/json" in content_type else {}
    message = body.get("message")
    code = next((word for word in (body.get("code"), body.get("error")) if isinstance(word, str) and word), None)
    details = next((body[name] for name in ("details", "errorDetails") if body.get(name) is not None), body or None)
    kind = AuthError if exchange or status == 401 else ApiError
    return kind(
        f"OWOX API request failed with {status} {phrase}".rstrip()
        + (f": {message}" if isinstance(message, str) else ""),
        status=status,
        code=code,
        details=details,
        hint=_hint(status, code, details, origin),
    )


def _hint(status: int, code: str | None, details: Any, origin: str) -> str | None:
    if code in _ENDED:
        ended, remedy = _ENDED[code]
        return f"This API key {ended}{_moment(details)}. {remedy}"
    if status == 401:
        return (
            f"Check the API Key ID and API Key Secret, and that the key is one of {origin}, or create a new key in "
            f"{KEYS_PAGE}."
        )
    if 300 <= status < 400:
        return "Redirects are never followed. Set OWOX_API_ORIGIN to the address that answers directly."
    return _HINTS.get(status, _SERVER_FAILED if status >= 500 else None)


def _way_out(origin: str, reason: str) -> str | None:
    """Return what most often helps where no connection came about."""
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return "If the certificate is one of your own authority, name that authority's file in SSL_CERT_FILE."
    # Some servers wait for the end of what they take for a line of http, others answer that in http.
    if origin.startswith("https:") and ("WRONG_VERSION_NUMBER" in reason or reason == "connect timeout"):
        return "If the server speaks http and not https, begin its address with http://."
    return None


def _moment(details: Any) -> str:
    """Return `` on 25 Nov 2026, 10:15 UTC`` for ``details.at`` (RFC 3339), or nothing."""
    try:
        return f" on {day(datetime.fromisoformat(details['at']))}"
    except (TypeError, KeyError, ValueError, OverflowError):
        return ""


def day(at: datetime) -> str:
    """Return an instant as ``25 Nov 2026, 10:15 UTC``."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


def _json_object(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}

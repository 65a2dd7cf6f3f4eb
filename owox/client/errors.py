"""What can go wrong between a program and the API. No message, detail or hint ever holds a secret or a token."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from owox.client.decoding import decoded
from owox.client.hints import for_refusal, for_silence

_SECRETS = re.compile(r"owox_(?:key|sec|mgmt)_[A-Za-z0-9_-]{16,}")


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


def unreachable(origin: str, reason: str, named: str = "OWOX_API_ORIGIN") -> NetworkError:
    """Return the error for a server that gives no answer, in the words of every client of the API (contract.md 8.1).

    ``named`` says where its address was given.
    """
    return NetworkError(
        f"Unable to reach OWOX Data Marts API at {origin}. Check {named} and network connectivity.",
        code="NETWORK_ERROR",
        details={"reason": reason},
        hint=for_silence(origin, reason),
    )


def without_secrets(text: str) -> str:
    """Return a text with what looks like a secret or a combined value hidden."""
    return _SECRETS.sub("[hidden]", text)


def refusal(
    status: int, phrase: str, headers: Mapping[str, str], text: str, *, origin: str, exchange: bool = False
) -> ApiError:
    """Turn an answer other than 2xx into the error that every client of the API makes of it (contract.md 2.5)."""
    body = _json_object(text) if "application/json" in headers.get("content-type", "") else {}
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
        hint=for_refusal(status, code, details, headers, origin=origin, exchange=exchange),
    )


def _json_object(text: str) -> dict[str, Any]:
    try:
        body = decoded(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}

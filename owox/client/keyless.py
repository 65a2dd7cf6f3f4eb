"""Calls to one server that no API key stands for: what the sign-ins with a proof of their own have in common."""

import json
from typing import TYPE_CHECKING, Any, Self

from owox import keys
from owox.client.errors import ApiError, ConfigError, refusal, without_secrets
from owox.client.hints import ORIGIN_HINT

if TYPE_CHECKING:
    from owox.client.transport import Call


class Keyless:
    """Raises ``ConfigError`` for an address that is none."""

    def __init__(self, origin: str, user_agent: str) -> None:
        from owox.client.transport import Transport

        try:
            self.origin = keys.normalize_origin(origin)
        except ValueError:
            # The value is not repeated: it may hold a password.
            raise ConfigError(
                "The server's address must be a valid http or https address: scheme, host, and optional port only",
                hint=ORIGIN_HINT,
            ) from None
        self._transport = Transport(self.origin, {"user-agent": user_agent}, named="its address")

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _told(self, call: "Call", secret: str, *, authorization: str | None = None) -> Any:
        """Return the JSON of an answer, ``None`` where it is none; raise a refusal without the secret in it."""
        from owox.client.transport import ERROR_BODY_MAX, parse, phrase

        response = self._transport.send(call, {} if authorization is None else {"authorization": authorization})
        if not response.is_success:
            said = self._transport.text(response, limit=ERROR_BODY_MAX)
            for hidden in {secret, json.dumps(secret)[1:-1]} - {""}:
                said = said.replace(hidden, "[hidden]")
            said, status = without_secrets(said), response.status_code
            raise self._understood(refusal(status, phrase(response), response.headers, said, origin=self.origin))
        try:
            return parse(response, self._transport.text(response))
        except ValueError:
            return None

    def _understood(self, error: ApiError) -> ApiError:
        """Return what a refusal means here."""
        return error

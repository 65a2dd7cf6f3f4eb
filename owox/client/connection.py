"""Authorised calls: one exchange for all threads, one repeat after a 401, and nothing secret in what is raised."""

import json
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from owox.client.credentials import Credentials
from owox.client.errors import ApiError, AuthError, OwoxError, refusal, without_secrets
from owox.client.hints import no_api
from owox.client.shapes import unexpected

if TYPE_CHECKING:
    import httpx

    from owox.client.transport import Call, Transport

EXCHANGE = "/api/auth/api-keys/exchange"
REVOKE = "/api/auth/api-keys/revoke"
ENDS_AT = "x-owox-api-key-expires-at"


class Exchange:
    """An exchange under way. Every thread that needs a token meanwhile shares what comes of it."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self.token: str | None = None
        self.error: OwoxError | None = None

    def wait(self) -> str | None:
        """Return the token once there is one, ``None`` if whoever led it was interrupted; raise what refused it."""
        self.ended.wait()
        if self.error is not None:
            raise self.error
        return self.token


class Connection:
    """Calls with the credentials of one key. ``key_ends_at`` is what the last answers said of the key's end."""

    def __init__(self, credentials: Credentials, user_agent: str) -> None:
        self.key_ends_at: datetime | None = None
        self._credentials = credentials
        self._user_agent = user_agent
        self._opened: Transport | None = None
        self._token: str | None = None
        self._under_way: Exchange | None = None
        self._lock = threading.Lock()

    def json(self, call: "Call", what: str, sound: Callable[[Any], bool], *, empty: bool = False) -> Any:
        """Return the JSON of an answer that is ``sound``, else raise ``ApiError``; ``None`` for an ``empty`` one."""
        from owox.client.transport import parse

        response = self.open(call)
        text = self._transport.text(response)
        if empty and not text:
            return None
        try:
            body = parse(response, text)
        except ValueError:
            raise unexpected(what, self._redacted(text), hint=no_api(self._credentials.origin)) from None
        if not sound(body):
            raise unexpected(what, self._redacted(text))
        return body

    def text(self, call: "Call", what: str) -> str:
        """Return the text of an answer that is no JSON, else raise ``ApiError``."""
        response = self.open(call)
        text = self._transport.text(response)
        if "application/json" in response.headers.get("content-type", ""):
            raise unexpected(what, self._redacted(text))
        return text

    def done(self, call: "Call") -> None:
        """Make a call whose answer holds nothing."""
        self.open(call).close()

    def open(self, call: "Call") -> "httpx.Response":
        """Return an answer with its body unread; raise ``ApiError`` for a status other than 2xx."""
        token = self._token_other_than(None)
        response = self._send(call, token)
        if response.status_code == 401:
            response.close()
            response = self._send(call, self._token_other_than(token))
        if not response.is_success:
            raise self._refusal(response)
        return response

    def authenticate(self) -> None:
        """Exchange the key for an access token, whether one is held or not; raise ``AuthError``."""
        self._token_other_than(self._token)

    def revoke(self) -> None:
        """Revoke the key; raise ``AuthError``. Its secret is enough, and no access token is asked for."""
        self._proven(REVOKE).close()
        with self._lock:
            self._token = None

    def close(self) -> None:
        """Close what is open. A later call opens it again."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _token_other_than(self, refused: str | None) -> str:
        while True:
            with self._lock:
                if self._token is not None and self._token != refused:
                    return self._token
                exchange, mine = self._under_way, self._under_way is None
                if exchange is None:
                    exchange = self._under_way = Exchange()
            if mine:
                return self._lead(exchange)
            if token := exchange.wait():
                return token

    def _lead(self, exchange: Exchange) -> str:
        try:
            token = exchange.token = self._exchanged()
        except OwoxError as error:
            exchange.error = error
            raise
        finally:
            with self._lock:
                self._token, self._under_way = exchange.token, None
            exchange.ended.set()
        return token

    def _exchanged(self) -> str:
        from owox.client.transport import parse

        response = self._proven(EXCHANGE)
        try:
            answer = parse(response, self._transport.text(response))
            token = answer["accessToken"]  # type: ignore[index]
        except (ValueError, TypeError, KeyError):
            token = None
        if isinstance(token, str) and token and token.isascii() and token.isprintable():
            return token
        raise AuthError(
            "OWOX authentication response did not include an access token",
            status=response.status_code,
            hint=no_api(self._credentials.origin),
        )

    def _proven(self, path: str) -> "httpx.Response":
        """Return what is answered to the secret itself, with its body unread."""
        from owox.client.transport import Call

        secret = {"apiKeySecret": self._credentials.secret}
        response = self._transport.send(Call("POST", path, body=secret), {})
        self._note_end(response)
        if not response.is_success:
            raise self._refusal(response, exchange=True)
        return response

    def _send(self, call: "Call", token: str) -> "httpx.Response":
        response = self._transport.send(call, {"x-owox-authorization": f"Bearer {token}"})
        self._note_end(response)
        return response

    def _note_end(self, response: "httpx.Response") -> None:
        try:
            at = datetime.fromisoformat(response.headers[ENDS_AT])
        except (KeyError, ValueError):
            return
        if at.tzinfo is not None:
            self.key_ends_at = at

    def _refusal(self, response: "httpx.Response", *, exchange: bool = False) -> ApiError:
        from owox.client.transport import ERROR_BODY_MAX, phrase

        text = self._redacted(self._transport.text(response, limit=ERROR_BODY_MAX))
        status, origin = response.status_code, self._credentials.origin
        return refusal(status, phrase(response), response.headers, text, origin=origin, exchange=exchange)

    def _redacted(self, text: str) -> str:
        """Take secrets, combined values and the token out of what the server says, should it repeat them."""
        for hidden in (self._credentials.secret, self._token or ""):
            # A shorter text is no secret of any server, and would be found in every other word.
            if len(hidden) >= 8:
                text = text.replace(hidden, "[hidden]").replace(json.dumps(hidden)[1:-1], "[hidden]")
        return without_secrets(text)

    @property
    def _transport(self) -> "Transport":
        from owox.client.transport import Transport

        with self._lock:
            if self._opened is None:
                headers = {"x-owox-api-key-id": self._credentials.key_id, "user-agent": self._user_agent}
                self._opened = Transport(self._credentials.origin, headers)
            return self._opened

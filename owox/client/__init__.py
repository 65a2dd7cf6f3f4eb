"""Python client of the API, for scripts, notebooks and ``owox-ctl``. Knows the wire (contract.md 2-4), not the server.

    from owox.client import Client

    with Client.from_env() as client:
        for mart in client.data_marts():
            print(mart["id"], mart["title"])
        with client.stream(mart["id"], limit=1000) as stream:
            for row in stream:
                print(row)

The HTTP library is imported with the first call, so that a command that makes none starts fast.
"""

import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote

from owox import __version__
from owox.client import shapes
from owox.client.credentials import Credentials
from owox.client.errors import ApiError, AuthError, ConfigError, NetworkError, OwoxError, refusal
from owox.client.rows import Stream

if TYPE_CHECKING:
    import httpx

    from owox.client.transport import Call, Transport

__all__ = ["ApiError", "AuthError", "Client", "ConfigError", "Credentials", "NetworkError", "OwoxError", "Stream"]

Answer = TypeVar("Answer")

EXCHANGE = "/api/auth/api-keys/exchange"
_SECRETS = re.compile(r"owox_(?:key|sec)_[A-Za-z0-9_-]{16,}")


class Client:
    """One API key on one server. Safe to share between threads: concurrent first calls make one exchange."""

    def __init__(
        self, *, origin: str, key_id: str, secret: str, user_agent: str = f"owox-python/{__version__}"
    ) -> None:
        self.credentials = Credentials.of(origin, key_id, secret)
        self._user_agent = user_agent
        self._opened: Transport | None = None
        self._token: str | None = None
        self._lock = threading.RLock()

    @classmethod
    def from_combined(cls, value: str) -> Self:
        """Make a client of a combined value (``owox_key_...``); raise ``ConfigError``."""
        return cls._of(Credentials.from_combined(value))

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Make a client of ``OWOX_API_KEY`` or of the three variables; raise ``ConfigError``."""
        return cls._of(Credentials.from_env(os.environ if environ is None else environ))

    @classmethod
    def _of(cls, found: Credentials) -> Self:
        return cls(origin=found.origin, key_id=found.key_id, secret=found.secret)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(origin={self.credentials.origin!r}, key_id={self.credentials.key_id!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. A later call opens new ones."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    def authenticate(self) -> None:
        """Exchange the key for an access token now, whether one is held or not; raise ``AuthError``."""
        from owox.client.transport import Call, parse

        call = Call("POST", EXCHANGE, body={"apiKeySecret": self.credentials.secret})
        with self._lock:
            self._token = None
            response = self._transport.send(call, {})
            if not response.is_success:
                raise self._refusal(response, exchange=True)
            try:
                answer = parse(response, self._transport.text(response))
                token = answer["accessToken"]  # type: ignore[index]
            except (ValueError, TypeError, KeyError):
                token = None
            if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
                raise AuthError(
                    "OWOX authentication response did not include an access token",
                    status=response.status_code,
                    hint=f"Check that {self.credentials.origin} is the address of an OWOX Data Marts server.",
                )
            self._token = token

    def context(self) -> dict[str, Any]:
        """Return ``{apiKeyId, authFlow, project: {id, title}, member: {userId, email, fullName, avatar, roles}}``."""
        return self._get("/api/auth/context", "Auth Context", shapes.context)

    def data_marts(self) -> list[dict[str, Any]]:
        """Return every data mart that the key may see, all pages, each as the server sent it (contract.md 3.2)."""
        marts: list[dict[str, Any]] = []
        offset: int | None = None
        seen: set[int] = set()
        while True:
            params = () if offset is None else (("offset", str(offset)),)
            items, offset = self._get("/api/data-marts", "Data Marts", shapes.data_mart_page, params)
            marts += items
            if offset is None:
                return marts
            if offset in seen:
                raise ApiError(f"OWOX Data Marts API returned repeated nextOffset {offset}")
            seen.add(offset)

    @contextmanager
    def stream(
        self,
        mart_id: str,
        *,
        columns: str | None = None,
        column: Sequence[str] = (),
        limit: int | None = None,
    ) -> Iterator[Stream]:
        """Open the rows of a data mart (contract.md 4): ``columns`` is ``*`` or ``**``, ``column`` exact names.

        Leaving the block closes the connection, which ends the reading on the server.
        """
        from owox.client.transport import Call

        path = f"/api/external/http-data/data-marts/{_path_part(mart_id)}.ndjson"
        call = Call("GET", path, _row_params(columns, column, limit), rows=True)
        try:
            response = self._authorized(call)
        except ApiError as error:
            found = error.details if isinstance(error.details, dict) else {}
            error.details = {"dataMartId": mart_id, **found}
            raise
        try:
            yield Stream(response, mart_id)
        finally:
            response.close()

    def _get(
        self, path: str, what: str, shape: Callable[[Any], Answer], params: tuple[tuple[str, str], ...] = ()
    ) -> Answer:
        from owox.client.transport import Call, parse

        response = self._authorized(Call("GET", path, params))
        text = self._transport.text(response)
        try:
            return shape(parse(response, text))
        except ValueError:
            raise shapes.unexpected(what, self._redacted(text)) from None

    def _authorized(self, call: "Call") -> "httpx.Response":
        """Send a call with a token; after a 401 exchange again and repeat it once."""
        token = self._token_other_than(None)
        response = self._send(call, token)
        if response.status_code == 401:
            response.close()
            response = self._send(call, self._token_other_than(token))
        if not response.is_success:
            raise self._refusal(response)
        return response

    def _send(self, call: "Call", token: str) -> "httpx.Response":
        return self._transport.send(call, {"x-owox-authorization": f"Bearer {token}"})

    def _token_other_than(self, refused: str | None) -> str:
        with self._lock:
            if self._token is None or self._token == refused:
                self.authenticate()
            return self._token or ""

    def _refusal(self, response: "httpx.Response", *, exchange: bool = False) -> ApiError:
        from owox.client.transport import ERROR_BODY_MAX, phrase

        text = self._redacted(self._transport.text(response, limit=ERROR_BODY_MAX))
        kind = response.headers.get("content-type", "")
        return refusal(response.status_code, phrase(response), kind, text, exchange=exchange)

    def _redacted(self, text: str) -> str:
        """Take secrets, combined values and the token out of what the server says, should it repeat them."""
        for hidden in (self.credentials.secret, self._token or ""):
            # A shorter text is no secret of any server, and would be found in every other word.
            if len(hidden) >= 8:
                text = text.replace(hidden, "[hidden]").replace(json.dumps(hidden)[1:-1], "[hidden]")
        return _SECRETS.sub("[hidden]", text)

    @property
    def _transport(self) -> "Transport":
        from owox.client.transport import Transport

        with self._lock:
            if self._opened is None:
                headers = {"x-owox-api-key-id": self.credentials.key_id, "user-agent": self._user_agent}
                self._opened = Transport(self.credentials.origin, headers)
            return self._opened


def _path_part(mart_id: str) -> str:
    if not mart_id or len(mart_id) > 255 or any(mark in mart_id for mark in "/\\%"):
        raise ConfigError("That is not the ID of a data mart")
    try:
        return quote(mart_id, safe="")
    except UnicodeEncodeError:
        raise ConfigError("That is not the ID of a data mart") from None


def _row_params(columns: str | None, column: Sequence[str], limit: int | None) -> tuple[tuple[str, str], ...]:
    if columns == "**" and column:
        raise ConfigError('columns "**" cannot be combined with exact column values')
    return (
        *((("columns", columns),) if columns is not None else ()),
        *(("column", name) for name in column),
        *((("limit", str(limit)),) if limit is not None else ()),
    )

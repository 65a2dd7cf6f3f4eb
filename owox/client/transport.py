"""One HTTP exchange with the server. Knows timeouts, redirects and truncation; knows nothing of keys and tokens."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.request import getproxies

import httpx

from owox.client.decoding import decoded
from owox.client.direct import DirectTransport
from owox.client.errors import ConfigError, unreachable

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
STREAM_READ_SECONDS = 300.0
ERROR_BODY_MAX = 64 * 1024

JSON = "application/json"
NDJSON = "application/x-ndjson"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask. ``body`` goes out as JSON; it may hold the secret. ``accept`` is the media type to answer with."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    body: object = field(default=None, repr=False)
    accept: str = JSON


class Transport:
    """Connections to one origin, kept open between calls and shared by threads."""

    def __init__(self, origin: str, headers: Mapping[str, str], *, named: str = "OWOX_API_ORIGIN") -> None:
        self._origin, self._named = origin, named
        # A credential in a header is the only one this client has; cookies are neither kept nor sent.
        no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        try:
            trust = _trust(origin)
            self._http = httpx.Client(
                base_url=origin, headers=headers, cookies=no_cookies, follow_redirects=False, verify=trust
            )
            self._rows = self._http
            self._proxied = bool(getproxies().keys() - {"no"})
            if not self._proxied:
                self._rows = httpx.Client(
                    base_url=origin, headers=headers, cookies=no_cookies, transport=DirectTransport(trust)
                )
        except (OSError, ValueError, ImportError, httpx.InvalidURL) as error:
            raise ConfigError(f"The proxy or certificate settings of the environment cannot be used: {error}") from None

    def close(self) -> None:
        self._http.close()
        self._rows.close()

    def send(self, call: Call, headers: Mapping[str, str]) -> httpx.Response:
        """Send a call and return the response with its body unread; raise ``NetworkError``."""
        sent = {**headers, "accept": call.accept}
        rows = call.accept == NDJSON
        http = self._rows if rows else self._http
        if rows:
            # A compressed stream may end early without an error; only the framing of plain bytes tells a cut.
            sent["accept-encoding"] = "identity"
        read_seconds = STREAM_READ_SECONDS if rows else READ_SECONDS
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, read=read_seconds)
        try:
            request = http.build_request(
                call.method, call.path, params=call.params or None, json=call.body, headers=sent, timeout=timeout
            )
        except UnicodeEncodeError:
            raise ConfigError("An argument is not valid UTF-8 text") from None
        with self._reachable():
            return http.send(request, stream=True)

    def text(self, response: httpx.Response, limit: int | None = None) -> str:
        """Read a body whole (or its first ``limit`` bytes) and let the connection go."""
        body = bytearray()
        with self._reachable():
            try:
                for chunk in response.iter_bytes():
                    body += chunk
                    if limit is not None and len(body) >= limit:
                        break
            finally:
                response.close()
        return body[:limit].decode("utf-8", "replace")

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except (httpx.RequestError, httpx.InvalidURL, ssl.SSLError) as error:
            # The library's words are kept only for plain failures to connect: others may quote a header.
            said = str(error) if isinstance(error, httpx.ConnectError | httpx.ProxyError) else ""
            gone = unreachable(self._origin, said or _words(type(error).__name__), self._named)
            if self._proxied and gone.hint is None:
                gone.hint = (
                    "The environment names a proxy, which may be what cannot be reached: HTTPS_PROXY or the like."
                )
            raise gone from None


def _trust(origin: str) -> ssl.SSLContext:
    """Return what TLS trusts. Where none is spoken, no certificates are loaded, which takes longer than a call."""
    if origin.startswith("https:") or any(proxy.startswith("https:") for proxy in getproxies().values()):
        return httpx.create_ssl_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def phrase(response: httpx.Response) -> str:
    """Return the reason phrase as sent, or the usual one where none was."""
    if response.reason_phrase:
        return response.reason_phrase
    try:
        return HTTPStatus(response.status_code).phrase
    except ValueError:
        return ""


def parse(response: httpx.Response, text: str) -> object:
    """Return the JSON of an answer that says it is JSON, else raise ``ValueError``."""
    if JSON not in response.headers.get("content-type", ""):
        raise ValueError("not labelled as JSON")
    value: object = decoded(text)
    return value


def _words(name: str) -> str:
    return "".join(f" {mark.lower()}" if mark.isupper() else mark for mark in name).strip()

"""Sign-in by way of the browser, in the model of RFC 8628: ask, show a code, fetch what a member approved.

    from owox.client.device import DeviceSignIn

    with DeviceSignIn("https://owox.example.com") as sign_in:
        asked = sign_in.begin(name="nightly import")
        print(f"Type {asked.user_code} at {asked.uri}")
        key = sign_in.wait(asked)

No error holds the device code or what was fetched.
"""

import time
from dataclasses import dataclass, field
from typing import Any

from owox.client.client import USER_AGENT
from owox.client.errors import ApiError, AuthError, NetworkError, OwoxError
from owox.client.hints import no_api
from owox.client.keyless import Keyless
from owox.client.shapes import both, count, having, moment, nullable, text

BEGIN = "/api/auth/device-authorization"
FETCH = "/api/auth/device-token"
PENDING, SLOW_DOWN, DENIED, EXPIRED = "AUTHORIZATION_PENDING", "SLOW_DOWN", "ACCESS_DENIED", "EXPIRED_TOKEN"
SLOWER_SECONDS = 5
SECONDS_MAX = 24 * 3600


def _seconds(value: Any) -> bool:
    """Whether it is a time that a person may wait for."""
    return count(value) and value <= SECONDS_MAX


_BEGUN = having(
    deviceCode=text,
    userCode=text,
    verificationUri=text,
    verificationUriComplete=text,
    expiresIn=_seconds,
    interval=_seconds,
)
_MEMBER = having(userId=text, email=nullable(text), fullName=nullable(text))
_SHARED = having(purpose=text, projectId=text, projectTitle=text, member=_MEMBER)
_FETCHED = {
    "key": both(_SHARED, having(apiKeyId=text, apiKeySecret=text, name=text, expiresAt=nullable(moment))),
    "manage": both(_SHARED, having(managementToken=text, managementTokenExpiresIn=_seconds)),
}
_AGAIN = "Start again for a new code."
_ENDED = {
    DENIED: (
        "The request was denied",
        "Somebody denied it in the browser, or whoever approved it is no longer a member of the project.",
    ),
    EXPIRED: ("The code was not approved in time, or was used already", ""),
}
_LOST = "The answer to the call before was lost: if a new API key was never used, revoke it."


@dataclass(frozen=True, slots=True)
class Authorization:
    """What to show, and for how many seconds it is good; between two fetches lie at least ``interval`` seconds."""

    purpose: str
    user_code: str
    uri: str
    uri_with_code: str
    expires_in: int
    interval: int
    device_code: str = field(repr=False)


class _AnotherAnswered(ApiError):
    """What came is nothing that the API says."""


class DeviceSignIn(Keyless):
    """Sign-in to one server by way of the browser. Raises ``ConfigError`` for an address that is none."""

    def __init__(self, origin: str, *, user_agent: str = USER_AGENT) -> None:
        super().__init__(origin, user_agent)

    def begin(self, purpose: str = "key", *, name: str | None = None, client: str | None = None) -> Authorization:
        """Ask; ``name`` is what to call the key, ``client`` what asks, both shown to the member.

        Raises ``ApiError`` or ``NetworkError``.
        """
        given = {"purpose": purpose, "name": name, "client": client}
        told = self._call(BEGIN, {member: value for member, value in given.items() if value is not None})
        if not _BEGUN(told):
            raise ApiError(
                "OWOX Device Authorization API returned an unexpected response shape",
                hint=no_api(self.origin),
            )
        return Authorization(
            purpose=purpose,
            user_code=told["userCode"],
            uri=told["verificationUri"],
            uri_with_code=told["verificationUriComplete"],
            expires_in=told["expiresIn"],
            interval=told["interval"],
            device_code=told["deviceCode"],
        )

    def fetch(self, asked: Authorization) -> dict[str, Any]:
        """Return what a member approved, once: for a key ``apiKeyId, apiKeySecret, name, expiresAt, projectId, ...``.

        For the purpose ``manage``, ``managementToken`` and ``managementTokenExpiresIn`` (seconds) are in their place.

        Raises ``ApiError`` with the ``code`` ``AUTHORIZATION_PENDING`` or ``SLOW_DOWN`` while nobody has answered,
        ``AuthError`` once the code is denied or over, ``NetworkError``.
        """
        told = self._call(FETCH, {"deviceCode": asked.device_code})
        if told is None:
            raise _AnotherAnswered(
                "OWOX Device Token API returned an unexpected response shape", hint=no_api(self.origin)
            )
        if not _FETCHED[asked.purpose](told) or told["purpose"] != asked.purpose:
            raise ApiError("OWOX Device Token API returned an unexpected response shape", hint=_LOST)
        fetched: dict[str, Any] = told
        return fetched

    def wait(self, asked: Authorization) -> dict[str, Any]:
        """Fetch at the interval until there is an answer. A call that is lost is made again until the code's end.

        So is one that something on the way has answered, such as a network that wants a sign-in of its own.

        Raises what ``fetch`` does, except while nobody has answered.
        """
        lost: OwoxError | None = None
        end, interval = time.monotonic() + asked.expires_in, max(asked.interval, 1)
        while time.monotonic() < end:
            time.sleep(interval)
            try:
                return self.fetch(asked)
            except OwoxError as error:
                if not _passes(error):
                    if lost is not None and error.code == EXPIRED:
                        error.hint = f"{error.hint} {_LOST}"
                    raise
                lost = None if error.code in {PENDING, SLOW_DOWN} else error
                interval += SLOWER_SECONDS if error.code == SLOW_DOWN else 0
        if lost is None:
            raise _ended(EXPIRED, None)
        lost.hint = f"{lost.hint or ''} The code has run out meanwhile. {_AGAIN} {_LOST}".lstrip()
        raise lost

    def _call(self, path: str, body: dict[str, str]) -> Any:
        from owox.client.transport import Call

        return self._told(Call("POST", path, body=body), body.get("deviceCode", ""))

    def _understood(self, error: ApiError) -> ApiError:
        if error.code in _ENDED:
            return _ended(error.code, error.status)
        if error.status in {404, 405}:
            error.hint = f"{self.origin} offers no sign-in by way of the browser: use an API key."
        return error


def _ended(code: str, status: int | None) -> AuthError:
    message, why = _ENDED[code]
    return AuthError(message, status=status, code=code, hint=f"{why} {_AGAIN}".lstrip())


def _passes(error: OwoxError) -> bool:
    """Whether the next call may go well: nobody has answered yet, or there is trouble at the server or on the way."""
    if isinstance(error, NetworkError | _AnotherAnswered) or error.code in {PENDING, SLOW_DOWN}:
        return True
    status = error.status or 0
    return 300 <= status < 400 or status == 429 or status >= 500

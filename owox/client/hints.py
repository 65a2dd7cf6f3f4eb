"""What to do about an answer that is no success, or about none: the sentence that an error ends with."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

KEYS_PAGE = "Project settings -> My API Keys"
# An address is not repeated in what is said of it: it may hold a password.
ORIGIN_HINT = "Write it like https://owox.example.com."
WAIT_MAX_SECONDS = 24 * 3600
# What a server says about a key, once its secret is proven and what its holder can do.
_ENDED = {
    "API_KEY_REVOKED": ("was revoked", f"Create a new one in {KEYS_PAGE}."),
    "API_KEY_EXPIRED": ("expired", f"Create a new one in {KEYS_PAGE}."),
    "API_KEY_REPLACED": ("was replaced", f"Use the one that replaced it; {KEYS_PAGE} says which."),
    "API_KEY_SUSPENDED": ("was suspended", f"Resume it in {KEYS_PAGE}, or use another one."),
    "API_KEY_OWNER_LEFT": ("lost its owner, who left the project", "Use the key of a present member."),
    "API_KEY_OWNER_DISABLED": ("stopped working because its owner was disabled", "Ask an admin of the project."),
}
_OF_STATUS = {
    403: "The owner of this API key may not do that. An admin of the project can give them another role.",
    404: (
        "Check the ID and the server, and that the owner of this API key may see what is asked for. "
        "Drafts cannot be read."
    ),
    407: "A proxy on the way wants a sign-in of its own, which goes into its address: http://name:password@host:port.",
    511: "This network wants a sign-in of its own first: open any page in a browser.",
}
_OF_CERTIFICATE = {
    "certificate has expired": "The server's certificate has expired, or the clock of this machine is wrong.",
    "certificate is not yet valid": "The server's certificate is not valid yet, or the clock of this machine is wrong.",
    "ismatch": "The certificate is one of another server: check the address.",
}


def for_refusal(
    status: int, code: str | None, details: Any, headers: Mapping[str, str], *, origin: str, exchange: bool
) -> str | None:
    """Return what to do about a status other than 2xx; ``code`` and ``details`` are the server's, if it said any."""
    if code in _ENDED:
        ended, remedy = _ENDED[code]
        return f"This API key {ended}{_moment(details)}. {remedy}"
    if status == 401:
        return (
            f"Check the API Key ID and API Key Secret, and that the key is one of {origin}, or create a new key in "
            f"{KEYS_PAGE}."
        )
    if 300 <= status < 400:
        return f"Redirects are never followed. {_elsewhere(headers.get('location', ''), origin)}"
    if status == 404 and exchange:
        return no_api(origin)
    if status in _OF_STATUS:
        return _OF_STATUS[status]
    again = f"Try again {_wait(headers.get('retry-after', ''))}."
    if status == 429:
        # A server that says why says also for how long.
        return None if details else again
    return f"The failure is on the server's side. {again}" if status >= 500 else None


def for_silence(origin: str, reason: str) -> str | None:
    """Return what most often helps where no connection came about."""
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        named = "If the certificate is one of your own authority, name that authority's file in SSL_CERT_FILE."
        return next((hint for words, hint in _OF_CERTIFICATE.items() if words in reason), named)
    if reason.startswith("407"):
        return _OF_STATUS[407]
    # Some servers wait for the end of what they take for a line of http, others answer that in http.
    if origin.startswith("https:") and ("WRONG_VERSION_NUMBER" in reason or reason == "connect timeout"):
        return "If the server speaks http and not https, begin its address with http://."
    return None


def no_api(origin: str) -> str:
    """Return what to check where the answer is none of the API's."""
    return f"Check that {origin} is the address of an OWOX Data Marts server, and that the network asks for no sign-in."


def day(at: datetime) -> str:
    """Return an instant as ``25 Nov 2026, 10:15 UTC``."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


def _elsewhere(location: str, origin: str) -> str:
    """Say where a redirect leads: to the same server by another address, or to the sign-in page of a network."""
    from urllib.parse import urljoin, urlsplit

    from owox import keys

    try:
        leads = urlsplit(urljoin(origin, location))
        target = keys.normalize_origin(f"{leads.scheme}://{leads.netloc}")
    except ValueError:
        target = origin
    if target == origin:
        return "Give the address at which the server answers directly."
    return f"This one leads to {target}: give that address if it is the server's, sign in if it is the network's."


def _wait(retry_after: str) -> str:
    """Return ``in 30 seconds`` for a Retry-After (RFC 9110, 10.2.3) of a day at most, else ``later``."""
    from email.utils import parsedate_to_datetime

    try:
        if retry_after.isdecimal():
            seconds = int(retry_after)
        else:
            seconds = int((parsedate_to_datetime(retry_after).astimezone(UTC) - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError, TypeError):
        return "later"
    if not 0 < seconds <= WAIT_MAX_SECONDS:
        return "later"
    count, unit = (seconds, "second") if seconds < 120 else (-(-seconds // 60), "minute")
    return f"in {count} {unit}{'' if count == 1 else 's'}"


def _moment(details: Any) -> str:
    """Return `` on 25 Nov 2026, 10:15 UTC`` for ``details.at`` (RFC 3339), or nothing."""
    try:
        return f" on {day(datetime.fromisoformat(details['at']))}"
    except (TypeError, KeyError, ValueError, OverflowError):
        return ""

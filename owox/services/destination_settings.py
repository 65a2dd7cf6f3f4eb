"""What each type of destination is reached with: checked when it is entered, its secret part never shown again.

type                            entered                                         shown
GOOGLE_SHEETS                   {"serviceAccountKey": the key file, as JSON}    {"clientEmail", "projectId"}
LOOKER_STUDIO                   nothing: the secret key is made here            nothing; the key once, when it is made
EMAIL                           {"to": ["a@example.com", ...]}                  the same
SLACK, MS_TEAMS, GOOGLE_CHAT    {"webhookUrl": "https://..."}                   {"webhookHost"}
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from owox.services.audit import one_line
from owox.services.errors import BadSetting, Invalid
from owox.services.names import EMAIL_MAX, clean_email

ADDRESSES_MAX: Final = 50
TEXT_MAX: Final = 8_000
_WEBHOOK: Final = f"start with https:// and be at most {TEXT_MAX} ASCII characters, with no user, password or space"
SECRET_KEY: Final = "destinationSecretKey"


@dataclass(frozen=True, slots=True)
class Credentials:
    """``shown`` to those who may see the destination, ``secret`` to nobody."""

    shown: dict[str, Any]
    secret: dict[str, Any] = field(default_factory=dict, repr=False)


def check(destination_type: str, entered: Mapping[str, Any]) -> Credentials:
    """Check what a destination of this type shall be reached with. Raises ``BadSetting``; connects to nothing."""
    if destination_type not in _CHECKS:
        raise BadSetting("type", f"type must be one of the following values: {', '.join(_CHECKS)}.")
    name, checked = _CHECKS[destination_type]
    if set(entered) != ({name} if name else set()):
        wanted = f'one "{name}"' if name else "empty"
        raise BadSetting("credentials", f"credentials for {destination_type} must be {wanted}.")
    return checked(entered.get(name))


def new_secret_key() -> Credentials:
    """A secret key that Looker Studio's connector will show; 256 random bits."""
    return Credentials({}, {SECRET_KEY: secrets.token_urlsafe(32)})


def _secret_key(_nothing: object) -> Credentials:
    return new_secret_key()


def _service_account(value: object) -> Credentials:
    key = _parsed(value)
    email, private_key, project = key.get("client_email"), key.get("private_key"), key.get("project_id")
    known = key.get("type") == "service_account" and isinstance(private_key, str) and "PRIVATE KEY" in private_key
    if not known or not isinstance(email, str) or "@" not in email:
        raise _bad("serviceAccountKey", "be the JSON of a service account's key file")
    shown = {"clientEmail": email[:254], "projectId": project[:100] if isinstance(project, str) else None}
    return Credentials(shown, {"serviceAccountKey": key})


def _parsed(value: object) -> dict[str, Any]:
    if isinstance(value, str) and len(value) <= TEXT_MAX:
        try:
            value = json.loads(value)
        except ValueError:
            # The text is a secret, and the parser's message would repeat some of it.
            value = None
    if not isinstance(value, dict) or len(json.dumps(value)) > TEXT_MAX:
        raise _bad("serviceAccountKey", "be the JSON of a service account's key file")
    return value


def _addresses(value: object) -> Credentials:
    if not isinstance(value, list) or not 1 <= len(value) <= ADDRESSES_MAX:
        raise _bad("to", f"be a list of 1 to {ADDRESSES_MAX} e-mail addresses")
    return Credentials({"to": list(dict.fromkeys(_address(str(each)) for each in value))})


def _address(text: str) -> str:
    try:
        return clean_email(text)
    except Invalid:
        raise _bad("to", f'hold e-mail addresses only; this is none: "{one_line(text, EMAIL_MAX)}"') from None


def _webhook(value: object) -> Credentials:
    text = value.strip() if isinstance(value, str) else ""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise _bad("webhookUrl", _WEBHOOK) from None
    plain = text.isascii() and text.isprintable() and " " not in text and len(text) <= TEXT_MAX
    if url.scheme != "https" or not url.hostname or "@" in url.netloc or not plain:
        raise _bad("webhookUrl", _WEBHOOK)
    return Credentials({"webhookHost": f"{url.hostname}:{port}" if port else url.hostname}, {"webhookUrl": text})


def _bad(name: str, must: str) -> BadSetting:
    return BadSetting(f"credentials.{name}", f"credentials.{name} must {must}.")


_CHECKS: Final[dict[str, tuple[str, Callable[[object], Credentials]]]] = {
    "GOOGLE_SHEETS": ("serviceAccountKey", _service_account),
    "LOOKER_STUDIO": ("", _secret_key),
    "EMAIL": ("to", _addresses),
    "SLACK": ("webhookUrl", _webhook),
    "MS_TEAMS": ("webhookUrl", _webhook),
    "GOOGLE_CHAT": ("webhookUrl", _webhook),
}
TYPES: Final = tuple(_CHECKS)
TYPE_TITLES: Final = {
    "GOOGLE_SHEETS": "Google Sheets",
    "LOOKER_STUDIO": "Looker Studio",
    "EMAIL": "Email",
    "SLACK": "Slack",
    "MS_TEAMS": "Microsoft Teams",
    "GOOGLE_CHAT": "Google Chat",
}

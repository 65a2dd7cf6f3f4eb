"""The three values a client needs, from variables or a combined value, checked before anything is sent."""

import string
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from owox import keys
from owox.client.errors import ConfigError
from owox.client.hints import ORIGIN_HINT

ORIGIN = "OWOX_API_ORIGIN"
KEY_ID = "OWOX_API_KEY_ID"
SECRET = "OWOX_API_KEY_SECRET"
COMBINED = "OWOX_API_KEY"
VARIABLES = (COMBINED, ORIGIN, KEY_ID, SECRET)

# No-break space, zero-width space and byte order mark come along when a value is copied from a page or a file.
_BLANK = string.whitespace + "\u00a0\u200b\ufeff"
_QUOTES = ("''", '""', "``", "‘’", "“”")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where to call and with which key. ``origin`` is normalised."""

    origin: str
    key_id: str
    secret: str = field(repr=False)

    @classmethod
    def of(cls, origin: str, key_id: str, secret: str) -> "Credentials":
        """Check the three values as far as that is possible offline; raise ``ConfigError``.

        A secret that begins with ``owox_sec_`` must be whole; any other non-empty one is for the server to judge
        (contract.md 1.1).
        """
        if not (origin and key_id and secret):
            raise ConfigError("The API origin, the API Key ID and the API Key Secret are all required")
        if not (key_id.isascii() and key_id.isprintable()):
            raise ConfigError("The API Key ID holds characters that no API Key ID has")
        if key_id.startswith((keys.SECRET_PREFIX, keys.COMBINED_PREFIX)):
            # An ID is shown and sent in a header; this one is a secret in the wrong place.
            raise ConfigError("The API Key ID holds an API Key Secret", hint="The ID begins with pmk_.")
        if secret.startswith(keys.COMBINED_PREFIX):
            raise ConfigError(
                "The API Key Secret holds a combined value",
                hint=f"It says all there is to say: set it alone, as {COMBINED}.",
            )
        if keys.is_key_id(secret):
            raise ConfigError(
                "The API Key Secret holds an API Key ID", hint="The secret was shown once, beside the ID."
            )
        if fault := secret_fault(secret):
            raise ConfigError(f"The API Key Secret is {fault}", hint="Copy it again, whole, or create a new key.")
        try:
            return cls(keys.normalize_origin(origin), key_id, secret)
        except ValueError:
            # The value is not repeated: it may hold a password.
            raise ConfigError(
                "OWOX API origin must be a valid http or https address: scheme, host, and optional port only",
                hint=ORIGIN_HINT,
            ) from None

    @classmethod
    def from_combined(cls, value: str, note: Callable[[str], object] = warnings.warn) -> "Credentials":
        """Unpack a combined value (``owox_key_...``); raise ``ConfigError`` with contract.md 1.1's messages."""
        text = clean(COMBINED, value, note)
        try:
            parts = keys.parse_combined(text)
        except keys.CombinedValueError as error:
            raise ConfigError(str(error), hint=_instead_of_combined(text)) from None
        return cls.of(parts.origin, parts.key_id, parts.secret)

    @classmethod
    def from_env(
        cls,
        environ: Mapping[str, str],
        where: Mapping[str, str] | None = None,
        note: Callable[[str], object] = warnings.warn,
    ) -> "Credentials":
        """Read ``OWOX_API_KEY``, or the three variables, or both where they say the same; raise ``ConfigError``.

        ``where`` says, for messages, which source each variable came from. ``note`` receives one sentence for each
        value that was cleaned of outer white space or quotes.
        """
        values = {name: value for name in VARIABLES if (value := clean(name, environ.get(name, ""), note))}
        parts = (ORIGIN, KEY_ID, SECRET)
        if COMBINED in values:
            credentials = cls.from_combined(values[COMBINED], note)
            _refuse_contradiction(credentials, values, where or {})
            return credentials
        missing = [name for name in parts if name not in values]
        if len(missing) == len(parts):
            raise ConfigError("No API key is set", hint=f"Set {COMBINED}, or {ORIGIN}, {KEY_ID} and {SECRET}.")
        if missing:
            raise ConfigError(
                f"{ORIGIN}, {KEY_ID}, and {SECRET} must be set together; missing: {', '.join(missing)}",
                hint="Set by now: " + ", ".join(_sourced(name, where or {}) for name in parts if name in values) + ".",
            )
        return cls.of(*(values[name] for name in parts))


def clean(name: str, value: str, note: Callable[[str], object]) -> str:
    """Strip outer white space and one pair of quotes from a value, telling ``note`` when something went."""
    text = value.strip(_BLANK)
    if text[:1] + text[1:][-1:] in _QUOTES:
        text = text[1:-1].strip(_BLANK)
    if text and text != value:
        note(f"{name}: white space or quotes around the value were removed.")
    if any("\ud800" <= mark <= "\udfff" for mark in text):
        raise ConfigError(f"{name} is not valid UTF-8 text")
    return text


def secret_fault(secret: str) -> str | None:
    """Say what is wrong with a secret of our own format (``cut short: 41 of 58 characters``), or ``None``."""
    if not secret.startswith(keys.SECRET_PREFIX) or keys.is_secret(secret):
        return None
    if len(secret) == keys.SECRET_LENGTH:
        return "mistyped: its checksum does not fit"
    fault = "cut short" if len(secret) < keys.SECRET_LENGTH else "too long"
    return f"{fault}: {len(secret)} of {keys.SECRET_LENGTH} characters"


def _instead_of_combined(text: str) -> str:
    """Say where a part of a key belongs that stands in the place of the whole."""
    for prefix, what, name in (("pmk_", "ID", KEY_ID), (keys.SECRET_PREFIX, "Secret", SECRET)):
        if text.startswith(prefix):
            others = " and ".join(other for other in (ORIGIN, KEY_ID, SECRET) if other != name)
            return f"That is an API Key {what}: set it as {name}, with {others}."
    return "Copy the combined value again, whole."


def different_servers(one: str, other: str) -> str | None:
    """Say that two origins are those of different servers, or return ``None``.

    An origin that is none is not repeated: it may hold a password.
    """
    named = []
    for origin in (one, other):
        try:
            named.append(keys.normalize_origin(origin))
        except ValueError:
            return None if one == other else "One of them is no http or https address."
    return None if named[0] == named[1] else f"One is {named[0]}, the other {named[1]}."


def _refuse_contradiction(whole: Credentials, values: Mapping[str, str], where: Mapping[str, str]) -> None:
    differences = {
        ORIGIN: ("servers", different_servers(whole.origin, values.get(ORIGIN, whole.origin))),
        KEY_ID: ("API keys", _difference(whole.key_id, values.get(KEY_ID))),
        SECRET: ("secrets", _difference(whole.secret, values.get(SECRET))),
    }
    for name, (what, difference) in differences.items():
        if difference is not None:
            raise ConfigError(
                f"{_sourced(COMBINED, where)} and {_sourced(name, where)} name different {what}",
                hint=f"{difference} Remove the wrong one.".lstrip(),
            )


def _difference(whole: str, part: str | None) -> str | None:
    return None if part is None or part == whole else ""


def _sourced(name: str, where: Mapping[str, str]) -> str:
    return f"{name} (from {where[name]})" if name in where else name

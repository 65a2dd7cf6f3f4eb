"""The stored management sign-in: what ``owox-ctl auth login --web ORIGIN --manage`` got, good for 15 minutes at most.

It is one file for this user only, beside the stored sign-in. The token stands in it, or in the system's keychain.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from owox import __version__
from owox.client.errors import AuthError, ConfigError, OwoxError
from owox.client.hints import day
from owox.ctl import keychain, store

if TYPE_CHECKING:
    from owox.client.management import Management

_IN_KEYCHAIN = {"tokenIn": "keychain"}


@dataclass(frozen=True, slots=True)
class SignIn:
    """A member's sign-in to one server, to manage their API keys in one project until ``expires_at``."""

    origin: str
    token: str = field(repr=False)
    expires_at: datetime
    project_title: str

    @property
    def lasts(self) -> bool:
        """Whether its time is not over yet."""
        return datetime.now(UTC) < self.expires_at

    @property
    def described(self) -> dict[str, Any]:
        """What a status tells of it."""
        ends = self.expires_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"apiOrigin": self.origin, "projectTitle": self.project_title, "expiresAt": ends}


def path() -> Path:
    """Return where the management sign-in of this user is kept."""
    beside = store.path()
    return beside.with_name(f"{beside.stem}.management.json")


def save(sign_in: SignIn, *, in_keychain: bool = False) -> Path:
    """Store a sign-in, readable by this user alone, whole or not at all; raise ``ConfigError``."""
    members = sign_in.described
    if in_keychain:
        keychain.put(_name(), sign_in.token)
        members |= _IN_KEYCHAIN
    else:
        members["token"] = sign_in.token
    store.write(path(), members)
    return path()


def load() -> SignIn | None:
    """Return the stored sign-in, over or not, or ``None``; raise ``ConfigError``."""
    try:
        members = _read()
        ends = datetime.fromisoformat(members["expiresAt"]).astimezone(UTC)
        token = keychain.get(_name()) if members.items() >= _IN_KEYCHAIN.items() else members["token"]
        return SignIn(str(members["apiOrigin"]), str(token), ends, str(members["projectTitle"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except store.UNREADABLE:
        raise ConfigError(
            f"The management sign-in cannot be read: {path()}", hint="Run owox-ctl auth logout, and sign in again."
        ) from None


def lasting() -> SignIn | None:
    """Return the stored sign-in if it can be read and its time is not over."""
    try:
        sign_in = load()
    except ConfigError:
        return None
    return sign_in if sign_in is not None and sign_in.lasts else None


def remove(note: Callable[[str], object]) -> bool:
    """End the stored sign-in on its server and forget it; return whether there was one; raise ``ConfigError``.

    ``note`` receives a sentence where the server could not be told.
    """
    if sign_in := lasting():
        try:
            with _client(sign_in) as management:
                management.end()
        except OwoxError:
            note(f"The server was not told: there the management sign-in ends on {day(sign_in.expires_at)} by itself.")
    with suppress(*store.UNREADABLE, ConfigError):
        if _read().items() >= _IN_KEYCHAIN.items():
            keychain.forget(_name())
    return store.unlink(path())


@contextmanager
def opened() -> Iterator["Management"]:
    """Open a client for the stored sign-in; raise ``ConfigError`` where there is none or its time is over."""
    sign_in = load()
    if sign_in is None:
        raise ConfigError(
            "Managing API keys needs a sign-in of its own", hint="Run owox-ctl auth login --web ORIGIN --manage."
        )
    again = f"Run owox-ctl auth login --web {sign_in.origin} --manage."
    if not sign_in.lasts:
        raise ConfigError(f"The management sign-in ended on {day(sign_in.expires_at)}", hint=again)
    try:
        with _client(sign_in) as management:
            yield management
    except AuthError as error:
        error.hint = f"The management sign-in has ended. {again}"
        raise


def _client(sign_in: SignIn) -> "Management":
    # The HTTP library brings a command of its own, which takes as long to load as all the rest of it.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    from owox.client.management import Management

    return Management(sign_in.origin, sign_in.token, user_agent=f"owox-ctl/{__version__}")


def _name() -> str:
    """Return what the keychain calls the token: another for each file, as a user may have several."""
    return f"management {path().absolute()}"


def _read() -> dict[str, Any]:
    members: dict[str, Any] = json.loads(path().read_text(encoding="utf-8"))
    return members

"""Where the secret of a key that was just made goes, found out before there is one: a file, the store, or the screen.

Nobody has to read the secret, and an agent never does: it is shown on a terminal only, and only if asked for.
"""

import functools
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from owox.client.credentials import KEY_ID, ORIGIN, SECRET, Credentials
from owox.client.errors import ConfigError
from owox.ctl import store
from owox.ctl.screen import Screen

Command = TypeVar("Command", bound=Callable[..., Any])
Keep = Callable[[Credentials], Mapping[str, str]]

_ROOM = 4096  # bytes, more than an origin, an ID and a secret take


@dataclass(frozen=True, slots=True)
class Keeping:
    """Which of the places it is, and how; ``env_file`` is as it was typed."""

    env_file: str | None
    force: bool
    in_keychain: bool
    shown: bool

    @contextmanager
    def ready(self) -> Iterator[Keep]:
        """Yield what keeps the secret and tells where, once it is sure to find its place; raise ``ConfigError``."""
        if self.env_file is not None:
            file = _NewFile(self.env_file, force=self.force)
            try:
                file.hold()
                yield file.keep
            finally:
                file.release()
        elif self.shown:
            yield _show
        else:
            store.check(in_keychain=self.in_keychain)
            yield self._store

    def _store(self, credentials: Credentials) -> Mapping[str, str]:
        where = {"storedIn": str(store.save(credentials, in_keychain=self.in_keychain))}
        return where | {"secretIn": "keychain"} if self.in_keychain else where


def keeping_options(command: Command) -> Command:
    """Give a command the options that say where the secret goes; it receives them as ``keeping``."""

    @functools.wraps(command)
    def collected(
        *arguments: Any,
        into_file: str | None,
        force: bool,
        in_store: bool,
        in_keychain: bool,
        show_secret: bool,
        **options: Any,
    ) -> Any:
        if (into_file is not None) + in_store + show_secret != 1:
            raise click.UsageError("Say where the secret goes: --env-file FILE, --store, or --show-secret")
        if (force and into_file is None) or (in_keychain and not in_store):
            raise click.UsageError("--force goes with --env-file, and --keyring with --store")
        screen = click.get_current_context().find_object(Screen)
        if show_secret and not (screen and screen.on_terminal):
            raise click.UsageError("--show-secret needs a terminal: use --env-file FILE or --store")
        return command(*arguments, keeping=Keeping(into_file, force, in_keychain, show_secret), **options)

    options = (
        click.option("--env-file", "into_file", metavar="FILE", help="Write ID and secret to this new env file."),
        click.option("--force", is_flag=True, help="Replace the env file if it is there."),
        click.option("--store", "in_store", is_flag=True, help="Make it the stored sign-in of this user."),
        click.option("--keyring", "in_keychain", is_flag=True, help="With --store: the secret in the keychain."),
        click.option("--show-secret", is_flag=True, help="Show the secret, once, on this terminal."),
    )
    decorated: Any = functools.reduce(lambda decorated, option: option(decorated), reversed(options), collected)
    return decorated  # type: ignore[no-any-return]


def _show(credentials: Credentials) -> Mapping[str, str]:
    return {"apiKeySecret": credentials.secret}


class _NewFile:
    """An env file in the making: its name and its room on the disk are held from the start, and given back."""

    def __init__(self, named: str, *, force: bool) -> None:
        # A link stays a link: the file that it leads to is the one replaced.
        self._named, self._force = named, force
        self._target = Path(os.path.realpath(named)) if force else Path(named)
        self._part = self._target.with_name(f".{self._target.name}.{secrets.token_hex(8)}")
        self._held = False

    def hold(self) -> None:
        """Take name and room; raise ``ConfigError``."""
        with _complaining(self._named):
            if self._force and self._target.exists() and not self._target.is_file():
                raise ConfigError(f"{self._named} cannot be written: it is there and is no file")
            _fill(self._part, os.O_CREAT | os.O_EXCL, "#" * _ROOM)
            if not self._force:
                self._target.touch(mode=0o600, exist_ok=False)
                self._held = True

    def keep(self, credentials: Credentials) -> Mapping[str, str]:
        """Write a key and say where; raise ``ConfigError``."""
        values = {ORIGIN: credentials.origin, KEY_ID: credentials.key_id, SECRET: credentials.secret}
        with _complaining(self._named):
            _fill(self._part, 0, "".join(f"{name}={value}\n" for name, value in values.items()))
            self._part.replace(self._target)
        self._held = False
        return {"storedIn": str(self._target.absolute())}

    def release(self) -> None:
        """Give back what was taken and not used."""
        with suppress(OSError):
            self._part.unlink(missing_ok=True)
        if self._held:
            with suppress(OSError):
                self._target.unlink()


def _fill(part: Path, flags: int, text: str) -> None:
    with os.fdopen(os.open(part, os.O_RDWR | flags, 0o600), "r+", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _complaining(named: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise ConfigError(f"{named} is there already", hint="Name another file, or replace it with --force.") from None
    except OSError as error:
        raise ConfigError(f"{named} cannot be written: {error.strerror or error}") from None

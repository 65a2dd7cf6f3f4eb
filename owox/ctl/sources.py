"""Where the command finds its key: flags, the process environment, an env file, the stored sign-in, in this order."""

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import click

from owox import __version__
from owox.client import Client
from owox.client.credentials import COMBINED, KEY_ID, ORIGIN, SECRET, VARIABLES, Credentials, clean, different_servers
from owox.client.errors import ConfigError
from owox.client.hints import KEYS_PAGE, day
from owox.ctl import store
from owox.ctl.envfile import EnvFile, read_env_file
from owox.ctl.screen import Screen

Command = TypeVar("Command", bound=Callable[..., Any])

SECRET_MAX = 64 * 1024
_ENVIRONMENT = "the environment"
_FLAGS = {
    ORIGIN: "--api-origin",
    KEY_ID: "--api-key-id",
    SECRET: "--api-key-secret-file",
    COMBINED: "--api-key-file",
}


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says of the key: values under the names of their variables, and the env file."""

    flags: Mapping[str, str] = field(repr=False)
    env_file: EnvFile


def credential_options(command: Command) -> Command:
    """Give a command the flags that name a key, and ``-e/--env-file``; it receives them as ``given``."""

    @functools.wraps(command)
    def collected(*arguments: Any, env_file: EnvFile, **options: Any) -> Any:
        values = {name: options.pop(flag.lstrip("-").replace("-", "_")) for name, flag in _FLAGS.items()}
        flags = {name: value for name, value in values.items() if value is not None}
        return command(*arguments, given=Given(flags, env_file), **options)

    options = (
        click.option("--api-origin", metavar="URL", help="The server's address."),
        click.option("--api-key-id", metavar="ID", help="The API Key ID."),
        click.option("--api-key-secret-file", metavar="FILE", callback=_contents, help="Holds the API Key Secret."),
        click.option("--api-key-file", metavar="FILE", callback=_contents, help="Holds a combined value."),
        click.option(
            "-e",
            "--env-file",
            metavar="FILE",
            callback=lambda context, _, named: read_env_file(named, context.find_object(Screen).note),
            help="Read variables from this file (default: ./.env).",
        ),
    )
    decorated: Any = functools.reduce(lambda decorated, option: option(decorated), reversed(options), collected)
    return decorated  # type: ignore[no-any-return]


def find(given: Given, note: Callable[[str], object]) -> tuple[Credentials, str]:
    """Return the credentials to use, and in words where they came from; raise ``ConfigError``.

    A place wins over those after it variable by variable, so that a file may hold what is not secret. Places after one
    that says all there is to say are not asked.
    """
    values: dict[str, str] = {}
    where: dict[str, str] = {}
    places = (
        (given.flags, _FLAGS),
        (os.environ, dict.fromkeys(VARIABLES, _ENVIRONMENT)),
        (given.env_file.values, dict.fromkeys(VARIABLES, str(given.env_file.path))),
    )
    for found, names in places:
        if _whole(values):
            break
        more = _set(found)
        _refuse_mixed_key(values, where, more, names)
        values, where = {**more, **values}, {**{name: names[name] for name in more}, **where}
    if not values:
        return _stored(note)
    return Credentials.from_env(values, where, note), " and ".join(dict.fromkeys(where[name] for name in _used(values)))


@contextmanager
def client_for(screen: Screen, credentials: Credentials) -> Iterator[Client]:
    """Open a client that the dashboard shows as this command; warn, once all went well, of a key that ends soon."""
    # The HTTP library brings a command of its own, which takes as long to load as all the rest of it.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    agent = f"owox-ctl/{__version__}"
    with Client(credentials.origin, credentials.key_id, credentials.secret, user_agent=agent) as client:
        yield client
        if client.key_ends_at is not None:
            screen.warn(
                f"This API key ends on {day(client.key_ends_at)}. Rotate it, or create a new one in {KEYS_PAGE}."
            )


@contextmanager
def open_client(screen: Screen, given: Given) -> Iterator[Client]:
    """Open a client for the first key that is found; raise ``ConfigError``."""
    credentials, _ = find(given, screen.note)
    with client_for(screen, credentials) as client:
        yield client


def environment_speaks() -> bool:
    """Whether the environment names a key, so that a stored sign-in is not asked."""
    return bool(_set(os.environ))


def read_secret(path: str) -> str:
    """Return what a file holds, or stdin for ``-``, without the line feed at its end; raise ``ConfigError``."""
    said = "stdin" if path == "-" else path
    try:
        if path == "-":
            data = sys.stdin.buffer.read(SECRET_MAX + 1) if sys.stdin is not None else b""
        else:
            with Path(path).open("rb") as file:
                data = file.read(SECRET_MAX + 1)
        text = data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not valid UTF-8 text"
        raise ConfigError(f"No API key can be read from {said}: {reason}") from None
    if not text.strip() or len(data) > SECRET_MAX:
        raise ConfigError(f"No API key can be read from {said}: it holds {'more than one' if text.strip() else 'none'}")
    return text.removesuffix("\n").removesuffix("\r")


def _contents(_: click.Context, __: click.Parameter, path: str | None) -> str | None:
    return None if path is None else read_secret(path)


def _stored(note: Callable[[str], object]) -> tuple[Credentials, str]:
    values = store.load()
    if not values:
        raise ConfigError(
            "Not authenticated",
            hint=f"Run owox-ctl auth login, or set {COMBINED}, or {ORIGIN}, {KEY_ID} and {SECRET}.",
        )
    where = f"the stored sign-in {store.path()}"
    return Credentials.from_env(values, dict.fromkeys(values, where), note), where


def _set(values: Mapping[str, str]) -> dict[str, str]:
    return {name: values[name] for name in VARIABLES if values.get(name, "").strip()}


def _whole(values: Mapping[str, str]) -> bool:
    return COMBINED in values or {ORIGIN, KEY_ID, SECRET} <= values.keys()


def _used(values: Mapping[str, str]) -> tuple[str, ...]:
    return (COMBINED,) if COMBINED in values else tuple(name for name in (ORIGIN, KEY_ID, SECRET) if name in values)


def _refuse_mixed_key(
    first: Mapping[str, str], where: Mapping[str, str], second: Mapping[str, str], names: Mapping[str, str]
) -> None:
    """A secret goes neither with the ID of another key nor to another server than the place that keeps it says."""
    if (SECRET in first) == (SECRET in second):
        return
    for name, what, compare in ((KEY_ID, "API keys", _different), (ORIGIN, "servers", different_servers)):
        if name in first and name in second:
            difference = compare(*(clean(name, place[name], lambda _: None) for place in (first, second)))
            if difference is not None:
                raise ConfigError(
                    f"{name} (from {where[name]}) and {name} (from {names[name]}) name different {what}",
                    hint=f"{difference} Set the origin, the ID and the secret of a key in the same place.".lstrip(),
                )


def _different(one: str, other: str) -> str | None:
    return None if one == other else ""

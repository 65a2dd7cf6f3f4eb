"""``owox-ctl keys``: a member's own API keys, managed from a terminal; and a key that revokes itself."""

import functools
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click
from click.core import ParameterSource

from owox import keys as core
from owox.client.credentials import Credentials
from owox.client.errors import ApiError, NetworkError, OwoxError
from owox.client.hints import day
from owox.ctl import expiry, management, sources, store
from owox.ctl.expiry import NEVER
from owox.ctl.keeping import Keeping, keeping_options
from owox.ctl.screen import Exit, Format, Screen, format_options, help_if_bare

_OVERLAPS = {"none": 0, "1h": 3600, "24h": 24 * 3600, "7d": 7 * 24 * 3600}
_COLUMNS = {"ID": "apiKeyId", "Name": "name", "Expires": "expiresAt", "Created": "createdAt", "Last used": "used"}
_LOST = "If a key was made, its secret may be lost: owox-ctl keys list shows it, and owox-ctl keys revoke ends it."


@click.group(invoke_without_command=True)
@click.pass_context
def keys(context: click.Context) -> None:
    """Manage your API keys in a project, after owox-ctl auth login --web ORIGIN --manage."""
    help_if_bare(context)


def _key_id(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """Refuse a secret in the place of an ID, which is shown and stands in addresses."""
    if value is not None and value.startswith((core.SECRET_PREFIX, core.COMBINED_PREFIX)):
        raise click.BadParameter("that is a secret; give the API Key ID, which begins with pmk_.")
    return value


@keys.command("list")
@click.option("--revoked", is_flag=True, help="Revoked keys too.")
@format_options
@click.pass_obj
def list_keys(screen: Screen, revoked: bool) -> None:
    """List your keys in the project, newest first. Expired ones are among them.

    \b
    Examples:
      owox-ctl keys list
      owox-ctl keys list --revoked --format json
    """
    with management.opened() as client:
        found = client.list_keys(revoked=revoked)
    if screen.format is Format.JSON:
        screen.json(found)
    else:
        screen.table(_COLUMNS, map(_worded, found))


@keys.command()
@click.option("--name", metavar="NAME", required=True, help="What to call the key.")
@click.option(
    "--expires", callback=expiry.option, metavar="WHEN", default=NEVER, help="90d, a date, an instant, or never."
)
@keeping_options
@format_options
@click.pass_obj
def create(screen: Screen, name: str, expires: str, keeping: Keeping) -> None:
    """Create a key. Its secret goes where you say, and is shown nowhere unless you ask for it.

    A date means the end of that day in this machine's time zone; without --expires the key never ends by itself.

    \b
    Examples:
      owox-ctl keys create --name "nightly import" --expires 90d --env-file import.env
      owox-ctl keys create --name laptop --store
    """
    expires_at = None if expires == NEVER else expires
    with management.opened() as client:
        made = _make(screen, keeping, client.origin, lambda: client.create_key(name, expires_at=expires_at))
    _say_made(screen, made)


@keys.command()
@click.argument("key_id", callback=_key_id)
@click.option("--name", metavar="NAME", required=True, help="What to call the key from now on.")
@format_options
@click.pass_obj
def rename(screen: Screen, key_id: str, name: str) -> None:
    """Give a key another name. Its ID and its secret stay as they are.

    \b
    Examples:
      owox-ctl keys rename pmk_... --name "nightly import"
    """
    with management.opened() as client:
        renamed = client.rename_key(key_id, name)
    if screen.format is Format.JSON:
        screen.json(renamed)
    else:
        screen.lines([f"{renamed['apiKeyId']} is called {renamed['name']} now."])


@keys.command()
@click.argument("key_id", callback=_key_id)
@click.option(
    "--overlap",
    type=click.Choice(list(_OVERLAPS)),
    default="none",
    show_default=True,
    help="How long the old one works.",
)
@click.option(
    "--expires", callback=expiry.option, metavar="WHEN", help="Of the new key (default: as long a life as before)."
)
@keeping_options
@format_options
@click.pass_obj
def rotate(screen: Screen, key_id: str, overlap: str, expires: str | None, keeping: Keeping) -> None:
    """Let a new key of the same name take a key's place.

    \b
    Examples:
      owox-ctl keys rotate pmk_... --overlap 24h --env-file import.env --force
      owox-ctl keys rotate pmk_... --store
    """
    given = {} if expires is None else {"expires_at": None if expires == NEVER else expires}
    seconds = _OVERLAPS[overlap]
    with management.opened() as client:
        rotated = functools.partial(client.rotate_key, key_id, overlap_seconds=seconds, **given)
        made = _make(screen, keeping, client.origin, rotated)
    ends = f"goes on for {overlap} at most" if seconds else "is refused from now on"
    _say_made(screen, made, f"It takes the place of {key_id}, which {ends}.")


@keys.command()
@click.argument("key_id", required=False, callback=_key_id)
@click.option("--self", "itself", is_flag=True, help="The very key that other commands would use; no sign-in needed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@sources.credential_options
@format_options
@click.pass_obj
def revoke(screen: Screen, key_id: str | None, itself: bool, yes: bool, given: sources.Given) -> Exit:
    """Revoke a key, for good: one of yours by its ID, or the key at hand by its own secret.

    With --self the key is looked for as by other commands: flags, environment, env file, stored sign-in.

    \b
    Examples:
      owox-ctl keys revoke pmk_...
      owox-ctl keys revoke --self --yes --env-file leaked.env
    """
    named = click.get_current_context().get_parameter_source("env_file") is ParameterSource.COMMANDLINE
    if itself == (key_id is not None):
        raise click.UsageError("Name a key by its ID, or give --self")
    if not itself and (given.flags or named):
        raise click.UsageError("The options that name a key and its secret go with --self")
    if not yes and (sys.stdin is None or not sys.stdin.isatty()):
        raise click.UsageError("There is no terminal to ask on: add --yes")
    return _revoke_itself(screen, given, yes) if key_id is None else _revoke(screen, key_id, yes)


def _revoke(screen: Screen, key_id: str, yes: bool) -> Exit:
    with management.opened() as client:
        if not yes:
            named = (key["name"] for key in client.list_keys(revoked=True) if key["apiKeyId"] == key_id)
            if not _sure(screen, next(named, ""), key_id):
                return Exit.FAILED
        client.revoke_key(key_id)
    _say_revoked(screen, {"apiKeyId": key_id, "revoked": True})
    return Exit.DONE


def _revoke_itself(screen: Screen, given: sources.Given, yes: bool) -> Exit:
    credentials, source = sources.find(given, screen.note)
    if not yes and not _sure(screen, f"the API key from {source}", credentials.key_id):
        return Exit.FAILED
    with sources.client_for(screen, credentials) as client:
        client.auth.revoke_key()
    removed = store.holds(credentials) and store.remove()
    _say_revoked(screen, {"apiKeyId": credentials.key_id, "revoked": True, "signInRemoved": removed})
    return Exit.DONE


def _sure(screen: Screen, name: str, key_id: str) -> bool:
    """Ask as the dashboard does."""
    screen.tell(
        [
            f"Revoke {name} ({key_id})?" if name else f"Revoke {key_id}?",
            "It stops working at once: the very next request with it is refused, and rows that are being read are cut "
            "off within two seconds. This cannot be undone.",
        ]
    )
    if click.confirm("Revoke", err=True):
        return True
    screen.tell(["Nothing was revoked."])
    return False


def _say_revoked(screen: Screen, answer: Mapping[str, Any]) -> None:
    if screen.format is Format.JSON:
        screen.json(answer)
        return
    screen.lines([f"{answer['apiKeyId']} is revoked."])
    if answer.get("signInRemoved"):
        screen.lines(["It was the stored sign-in, which is removed."])


def _make(screen: Screen, keeping: Keeping, origin: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Have a key made once there is a place for its secret, and put it there; return it with that place."""
    with keeping.ready() as keep, _telling_of_loss(screen):
        made = make()
        secret, _ = made.pop("apiKeySecret"), made.pop("apiKey")
        try:
            made |= keep(Credentials.of(origin, made["apiKeyId"], secret))
        except OwoxError as error:
            error.hint = f"{made['apiKeyId']} was made, and its secret is lost: revoke it with owox-ctl keys revoke."
            raise
    return made


@contextmanager
def _telling_of_loss(screen: Screen) -> Iterator[None]:
    """Whoever gets no answer, or none that is the API's, does not know whether a key was made."""
    try:
        yield
    except (NetworkError, ApiError) as error:
        if not 300 <= (error.status or 0) < 500:
            error.hint = f"{error.hint or ''} {_LOST}".lstrip()
        raise
    except KeyboardInterrupt:
        screen.note(_LOST)
        raise


def _say_made(screen: Screen, key: Mapping[str, Any], *more: str) -> None:
    if screen.format is Format.JSON:
        screen.json(key)
        return
    ends = f"until {_day(key['expiresAt'])}" if key["expiresAt"] else "without an expiry"
    where = f"API Key Secret, shown once: {key.get('apiKeySecret')}"
    if "secretIn" in key:
        where = f"Stored in {key['storedIn']}, its secret in the keychain."
    elif "storedIn" in key:
        where = f"Its secret is in {key['storedIn']}, for this user alone."
    screen.lines([f"Created {key['name']} ({key['apiKeyId']}), {ends}.", *more, where])


def _worded(key: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **key,
        "expiresAt": _day(key["expiresAt"]) if key["expiresAt"] else "never",
        "createdAt": _day(key["createdAt"]),
        "used": _day(key["lastAuthenticatedAt"]) if key["lastAuthenticatedAt"] else "never",
    }


def _day(at: str) -> str:
    return day(datetime.fromisoformat(at))

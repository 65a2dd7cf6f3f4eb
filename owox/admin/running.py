"""What every `owox` command does first and last: open the app and its database, and say plainly what went wrong."""

import contextlib
import fcntl
import functools
import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

from owox import __version__
from owox.services.errors import BadSetting, Conflict, DomainError, Invalid, Problem
from owox.settings import Overrides, SettingsError, load

if TYPE_CHECKING:
    from flask import Flask

    from owox.services.audit import Actor

Command = TypeVar("Command", bound=Callable[..., None])

_TEXTS: Final = {
    Problem.EMPTY: "must not be empty",
    Problem.TOO_LONG: "is too long",
    Problem.TOO_SHORT: "must have at least 15 characters",
    Problem.CONTROL: "must not contain control characters",
    Problem.NOT_A_DATE: "must be a number of days such as 90d, a date such as 2027-12-31, an RFC 3339 time, or never",
    Problem.PAST: "must lie in the future",
    Problem.NOT_AN_EMAIL: "must be an e-mail address",
    Problem.TOO_COMMON: "is too easy to guess",
    Problem.UNKNOWN: "is not known",
}


# What the API calls otherwise than the option here.
_OPTIONS: Final = {"expiresAt": "--expires", "config.path": "--path", "config.url": "The address on standard input"}

_CTL_ONLY: Final = (
    "Only owox-ctl and the Python client are installed here. For the server, install the same wheel with what it "
    f'needs: pip install "owox-{__version__}-py3-none-any.whl[server]"'
)


def open_app(overrides: Overrides | None = None, *, serving: bool = False) -> "Flask":
    """The app for the settings of this environment, its database brought to the newest structure.

    And in step with the revocation journal: whatever had to be done for that is said on stderr. One that is ``serving``
    keeps the folder from being restored until this process ends.
    """
    # Whatever this process writes (database, secret key) is for its own user only.
    os.umask(0o077)
    settings = load(overrides=overrides or Overrides())
    if serving:
        _lock(settings.instance, fcntl.LOCK_SH)
    from owox import migrations
    from owox.admin.journal import bring_together
    from owox.factory import create_app
    from owox.models import db

    app = create_app(settings)
    with app.app_context():
        migrations.upgrade(db.engine)
        for line in bring_together(db.engine, settings.journal):
            click.echo(f"owox: {line}", err=True)
    return app


@contextlib.contextmanager
def alone(instance: Path) -> Iterator[None]:
    """Let no server run on this instance folder meanwhile. Raises ``Conflict`` while one does."""
    held = _lock(instance, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(held)


def _lock(instance: Path, kind: int) -> int:
    """Lock the folder until the descriptor is closed, or this process ends however it does."""
    folder = os.open(instance, os.O_RDONLY)
    try:
        fcntl.flock(folder, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(folder)
        if kind == fcntl.LOCK_SH:
            raise Conflict(f"A backup is being restored in {instance}. Start owox once that is done.") from None
        raise Conflict(f"A server is running on {instance}. Stop it first, or nothing can be restored.") from None
    return folder


def operator(project_id: str | None = None) -> "Actor":
    """Whoever has a shell on the server, for the audit log."""
    from owox.services.audit import Actor

    return Actor(address="", client="owox command", request_id="", project_id=project_id)


def print_json(value: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def line_of_stdin(what: str) -> str:
    """The first line of standard input. Raises ``UsageError`` if nothing is in it."""
    line = "" if sys.stdin is None else sys.stdin.readline().rstrip("\r\n")
    if not line.strip():
        raise click.UsageError(f"Standard input is empty. Its first line must be {what}.")
    return line


def report_errors(command: Command) -> Command:
    """End with one plain sentence on stderr and exit code 1, instead of a traceback."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        if find_spec("flask") is None:
            _fail(_CTL_ONLY)
        from sqlalchemy.exc import DBAPIError

        from owox.migrations import NewerDatabase
        from owox.reading.engines import StorageError

        try:
            command(*args, **kwargs)
        except Invalid as error:
            _fail(f"{_OPTIONS.get(error.field, f'The {error.field}')} {_TEXTS[error.problem]}.")
        except (DomainError, SettingsError, NewerDatabase) as error:
            _fail(_worded(error))
        except StorageError as error:
            _fail(f"The storage cannot be read: {error.provider_message}")
        except (DBAPIError, sqlite3.Error) as error:
            _fail(f"The database cannot be used: {getattr(error, 'orig', error)}")
        except OSError as error:
            _fail_at(error)

    return run  # type: ignore[return-value]


def _worded(error: Exception) -> str:
    """What an error says, in the words of the command where it names a setting as the API does."""
    if isinstance(error, BadSetting):
        return str(error).replace(error.field, _OPTIONS.get(error.field, error.field), 1)
    return str(error)


def _fail_at(error: OSError) -> NoReturn:
    if isinstance(error, BrokenPipeError):
        # Whoever read has stopped: it ends as git does, and what is flushed at the end has no reader either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    _fail(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}")


def _fail(message: str) -> NoReturn:
    click.echo(f"owox: {message.strip()}", err=True)
    sys.exit(1)

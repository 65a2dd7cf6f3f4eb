"""`owox restore`: puts a backup in the database's place, without bringing back to life what has ended since."""

import os
import shlex
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from owox import migrations
from owox.access import now
from owox.admin import database_file
from owox.admin.backup import connection
from owox.admin.journal import counted, no_entries, unreadable
from owox.admin.running import alone, operator
from owox.models import Project, writing
from owox.models.base import prepare_engine
from owox.services import admins, endings, resources
from owox.services.audit import record
from owox.services.endings import Ended
from owox.services.errors import Conflict
from owox.services.journal import Journal, hand_over
from owox.services.secrets import Vault
from owox.settings import REPLACED, Settings


@dataclass(frozen=True, slots=True)
class Ahead:
    """The backup as it is now: what ended again, lines of the journal that are no entries, projects without an admin.

    ``sealed_otherwise`` is of how many storages and destinations the secrets cannot be read here.
    """

    ended: Ended
    unreadable: tuple[int, ...]
    without_admin: list[Project]
    sealed_otherwise: int


def restore(settings: Settings, source: Path) -> None:
    """Restore, and say in plain words what that did. Raises ``Conflict``, with nothing changed, when it cannot."""
    database, journal = settings.database_file, Journal(settings.journal)
    if database is None:
        words = ["pg_restore", "--clean", "--if-exists", *connection(settings.database_url), str(source)]
        raise Conflict(
            f"PostgreSQL has a tool of its own for that: stop owox, run: {shlex.join(words)}\n"
            f"and start owox again: it ends again what {journal.path} says has ended."
        )
    if not source.is_file():
        raise Conflict(f"{source} is no file. Name a backup.")
    if database.exists() and source.samefile(database):
        raise Conflict(f"{source} is the database itself. Name a backup.")
    with alone(settings.instance), database_file.temporary(beside=database) as fresh:
        database_file.remove_others(fresh, database)
        database_file.copy(source, fresh)
        database_file.check_revision(fresh)
        asked = _tell(journal, database)
        ahead = _bring_up_to_date(fresh, journal, Vault(settings.secret_keys))
        kept = _exchange(fresh, database)
    click.echo(f"{database} is now what {source} holds.")
    if kept:
        click.echo(f"The database until now is kept as {kept}.")
    if not asked:
        click.echo("It is damaged: what it alone knew to have ended is not in the journal.")
    _say(journal.path, ahead)


def _tell(journal: Journal, database: Path) -> bool:
    """Tell the journal what the database that goes knows to have ended; whether that could be asked."""
    if not database.exists():
        return True
    if not database_file.is_one(database):
        return False
    engine = _engine(database)
    try:
        with Session(engine) as session:
            unwritten = endings.compare(session, journal).unwritten
    except DatabaseError:
        return False
    except OSError as error:
        raise Conflict(unreadable(journal.path, error)) from None
    finally:
        engine.dispose()
    if unwritten:
        journal.append(unwritten)
    return True


def _bring_up_to_date(fresh: Path, journal: Journal, vault: Vault) -> Ahead:
    """Give a copy of the backup the newest structure, and end in it what has ended since, and all sign-ins."""
    engine = _engine(fresh)
    migrations.upgrade(engine)
    with Session(engine) as session:
        found = endings.compare(session, journal)
        with writing(session):
            ended = endings.end_again(session, found.alive, operator(), now())
            endings.close_doors(session, now())
            record(session, "database.restore", operator(), now(), api_keys=ended.keys, memberships=ended.memberships)
        lost = resources.sealed_otherwise(session, vault)
        ahead = Ahead(ended, found.unreadable, admins.projects_without(session), lost)
    engine.dispose()
    with closing(sqlite3.connect(fresh)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return ahead


def _exchange(fresh: Path, database: Path) -> Path | None:
    """Put the new database in the place of the old one, if any, which is kept under the name that is returned."""
    kept = database.with_name(f"{database.name}{REPLACED}{now():%Y%m%dT%H%M%S.%f}"[:-3] + "Z")
    hand_over(fresh)
    if not database.exists():
        _put_aside_sides(database, kept)
        database_file.put(fresh, database)
        return None
    with database_file.nobody_else(database):
        _put_aside_sides(database, kept)
        os.link(database, kept)
        database_file.put(fresh, database)
    return kept


def _put_aside_sides(database: Path, kept: Path) -> None:
    """Of a damaged database: the new one must never be taken for theirs."""
    for end in database_file.SIDES:
        with suppress(FileNotFoundError):
            os.replace(f"{database}{end}", f"{kept}{end}")


def _say(path: Path, ahead: Ahead) -> None:
    if path.exists():
        click.echo(f"{counted(ahead.ended)} ended again, as {path.name} says.")
    else:
        click.echo(
            f"There is no {path}: keys that were revoked after the backup are accepted again, unless you copy that "
            "file from the former server's folder to here before you start owox."
        )
    if ahead.unreadable:
        click.echo(no_entries(path, ahead.unreadable))
    click.echo("All browsers and terminals are signed out, and open invitations are withdrawn.")
    click.echo(
        "Everything else is as it was then, also suspended keys, expiry dates, roles, disabled members and passwords "
        "that were changed since: look through Members and All API Keys."
    )
    if ahead.sealed_otherwise:
        click.echo(
            f"The secrets of {ahead.sealed_otherwise} storages and destinations were encrypted with another secret "
            "key: put the former server's SECRET_KEY into the instance folder, or enter them again."
        )
    for project in ahead.without_admin:
        words = f"owox member add EMAIL --role admin --project {project.id}"
        click.echo(f"{project.title} has no active admin. Add one: {words}")


def _engine(path: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(path)))
    prepare_engine(engine)
    return engine

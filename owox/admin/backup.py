"""`owox backup`: one file with the whole database, made while the server goes on."""

import os
import shlex
from pathlib import Path

import click
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from owox.access import now
from owox.admin import database_file
from owox.admin.running import operator
from owox.migrations import HEAD
from owox.models import writing
from owox.models.base import prepare_engine
from owox.services.audit import record
from owox.services.errors import Conflict
from owox.settings import Settings


def backup(settings: Settings, target: Path, *, force: bool) -> None:
    """Write the backup and say what is not in it. Raises ``Conflict`` when there is nothing to back up, or no place."""
    database = settings.database_file
    if database is None:
        dump = ["pg_dump", "--format=custom", f"--file={target}", *connection(settings.database_url)]
        raise Conflict(f"PostgreSQL has a tool of its own for that; run: {shlex.join(dump)}")
    if not database.is_file():
        raise Conflict(f"There is no database yet: {database}")
    _check(target, settings, force=force)
    with database_file.temporary(beside=target) as part:
        database_file.copy(database, part)
        newest = database_file.check_revision(part) == HEAD
        if newest:
            _record(settings)
        database_file.put(part, target)
    click.echo(f"{target} holds the database as it was at {now():%Y-%m-%d %H:%M:%S} UTC. Its integrity was checked.")
    click.echo(f"Not in it, so keep copies elsewhere of these files in {settings.instance}:")
    click.echo("  SECRET_KEY, unless OWOX_SECRET_KEY is set: passwords of storages cannot be read without it.")
    click.echo(f"  {settings.journal.name}: says which keys were revoked later, so that no restore revives them.")
    click.echo("  The files of storages, and owox.env.")
    if not newest:
        click.echo("It is not on record, since the database still has the structure of an older version.", err=True)


def connection(url: str) -> list[str]:
    """What PostgreSQL's own tools are told of a server; never a password."""
    given = make_url(url)
    parts = {"host": given.host or given.query.get("host"), "port": given.port, "username": given.username}
    return [f"--{name}={value}" for name, value in (parts | {"dbname": given.database}).items() if value]


def _check(target: Path, settings: Settings, *, force: bool) -> None:
    place = target.resolve()
    if any(place == own.resolve() for own in settings.own_files):
        raise Conflict(f"{target} is a file that the server needs. Choose another name.")
    if any(place.is_relative_to(folder.resolve()) for folder in settings.storage_paths):
        raise Conflict(f"Members may name the files of {target.parent} as storages. Choose another folder.")
    if target.is_dir():
        raise Conflict(f"{target} is a folder. Name a file in it.")
    if target.exists() and not target.is_file():
        raise Conflict(f"{target} is no file, and what it is would be gone. Choose another name.")
    if not target.parent.is_dir():
        raise Conflict(f"There is no folder {target.parent}. Make it first, or choose another.")
    if os.path.lexists(target) and not force:
        raise Conflict(f"{target} is there already. Choose another name, or overwrite it with --force.")


def _record(settings: Settings) -> None:
    engine = create_engine(settings.database_url)
    prepare_engine(engine)
    with Session(engine) as session, writing(session):
        record(session, "database.backup", operator(), now())
    engine.dispose()

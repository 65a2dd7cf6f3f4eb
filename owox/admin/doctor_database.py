"""What `owox doctor` looks at in the database, in the journal beside it, and at the storages."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from owox import migrations
from owox.admin.findings import Finding, fine, mend, note
from owox.admin.journal import no_entries, unreadable
from owox.models.base import BUSY_SECONDS
from owox.reading.engines import StorageError, load_engine
from owox.services import admins, endings, resources, storages
from owox.services.audit import one_line
from owox.services.journal import Journal
from owox.services.secrets import Vault
from owox.settings import Settings

_LONGEST: Final = 300


def database(settings: Settings) -> Iterator[Finding]:
    """The database, and once it can be read and has the newest structure, all that hangs on it."""
    file = settings.database_file
    if file is not None and not file.exists():
        yield note("database", f"There is none yet: {file}. The first start makes it.")
        return
    try:
        engine = _engine(settings)
    except ImportError:
        yield mend("database", 'There is no driver for PostgreSQL here: pip install "psycopg[binary]"')
        return
    try:
        with engine.connect() as connection:
            yield from _structure(connection, file)
            newest = migrations.current(connection) == migrations.HEAD
        if newest:
            with Session(engine) as session:
                yield from _journal(session, settings.journal)
                yield from _storages(session, Vault(settings.secret_keys))
                yield from _projects(session)
    except SQLAlchemyError as error:
        why = one_line(str(getattr(error, "orig", error)), _LONGEST)
        what = (
            "Put a backup in its place: owox restore FILE" if file else "Look after OWOX_DATABASE_URL and that server."
        )
        yield mend("database", f"It cannot be read: {why}. {what}")
    finally:
        engine.dispose()


def _engine(settings: Settings) -> Engine:
    seconds = {"timeout" if settings.database_file else "connect_timeout": BUSY_SECONDS}
    return create_engine(settings.database_url, connect_args=seconds)


def _structure(connection: Connection, file: Path | None) -> Iterator[Finding]:
    if file is not None and (found := connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()) != "ok":
        yield mend(
            "database", f"It is damaged: {one_line(str(found), _LONGEST)}. Run: owox restore FILE, with a backup."
        )
    else:
        yield fine("database", f"{file} is whole." if file else "PostgreSQL answers.")
    there = migrations.current(connection)
    if there == migrations.HEAD:
        yield fine("structure", f"{there}, the newest.")
    elif there is not None and there > migrations.HEAD:
        yield mend("structure", f"{there}, of a newer version of owox. Install that one.")
    else:
        yield note("structure", f"{there or 'None'}. The next start makes it {migrations.HEAD}; make a backup before.")


def _journal(session: Session, path: Path) -> Iterator[Finding]:
    try:
        found = endings.compare(session, Journal(path))
    except OSError as error:
        yield mend("journal", unreadable(path, error))
        return
    if found.unreadable:
        yield mend("journal", no_entries(path, found.unreadable))
    if found.alive:
        count = len({end.id for end in found.alive})
        yield mend("journal", f"The database is older: {count} of what has ended is active in it. Start owox anew.")
    if lacking := _lacking(session, path, found.unwritten):
        count = len(lacking)
        yield mend(
            "journal", f"{path} lacks {count} of what has ended. See that it can be written, and start owox anew."
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        yield mend("journal", f"{path} cannot be written by this user, so that a restore could revive revoked keys.")
    elif not (found.unreadable or found.alive or lacking):
        yield fine("journal", f"{path.name} and the database say the same.")


def _lacking(session: Session, path: Path, unwritten: tuple[str, ...]) -> set[str]:
    """What the journal still lacks at a second look: a server may have been about to write it at the first."""
    if not unwritten:
        return set()
    session.rollback()
    return {*unwritten} & {*endings.compare(session, Journal(path)).unwritten}


def _storages(session: Session, vault: Vault) -> Iterator[Finding]:
    types = storages.types_in_use(session)
    for storage_type in types:
        try:
            load_engine(storage_type)
        except StorageError as error:
            yield mend("storages", error.provider_message)
        else:
            title = storages.TYPE_TITLES[storage_type]
            yield fine("storages", f"What reads {title} is here. Test connection, in the dashboard, opens a storage.")
    if sealed := resources.sealed_otherwise(session, vault):
        advice = "Add the former key to OWOX_SECRET_KEY_FALLBACKS, or enter them again."
        yield mend("secrets", f"{sealed} of storages and destinations were encrypted with another secret key. {advice}")


def _projects(session: Session) -> Iterator[Finding]:
    for project in admins.projects_without(session):
        command = f"owox member add EMAIL --role admin --project {project.id}"
        yield note("projects", f"{project.title} has no active admin. Add one: {command}")

"""The database's structure, step by step (Alembic). The same steps run on SQLite and PostgreSQL.

Each file in ``versions`` is one step, named ``NNNN_what_it_does.py``; its number is its revision id.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

HERE: Final = Path(__file__).resolve().parent
HEAD: Final = max(path.name[:4] for path in (HERE / "versions").glob("[0-9]*.py"))
_LOCK: Final = 0x6F776F78  # "owox": the number of the advisory lock in PostgreSQL


class NewerDatabase(RuntimeError):
    """The database was brought to a structure that this version does not know."""


def upgrade(engine: Engine) -> None:
    """Bring a database to the newest structure, once, however many processes start together.

    All steps run in one transaction that holds a lock: SQLite's write lock, or an advisory lock in PostgreSQL. Raises
    ``NewerDatabase``.
    """
    with engine.connect() as connection:
        if (there := current(connection)) == HEAD:
            return
    if there is not None and there > HEAD:
        raise NewerDatabase("The database belongs to a newer version of owox. Install that one, or restore a backup.")
    with engine.execution_options(owox_begin="BEGIN IMMEDIATE").begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if current(connection) != HEAD:
            _run(connection)


def current(connection: Connection) -> str | None:
    """The revision that a database is at; ``None`` for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _run(connection: Connection) -> None:
    # Loaded only when there is a step to take: most starts have none.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")

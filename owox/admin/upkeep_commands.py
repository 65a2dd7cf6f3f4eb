"""`owox backup`, `owox restore` and `owox doctor`: what they are called with."""

import os
from pathlib import Path

import click

from owox.admin.running import report_errors
from owox.settings import load

_FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@_FILE
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@report_errors
def backup(file: Path, force: bool) -> None:
    """Write the SQLite database to FILE, also while the server runs."""
    os.umask(0o077)
    from owox.admin.backup import backup as write

    write(load(), file, force=force)


@click.command()
@_FILE
@report_errors
def restore(file: Path) -> None:
    """Put a backup in the database's place, the server stopped; what has been revoked since stays revoked."""
    os.umask(0o077)
    from owox.admin.restore import restore as put_back

    put_back(load(), file)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@report_errors
def doctor(as_json: bool) -> None:
    """Say what is wrong with this server and what to do about it; exit status 1 if anything must be mended."""
    from owox.admin.doctor import doctor as look

    look(as_json=as_json)

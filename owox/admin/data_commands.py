"""`owox storage` and `owox mart`: what they are called with."""

from pathlib import Path
from typing import Final

import click

from owox.admin.running import line_of_stdin, open_app, report_errors

_TYPES: Final = ("duckdb", "sqlite", "postgresql")
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, as the API has it.")
_PROJECT: Final = click.option("--project", "project_id", required=True, metavar="ID", help="The project it is for.")
_ANY_PROJECT: Final = click.option("--project", "project_id", metavar="ID", help="The project (default: the only one).")


@click.group()
def storage() -> None:
    """Add and list storages."""


@storage.command("add")
@_PROJECT
@click.option("--type", "kind", required=True, type=click.Choice(_TYPES), help="The engine that reads it.")
@click.option("--title", required=True, help="What people call it.")
@click.option("--path", metavar="FILE_OR_FOLDER", help="Of DuckDB or SQLite; a folder holds Parquet and CSV files.")
@click.option("--url-stdin", is_flag=True, help="Read the address of a PostgreSQL database from standard input.")
@_JSON
@report_errors
def storage_add(project_id: str, kind: str, title: str, path: str | None, url_stdin: bool, as_json: bool) -> None:
    """Add a storage and print its id."""
    if (path is None) == (not url_stdin) or url_stdin != (kind == "postgresql"):
        raise click.UsageError("Give --url-stdin for postgresql, --path for duckdb and sqlite.")
    from owox.admin import data

    config = {"url": line_of_stdin("the address")} if path is None else {"path": str(Path(path).absolute())}
    data.add_storage(open_app(), data.StorageToAdd(project_id, kind.upper(), title, config), as_json)


@storage.command("list")
@_ANY_PROJECT
@_JSON
@report_errors
def storage_list(project_id: str | None, as_json: bool) -> None:
    """List the storages of a project."""
    from owox.admin import data

    data.list_storages(open_app(), project_id, as_json)


@click.group()
def mart() -> None:
    """Add and list data marts."""


@mart.command("add")
@_PROJECT
@click.option("--storage", "storage_id", required=True, metavar="ID", help="The storage that it reads.")
@click.option("--title", required=True, help="What people call it.")
@click.option("--sql", metavar="TEXT", help="One SELECT statement.")
@click.option("--table", metavar="NAME", help="A table or view, such as main.orders.")
@click.option("--publish", is_flag=True, help="Let its rows be read at once.")
@_JSON
@report_errors
def mart_add(project_id: str, storage_id: str, title: str, publish: bool, as_json: bool, **reads: str | None) -> None:
    """Add a data mart and print its id."""
    sql, table = reads["sql"], reads["table"]
    if bool(sql) == bool(table):
        raise click.UsageError("Give one of --sql and --table.")
    from owox.admin import data

    definition = ("TABLE", {"fullyQualifiedName": table or ""}) if not sql else ("SQL", {"sqlQuery": sql})
    data.add_mart(open_app(), data.NewMart(project_id, storage_id, title, *definition, publish), as_json)


@mart.command("list")
@_ANY_PROJECT
@_JSON
@report_errors
def mart_list(project_id: str | None, as_json: bool) -> None:
    """List the data marts of a project, newest first."""
    from owox.admin import data

    data.list_marts(open_app(), project_id, as_json)

"""``owox-ctl data-marts``: what there is to read, and its rows."""

from typing import Literal

import click

from owox.client import Query
from owox.ctl import sources
from owox.ctl.screen import Format, Screen, format_options, help_if_bare


@click.group("data-marts", invoke_without_command=True)
@click.pass_context
def data_marts(context: click.Context) -> None:
    """List data marts and read their rows."""
    help_if_bare(context)


@data_marts.command("list")
@sources.env_file_option
@format_options
@click.pass_obj
def list_marts(screen: Screen, env_file: sources.EnvFile) -> None:
    """List every data mart that the key may see.

    \b
    Examples:
      owox-ctl data-marts list
      owox-ctl data-marts list --format json | jq -r '.[].id'
    """
    with sources.open_client(screen, env_file) as client:
        marts = client.data_marts.list()
    if screen.format is Format.JSON:
        screen.json(marts)
    else:
        screen.table(("ID", "Title", "Status"), [(mart["id"], mart["title"], mart["status"]) for mart in marts])


@data_marts.command("stream")
@click.argument("mart_id", metavar="ID")
@click.option(
    "--columns", type=click.Choice(["*", "**"]), help="All native columns (*), or all with the joined ones (**)."
)
@click.option("--column", multiple=True, metavar="NAME", help="A column by its exact name; repeat for more.")
@click.option("--limit", type=click.IntRange(min=1), metavar="ROWS", help="Stop after this many rows.")
@sources.env_file_option
@click.pass_obj
def stream_mart(
    screen: Screen,
    mart_id: str,
    columns: Literal["*", "**"] | None,
    column: tuple[str, ...],
    limit: int | None,
    env_file: sources.EnvFile,
) -> None:
    """Write the rows of a data mart as NDJSON.

    Each line is one JSON object. The rows are whole only if the command ends with exit code 0.

    \b
    Examples:
      owox-ctl data-marts stream ID > rows.ndjson
      owox-ctl data-marts stream ID --column date --column revenue
      owox-ctl data-marts stream ID --columns '*' --limit 10
    """
    if columns == "**" and column:
        raise click.UsageError('--columns "**" cannot be combined with --column')
    query = Query(column=column)
    if columns is not None:
        query["columns"] = columns
    if limit is not None:
        query["limit"] = limit
    with (
        sources.open_client(screen, env_file) as client,
        client.data_marts.stream(mart_id, **query) as stream,
    ):
        for chunk in stream.chunks():
            screen.write(chunk)

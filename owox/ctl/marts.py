"""``owox-ctl data-marts``: what there is to read, and its rows."""

import json
from typing import Any, NoReturn, cast

import click

from owox.client import Query
from owox.ctl import sources
from owox.ctl.output import Output, copy
from owox.ctl.progress import progress, sizes
from owox.ctl.screen import Format, Screen, format_options, help_if_bare


class Rules(click.ParamType[list[Any]]):
    """A JSON array, as an option."""

    name = "json"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:
        """Return the array; a value that is none is wrong usage."""
        option = parameter.opts[0] if parameter else ""
        try:
            rules = json.loads(value, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise click.UsageError(f"{option} must be valid JSON", context) from None
        if not isinstance(rules, list):
            raise click.UsageError(f"{option} must be a JSON array", context)
        return rules


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


@click.group("data-marts", invoke_without_command=True)
@click.pass_context
def data_marts(context: click.Context) -> None:
    """List data marts and read their rows."""
    help_if_bare(context)


@data_marts.command("list")
@sources.credential_options
@format_options
@click.pass_obj
def list_marts(screen: Screen, given: sources.Given) -> None:
    """List every data mart that the key may see.

    \b
    Examples:
      owox-ctl data-marts list
      owox-ctl data-marts list --format json | jq -r '.[].id'
    """
    with sources.open_client(screen, given) as client:
        marts = client.data_marts.list()
    if screen.format is Format.JSON:
        screen.json(marts)
    else:
        screen.table({"ID": "id", "Title": "title", "Status": "status"}, marts)


@data_marts.command("stream")
@click.argument("mart_id", metavar="ID")
@click.option("--columns", type=click.Choice(["*", "**"]), help="All native columns (*), or the joined ones too (**).")
@click.option("--column", multiple=True, metavar="NAME", help="A column by its exact name; repeat for more.")
@click.option("--filter", type=Rules(), metavar="JSON", help="Rules that a row must pass.")
@click.option("--sort", type=Rules(), metavar="JSON", help="Columns to sort by, in order.")
@click.option("--aggregation", type=Rules(), metavar="JSON", help="Functions of columns; the other columns group.")
@click.option("--date-bucket", "date_trunc", type=Rules(), metavar="JSON", help="Dates cut to a day, week, month ...")
@click.option("--limit", type=click.IntRange(min=1), metavar="ROWS", help="Stop after this many rows.")
@click.option("--output", callback=Output.option, metavar="FILE", help="Write a file: .ndjson, .csv or .parquet.")
@click.option("--check", is_flag=True, help="Parse each line before it is written.")
@sources.credential_options
@format_options
@click.pass_obj
def stream_mart(
    screen: Screen, /, mart_id: str, given: sources.Given, output: Output | None, check: bool, **options: Any
) -> None:
    """Write the rows of a data mart as NDJSON, or to a file.

    Each line is one JSON object. The rows are whole only if the command ends with exit code 0; a file gets its name
    only then. In a .csv file, a text that a spreadsheet would run as a formula has an apostrophe in front.

    \b
    Examples:
      owox-ctl data-marts stream ID > rows.ndjson
      owox-ctl data-marts stream ID --column date --column revenue --output rows.csv
      owox-ctl data-marts stream ID --filter '[{"column": "country", "operator": "eq", "value": "Poland"}]'
      owox-ctl data-marts stream ID --column country --column revenue \\
        --aggregation '[{"column": "revenue", "function": "SUM"}]'
    """
    if options["columns"] == "**" and options["column"]:
        raise click.UsageError('--columns "**" cannot be combined with --column')
    query = cast(Query, {name: value for name, value in options.items() if value is not None})
    if output is None:
        _to_stdout(screen, given, mart_id, query, check)
    else:
        _to_file(screen, given, mart_id, query, output, check)


def _to_stdout(screen: Screen, given: sources.Given, mart_id: str, query: Query, check: bool) -> None:
    with (
        sources.open_client(screen, given) as client,
        client.data_marts.stream(mart_id, **query) as stream,
        progress(not screen.on_terminal) as line,
    ):
        copy(stream, screen.rows, check, line)


def _to_file(screen: Screen, given: sources.Given, mart_id: str, query: Query, output: Output, check: bool) -> None:
    with (
        output.beside() as part,
        sources.open_client(screen, given) as client,
        client.data_marts.stream(mart_id, **query) as stream,
        progress(True) as line,
    ):
        rows = output.write(stream, part, check, line)
    if screen.format is Format.JSON:
        counted = {} if rows is None else {"rows": rows}
        screen.json({"output": output.path, **counted, "bytesReceived": stream.received, "runId": stream.run_id})
    else:
        what = "the rows" if rows is None else f"{rows:,} rows"
        screen.lines([f"Wrote {what} to {output.path} ({sizes(stream.received)} received)."])

"""``owox-ctl storages``: where data marts read from."""

import click

from owox.ctl import sources
from owox.ctl.screen import Format, Screen, format_options, help_if_bare


@click.group(invoke_without_command=True)
@click.pass_context
def storages(context: click.Context) -> None:
    """List storages."""
    help_if_bare(context)


@storages.command("list")
@sources.credential_options
@format_options
@click.pass_obj
def list_storages(screen: Screen, given: sources.Given) -> None:
    """List every storage that the key may see.

    \b
    Examples:
      owox-ctl storages list
      owox-ctl storages list --format json | jq -r '.[].title'
    """
    with sources.open_client(screen, given) as client:
        found = client.storages.list()
    if screen.format is Format.JSON:
        screen.json(found)
    else:
        screen.table({"ID": "id", "Title": "title", "Type": "type"}, found)

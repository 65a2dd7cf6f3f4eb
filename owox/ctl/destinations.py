"""``owox-ctl destinations``: where data marts deliver to."""

import click

from owox.ctl import sources
from owox.ctl.screen import Format, Screen, format_options, help_if_bare


@click.group(invoke_without_command=True)
@click.pass_context
def destinations(context: click.Context) -> None:
    """List destinations."""
    help_if_bare(context)


@destinations.command("list")
@sources.credential_options
@format_options
@click.pass_obj
def list_destinations(screen: Screen, given: sources.Given) -> None:
    """List every destination that the key may see.

    \b
    Examples:
      owox-ctl destinations list
      owox-ctl destinations list --format json | jq -r '.[].title'
    """
    with sources.open_client(screen, given) as client:
        found = client.destinations.list()
    if screen.format is Format.JSON:
        screen.json(found)
    else:
        screen.table({"ID": "id", "Title": "title", "Type": "type"}, found)

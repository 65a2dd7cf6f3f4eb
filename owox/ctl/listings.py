"""``owox-ctl storages`` and ``owox-ctl destinations``: what data marts read from and deliver to, as a list."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from owox.ctl import sources
from owox.ctl.screen import Format, Screen, format_options, help_if_bare

if TYPE_CHECKING:
    from owox.client import Client


def _listing(noun: str, all_of: "Callable[[Client], list[dict[str, Any]]]") -> click.Group:
    """Return the group of commands for one kind of things."""

    @click.group(noun, invoke_without_command=True, help=f"List {noun}.")
    @click.pass_context
    def group(context: click.Context) -> None:
        help_if_bare(context)

    @group.command("list", help=_help(noun))
    @sources.credential_options
    @format_options
    @click.pass_obj
    def list_all(screen: Screen, given: sources.Given) -> None:
        with sources.open_client(screen, given) as client:
            found = all_of(client)
        if screen.format is Format.JSON:
            screen.json(found)
        else:
            screen.table({"ID": "id", "Title": "title", "Type": "type"}, found)

    return group


def _help(noun: str) -> str:
    return (
        f"List every {noun.removesuffix('s')} that the key may see.\n\n\b\nExamples:\n"
        f"  owox-ctl {noun} list\n  owox-ctl {noun} list --format json | jq -r '.[].title'"
    )


storages = _listing("storages", lambda client: client.storages.list())
destinations = _listing("destinations", lambda client: client.destinations.list())

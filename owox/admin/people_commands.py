"""`owox member` and `owox key`: what they are called with."""

from typing import Final

import click

from owox.admin.running import line_of_stdin, open_app, report_errors
from owox.keys import State

_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
_ANY_PROJECT: Final = click.option("--project", "project_id", metavar="ID", help="The project (default: the only one).")
_ROLES: Final = ("admin", "editor", "viewer")
_STATES: Final = (*(state.value for state in State), "all")


@click.group()
def member() -> None:
    """Add, list, change, disable and remove members."""


@member.command("add")
@click.argument("email")
@click.option("--name", help="The member's name; needed for a new member.")
@click.option("--role", required=True, type=click.Choice(_ROLES), help="Their role.")
@click.option("--project", "project_id", metavar="ID", help="Project to add them to (default: the only one).")
@click.option("--password-stdin", is_flag=True, help="Read a new member's password from standard input.")
@report_errors
def member_add(email: str, name: str | None, role: str, project_id: str | None, password_stdin: bool) -> None:
    """Add the member EMAIL to a project, making them first if need be."""
    from owox.admin import setup

    password = line_of_stdin("the password") if password_stdin else None
    setup.add_member(open_app(), setup.NewMember(email, name, role, project_id, password))


@member.command("list")
@_ANY_PROJECT
@_JSON
@report_errors
def member_list(project_id: str | None, as_json: bool) -> None:
    """List the members of a project."""
    from owox.admin import people

    people.list_members(open_app(), project_id, as_json)


@member.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(_ROLES))
@_ANY_PROJECT
@report_errors
def member_role(email: str, role: str, project_id: str | None) -> None:
    """Give the member EMAIL of a project another ROLE."""
    from owox.admin import people

    people.change_role(open_app(), email, role, project_id)


@member.command("disable")
@click.argument("email")
@report_errors
def member_disable(email: str) -> None:
    """Sign the member EMAIL out everywhere and refuse their API keys, in all projects, until they are enabled."""
    from owox.admin import people

    people.disable(open_app(), email)


@member.command("enable")
@click.argument("email")
@report_errors
def member_enable(email: str) -> None:
    """Let the disabled member EMAIL act again, with the API keys they had."""
    from owox.admin import people

    people.enable(open_app(), email)


@member.command("remove")
@click.argument("email")
@_ANY_PROJECT
@report_errors
def member_remove(email: str, project_id: str | None) -> None:
    """Take the member EMAIL out of a project; their API keys in it end for good."""
    from owox.admin import people

    people.remove(open_app(), email, project_id)


@click.group()
def key() -> None:
    """Create, list and revoke API keys."""


@key.command("create")
@click.option("--member", "email", required=True, metavar="EMAIL", help="The key's owner.")
@click.option("--project", "project_id", required=True, metavar="ID", help="The project it is for.")
@click.option("--name", required=True, help="What the key is for, such as 'CI import job'.")
@click.option(
    "--expires",
    metavar="WHEN",
    default="never",
    show_default=True,
    help="90d, 2027-12-31 (its end in UTC), an RFC 3339 time, or never.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the API's create answer as one JSON document.")
@report_errors
def key_create(email: str, project_id: str, name: str, expires: str, as_json: bool) -> None:
    """Create a key and print it: the only time that its secret is shown."""
    from owox.admin import setup

    setup.create_key(open_app(), setup.NewKey(email, project_id, name, expires), as_json)


@key.command("list")
@_ANY_PROJECT
@click.option(
    "--status", type=click.Choice(_STATES), default="active", show_default=True, help="Only keys that are so."
)
@click.option(
    "--search", metavar="TEXT", default="", help="Only keys with this in name, ID, or owner's name or address."
)
@_JSON
@report_errors
def key_list(project_id: str | None, status: str, search: str, as_json: bool) -> None:
    """List the keys of a project, newest first."""
    from owox.admin import people

    people.list_keys(open_app(), project_id, people.WantedKeys(status, search), as_json)


@key.command("revoke")
@click.argument("key_id", required=False)
@click.option("--value-stdin", is_flag=True, help="Read a key's combined value, or its ID, from standard input.")
@report_errors
def key_revoke(key_id: str | None, value_stdin: bool) -> None:
    """Revoke the key KEY_ID of any project, for good: it is refused from its next request on."""
    if (key_id is None) == (not value_stdin):
        raise click.UsageError("Give either KEY_ID or --value-stdin.")
    from owox.admin import people

    people.revoke_key(
        open_app(), line_of_stdin("a combined value or an API Key ID").strip() if key_id is None else key_id
    )

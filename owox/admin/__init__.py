"""The `owox` command: start the server, and set it up where there is no browser."""

import sys

import click

from owox import __version__
from owox.admin import data_commands, upkeep_commands
from owox.admin.audit import audit
from owox.admin.running import open_app, report_errors
from owox.settings import Overrides


@click.group()
@click.version_option(__version__, prog_name="owox")
def main() -> None:
    """Run and set up an owox server."""


@main.command()
@click.option("--host", help="Address to listen on (default: OWOX_HOST, else 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (default: OWOX_PORT, else 8000).")
@click.option("--instance", type=click.Path(file_okay=False), help="Folder of database and secret key.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes; PostgreSQL only.")
@click.option("--demo", is_flag=True, help="Add a small demo project, once.")
@report_errors
def serve(host: str | None, port: int | None, instance: str | None, workers: int, demo: bool) -> None:
    """Start the server; the first start sets everything up."""
    from owox.admin.serve import serve as start

    start(open_app(Overrides(instance, host, port, serving=True), serving=True), workers=workers, with_demo=demo)


@main.command()
@click.option("--instance", type=click.Path(file_okay=False), help="Folder of database and secret key.")
@report_errors
def demo(instance: str | None) -> None:
    """Add a small demo project, once, and print its id."""
    from owox.admin import setup

    setup.install_demo(open_app(Overrides(instance)))


@main.group()
def project() -> None:
    """Create and list projects."""


@project.command("create")
@click.argument("title")
@report_errors
def project_create(title: str) -> None:
    """Create a project named TITLE and print its id."""
    from owox.admin import setup

    setup.create_project(open_app(), title)


@project.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@report_errors
def project_list(as_json: bool) -> None:
    """List all projects of this server."""
    from owox.admin import setup

    setup.list_projects(open_app(), as_json)


@main.group()
def member() -> None:
    """Add members."""


@member.command("add")
@click.argument("email")
@click.option("--name", help="The member's name; needed for a new member.")
@click.option("--role", required=True, type=click.Choice(["admin", "editor", "viewer"]), help="Their role.")
@click.option("--project", "project_id", metavar="ID", help="Project to add them to (default: the only one).")
@click.option("--password-stdin", is_flag=True, help="Read a new member's password from standard input.")
@report_errors
def member_add(email: str, name: str | None, role: str, project_id: str | None, password_stdin: bool) -> None:
    """Add the member EMAIL to a project, making them first if need be."""
    from owox.admin import setup

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    setup.add_member(open_app(), setup.NewMember(email, name, role, project_id, password))


@main.group()
def key() -> None:
    """Create API keys."""


@key.command("create")
@click.option("--member", "email", required=True, metavar="EMAIL", help="The key's owner.")
@click.option("--project", "project_id", required=True, metavar="ID", help="The project it is for.")
@click.option("--name", required=True, help="What the key is for, such as 'CI import job'.")
@click.option(
    "--expires",
    metavar="WHEN",
    default="never",
    show_default=True,
    help="90d, 2027-03-31 (its end in UTC), an RFC 3339 time, or never.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the API's create answer as one JSON document.")
@report_errors
def key_create(email: str, project_id: str, name: str, expires: str, as_json: bool) -> None:
    """Create a key and print it: the only time that its secret is shown."""
    from owox.admin import setup

    setup.create_key(open_app(), setup.NewKey(email, project_id, name, expires), as_json)


for group in (data_commands.storage, data_commands.mart, audit):
    main.add_command(group)
for command in (upkeep_commands.backup, upkeep_commands.restore, upkeep_commands.doctor):
    main.add_command(command)

"""The `owox` command: start the server, and set it up where there is no browser."""

import click

from owox import __version__
from owox.admin import data_commands, people_commands, upkeep_commands
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


for group in (people_commands.member, people_commands.key, data_commands.storage, data_commands.mart, audit):
    main.add_command(group)
for command in (upkeep_commands.backup, upkeep_commands.restore, upkeep_commands.doctor):
    main.add_command(command)

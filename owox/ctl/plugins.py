"""``owox-ctl plugins``: publications of plugins, and what becomes of them (contract.md 5.1)."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from owox.client import ApiError
from owox.ctl import sources
from owox.ctl.screen import Format, Screen, format_options, help_if_bare

Command = TypeVar("Command", bound=Callable[..., Any])

_SCOPES = click.Choice(["deployment", "project", "member"])


def _audience_options(command: Command) -> Command:
    """Give a command the options that say for whom a publication is."""
    scope = click.option("--scope", type=_SCOPES, required=True, help="For whom it is published.")
    some = click.option("--project-id", "project_ids", multiple=True, metavar="ID", help="A project; repeat for more.")
    every = click.option("--all-projects", is_flag=True, help="All projects.")
    return scope(some(every(command)))


@click.group(invoke_without_command=True)
@click.pass_context
def plugins(context: click.Context) -> None:
    """Publish, update and suspend plugins."""
    help_if_bare(context)


@plugins.command()
@click.argument("repository")
@_audience_options
@sources.credential_options
@format_options
@click.pass_obj
def publish(screen: Screen, /, repository: str, given: sources.Given, **audience: Any) -> None:
    """Publish the plugin of a repository.

    \b
    Examples:
      owox-ctl plugins publish acme/plugin --scope member
      owox-ctl plugins publish acme/plugin --scope deployment --all-projects
    """
    chosen = _chosen(audience)
    with sources.open_client(screen, given) as client:
        try:
            answer = client.plugins.publish(repository, **chosen)
        except ApiError as error:
            _note_installation(screen, error)
            raise
    screen.json(answer)


@plugins.command()
@click.argument("repository")
@_audience_options
@sources.credential_options
@format_options
@click.pass_obj
def unpublish(screen: Screen, /, repository: str, given: sources.Given, **audience: Any) -> None:
    """Take a publication back.

    \b
    Examples:
      owox-ctl plugins unpublish acme/plugin --scope member
    """
    chosen = _chosen(audience)
    with sources.open_client(screen, given) as client:
        screen.json(client.plugins.unpublish(repository, **chosen))


@plugins.group(invoke_without_command=True)
@click.pass_context
def publications(context: click.Context) -> None:
    """List publications."""
    help_if_bare(context)


@publications.command("list")
@click.option("--scope", type=_SCOPES, required=True, help="For whom they are published.")
@sources.credential_options
@format_options
@click.pass_obj
def list_publications(screen: Screen, given: sources.Given, scope: str) -> None:
    """List the publications of a scope.

    \b
    Examples:
      owox-ctl plugins publications list --scope project
    """
    with sources.open_client(screen, given) as client:
        found = client.plugins.list_publications(scope)
    if screen.format is Format.JSON:
        screen.json(found)
    else:
        screen.table({"ID": "publicationId", "Repository": "repository", "Version": "currentSemver"}, found)


@plugins.command()
@click.argument("repository")
@sources.credential_options
@format_options
@click.pass_obj
def update(screen: Screen, repository: str, given: sources.Given) -> None:
    """Look for a newer version of a plugin.

    \b
    Examples:
      owox-ctl plugins update acme/plugin
    """
    with sources.open_client(screen, given) as client:
        screen.json(client.plugins.update(repository))


@plugins.command()
@click.argument("repository")
@click.option("--note", metavar="TEXT", help="Why.")
@sources.credential_options
@format_options
@click.pass_obj
def suspend(screen: Screen, repository: str, given: sources.Given, note: str | None) -> None:
    """Suspend a plugin.

    \b
    Examples:
      owox-ctl plugins suspend acme/plugin --note "Broken since 1.4"
    """
    with sources.open_client(screen, given) as client:
        screen.json(client.plugins.suspend(repository, note))


@plugins.command()
@click.argument("repository")
@click.option("--note", metavar="TEXT", help="Why.")
@sources.credential_options
@format_options
@click.pass_obj
def resume(screen: Screen, repository: str, given: sources.Given, note: str | None) -> None:
    """Let a suspended plugin go on.

    \b
    Examples:
      owox-ctl plugins resume acme/plugin
    """
    with sources.open_client(screen, given) as client:
        screen.json(client.plugins.resume(repository, note))


def _chosen(audience: dict[str, Any]) -> dict[str, Any]:
    """Return what was chosen of the audience; projects by ID and all of them exclude each other."""
    if audience["project_ids"] and audience["all_projects"]:
        raise click.UsageError("--project-id and --all-projects exclude each other")
    return {name: value for name, value in audience.items() if value}


def _note_installation(screen: Screen, error: ApiError) -> None:
    """Say where a repository is opened to the server, if that is what is missing (contract.md 5.5)."""
    details = error.details if isinstance(error.details, dict) else {}
    if error.code == "GITHUB_REPO_NOT_ACCESSIBLE" and isinstance(url := details.get("installationUrl"), str):
        screen.note(f"Give the server access to the repository at {url}")

"""``owox-ctl status``: which server, which key, whose, and whether it is accepted now."""

from collections.abc import Iterator
from typing import Any

import click

from owox.client.credentials import Credentials
from owox.client.errors import ApiError, OwoxError
from owox.ctl import sources
from owox.ctl.screen import Exit, Format, Screen, format_options


@click.command()
@sources.credential_options
@format_options
@click.pass_obj
def status(screen: Screen, given: sources.Given) -> Exit:
    """Check the key against the server and show project and member.

    \b
    Examples:
      owox-ctl status
      owox-ctl status --format json
      owox-ctl status --env-file production.env
    """
    answer: dict[str, Any] = {"apiOrigin": None, "apiKeyId": None, "authenticated": False}
    answer["envFile"] = str(given.env_file.path) if given.env_file.path else None
    try:
        credentials, source = sources.find(given, screen.note)
        answer |= {"apiOrigin": credentials.origin, "apiKeyId": credentials.key_id}
        answer |= ask(screen, credentials)
    except OwoxError as error:
        return _failed(screen, answer, error)
    if screen.format is Format.JSON:
        screen.json(answer)
    else:
        screen.lines([*_described(answer), f"Credentials:    {source}"])
    return Exit.DONE


def ask(screen: Screen, credentials: Credentials) -> dict[str, Any]:
    """Return ``{authenticated, project?, member?}`` of an accepted key; raise what refuses it.

    A server that has no such page yet (404) still proves the key by the exchange (contract.md 5.4).
    """
    with sources.client_for(screen, credentials) as client:
        client.authenticate()
        try:
            found = client.auth.get_context()
        except ApiError as error:
            if error.status != 404:
                raise
            return {"authenticated": True}
    return {"authenticated": True, "project": found["project"], "member": found["member"]}


def _failed(screen: Screen, answer: dict[str, Any], error: OwoxError) -> Exit:
    """Write a failure where the reader of a status looks: JSON to stdout, sentences to both."""
    if screen.format is Format.JSON:
        said = error.as_json()
        members = ("message", "name", "status", "code", "hint")
        screen.json({**answer, "error": {name: said[name] for name in members if name in said}})
    else:
        screen.lines(_described(answer))
        screen.fail(error)
    return Exit.of(error)


def _described(answer: dict[str, Any]) -> Iterator[str]:
    if answer["apiOrigin"]:
        yield f"API origin:     {answer['apiOrigin']}"
        yield f"API key ID:     {answer['apiKeyId']}"
    yield f"Authenticated:  {'yes' if answer['authenticated'] else 'no'}"
    if project := answer.get("project"):
        yield f"Project:        {project['title'] or project['id']} ({project['id']})"
    if member := answer.get("member"):
        yield f"Member:         {member['email'] or member['fullName'] or member['userId']}"
        yield f"Role:           {', '.join(member['roles'] or ()) or 'none'}"

"""Setting up a server from its command line: projects, members, first keys."""

from dataclasses import dataclass, field

import click
from flask import Flask
from sqlalchemy.orm import Session

from owox.access import now, services
from owox.admin.running import operator, print_json
from owox.api.errors import timestamp
from owox.api.keys import created_shape
from owox.models import db, writing
from owox.roles import Role
from owox.services import demo, keys, members, projects
from owox.services.authentication import Caller
from owox.services.errors import NotFound
from owox.services.expiry import parse_when


@dataclass(frozen=True, slots=True)
class NewMember:
    """What `owox member add` was given."""

    email: str
    name: str | None
    role: str
    project_id: str | None
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewKey:
    """What `owox key create` was given."""

    email: str
    project_id: str
    name: str
    expires: str


def create_project(app: Flask, title: str) -> None:
    """Create a project; print its id."""
    with app.app_context(), writing(db.session()) as session:
        project_id = projects.create(session, title, operator(), now())
    click.echo(project_id)


def install_demo(app: Flask) -> None:
    """Add the demo project, unless it is there; print its id."""
    with app.app_context(), writing(db.session()) as session:
        folder = services().settings.instance / "demo"
        project_id = demo.installed(session) or demo.install(session, folder, operator(), now())
    click.echo(project_id)


def list_projects(app: Flask, as_json: bool) -> None:
    """Print all projects: ids and titles, or one JSON document."""
    with app.app_context():
        found = projects.listed(db.session())
    if as_json:
        print_json([{"id": row.id, "title": row.title, "createdAt": timestamp(row.created_at)} for row in found])
    elif not found:
        click.echo("No projects yet. Create one with: owox project create TITLE", err=True)
    else:
        for row in found:
            click.echo(f"{row.id}  {row.title}")


def add_member(app: Flask, new: NewMember) -> None:
    """Make a member if there is none with this address, and add them to the project."""
    with app.app_context(), writing(db.session()) as session:
        project_id = new.project_id or projects.only(session)
        try:
            member_id = members.by_email(session, new.email)
        except NotFound:
            if new.name is None or new.password is None:
                raise NotFound(
                    f"There is no member {new.email} yet. Add --name NAME and --password-stdin to make one."
                ) from None
            member_id = members.create(session, new.email, new.name, new.password, operator(), now())
        members.join(session, member_id, project_id, Role(new.role), operator(), now())
    click.echo(f"{new.email} is now {Role(new.role).display} of project {project_id}.")


def create_key(app: Flask, new: NewKey, as_json: bool) -> None:
    """Create a key for a member; print it, the only time."""
    with app.app_context(), writing(db.session()) as session:
        moment = now()
        expires_at = parse_when(new.expires, moment)
        owner = _owner(session, new)
        wanted = keys.Wanted(new.name, expires_at)
        created = keys.create(session, owner.membership_id, wanted, operator(), moment)
        shape = created_shape(created, services().settings.public_origin)
    if as_json:
        print_json(shape)
    else:
        click.echo(f"API Key ID:      {shape['apiKeyId']}\nAPI Key Secret:  {shape['apiKeySecret']}")
        click.echo(f"Combined value:  {shape['apiKey']}")
        click.echo("The secret is not shown again. Store it now.", err=True)


def _owner(session: Session, new: NewKey) -> Caller:
    member_id = members.by_email(session, new.email)
    try:
        return members.caller_in(session, member_id, new.project_id)
    except NotFound:
        raise NotFound(
            f"{new.email} is in no project with the id {new.project_id}. owox project list shows the projects."
        ) from None

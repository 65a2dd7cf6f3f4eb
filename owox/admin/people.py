"""Members and API keys from the server's command line: who and what there is, and an end to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click
from flask import Flask
from sqlalchemy.orm import Session

from owox import keys as core
from owox.access import now
from owox.admin.running import operator, print_json
from owox.api.errors import timestamp
from owox.api.keys import shape
from owox.models import db, writing
from owox.roles import Role
from owox.services import key_list, keys, member_list, members, projects
from owox.services.audit import Actor
from owox.services.errors import Conflict, NotFound
from owox.services.keys import KeyInfo
from owox.services.member_list import MemberInfo


@dataclass(frozen=True, slots=True)
class WantedKeys:
    """Which keys `owox key list` is to print; ``status`` is one of ``State``, or ``all``."""

    status: str
    search: str


def list_members(app: Flask, project_id: str | None, as_json: bool) -> None:
    """Print the members of a project, by name."""
    with app.app_context():
        found = member_list.of_project(db.session(), _project(project_id), now())
    if as_json:
        print_json([_member(each) for each in found])
        return
    for each in found:
        ended = ", disabled" if each.disabled_at else ""
        count = f"{each.live_keys} active API key{'' if each.live_keys == 1 else 's'}"
        refused = ", refused while disabled" if each.live_keys and each.disabled_at else ""
        click.echo(f"{each.email}  {each.name}  {each.role.display}{ended}  {count}{refused}")


def change_role(app: Flask, email: str, role: str, project_id: str | None) -> None:
    """Give a member another role in a project."""
    with app.app_context():
        home = _project(project_id)
        with writing(db.session()) as session:
            member_id = members.by_email(session, email)
            members.change_role(session, member_id, home, Role(role), operator(home), now())
    click.echo(f"{email} is now {Role(role).display} of project {home}.")


def disable(app: Flask, email: str) -> None:
    """Stop a member from doing anything."""
    _act_on(app, email, members.disable)
    click.echo(f"{email} is disabled: signed out everywhere, and their API keys are refused.")


def enable(app: Flask, email: str) -> None:
    """Let a disabled member act again."""
    _act_on(app, email, members.enable)
    click.echo(f"{email} is enabled. Their API keys are accepted again; they have to sign in anew.")


def remove(app: Flask, email: str, project_id: str | None) -> None:
    """Take a member out of a project."""
    with app.app_context():
        home = _project(project_id)
        with writing(db.session()) as session:
            member_id = members.by_email(session, email)
            members.end_membership(session, member_id, home, operator(home), now())
    click.echo(f"{email} is removed from project {home}. Their API keys in it are refused from now on.")


def list_keys(app: Flask, project_id: str | None, wanted: WantedKeys, as_json: bool) -> None:
    """Print the keys of a project, newest first."""
    state = None if wanted.status == "all" else core.State(wanted.status)
    chosen = key_list.Filter(wanted.search, state)
    with app.app_context():
        found = key_list.all_of_project(db.session(), _project(project_id), chosen, now())
    if as_json:
        print_json([_key(each) for each in found])
        return
    if not found:
        more = " --status all shows those that have ended, too." if state else ""
        click.echo(f"No API key matches.{more}", err=True)
    for each in found:
        owner = each.owner.email if each.owner else ""
        click.echo(f"{each.id}  {each.state.replace('_', ' ')}  {owner}  {each.name}")


def revoke_key(app: Flask, given: str) -> None:
    """Revoke a key, named by its ID or its combined value."""
    key_id = _key_id(given)
    with app.app_context(), writing(db.session()) as session:
        try:
            home = key_list.project_of(session, key_id)
        except NotFound:
            raise NotFound(f"There is no API key with the ID {key_id}. owox key list shows them.") from None
        before = key_list.get_of_project(session, home, key_id, now())
        keys.revoke(session, before.membership_id, key_id, operator(home), now())
    owner = f" of {before.owner.email}" if before.owner else ""
    if before.revoked_at:
        click.echo(f"{before.name}{owner} was revoked already, at {timestamp(before.revoked_at)}.")
    else:
        click.echo(f"{before.name}{owner} is revoked. It is refused from now on.")


def _key_id(given: str) -> str:
    """The ID of a key that is named by it or by its combined value. What may be a secret is in no message."""
    if not core.holds_secret(given):
        return given
    try:
        return core.parse_combined(given).key_id
    except core.CombinedValueError:
        raise Conflict(
            "This is no whole combined value. Give the API Key ID instead; owox key list shows them."
        ) from None


def _act_on(app: Flask, email: str, act: Callable[[Session, str, Actor, datetime], None]) -> None:
    with app.app_context(), writing(db.session()) as session:
        act(session, members.by_email(session, email), operator(), now())


def _project(project_id: str | None) -> str:
    session = db.session()
    if project_id is None:
        return projects.only(session)
    projects.check(session, project_id)
    return project_id


def _member(info: MemberInfo) -> dict[str, Any]:
    return {
        "userId": info.id,
        "email": info.email,
        "name": info.name,
        "role": info.role.value,
        "joinedAt": timestamp(info.joined_at),
        "disabledAt": timestamp(info.disabled_at),
        "activeApiKeys": info.live_keys,
        "lastSeenAt": timestamp(info.seen_at),
    }


def _key(info: KeyInfo) -> dict[str, Any]:
    owner = {"name": info.owner.name, "email": info.owner.email} if info.owner else None
    return shape(info) | {"status": info.state.value, "revokedAt": timestamp(info.revoked_at), "owner": owner}

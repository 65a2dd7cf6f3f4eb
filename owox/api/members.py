"""The members of a project (contract.md 6.5), for the dashboard's cookie only: a key cannot manage members.

Everybody's scope is the entire project, since there are no contexts.
"""

from typing import Any, Final

from flask import Blueprint, Response, url_for

from owox.access import actor, api, caller, now, services
from owox.api.bodies import read_object, respond
from owox.api.errors import ValidationFailed, timestamp
from owox.models import db, writing
from owox.roles import Role
from owox.services import invitations, member_list, members
from owox.services.errors import Invalid, NotFound
from owox.services.member_list import MemberInfo
from owox.services.names import clean_email

blueprint = Blueprint("project_members", __name__, url_prefix="/api/members")
_SCOPE: Final = "entire_project"
_SCOPE_MEMBERS: Final = ("role", "roleScope", "contextIds")


@blueprint.get("")
@api(Role.VIEWER, keys=False)
def list_members() -> Response:
    """All members, by name."""
    return respond([_shape(info) for info in member_list.of_project(db.session(), caller().project_id, now())])


@blueprint.post("/invite")
@api(Role.ADMIN, keys=False)
def invite_member() -> Response:
    """Make a one-time link for somebody; no e-mail is sent, and the link is in this answer only."""
    body = read_object("email", *_SCOPE_MEMBERS)
    problems, email = _email(body)
    role = _role(body, problems)
    with writing(db.session()) as session:
        made = invitations.invite(session, caller().project_id, email, role, actor(), now())
    link = services().settings.public_origin + url_for("invitations.offered", token=made.token)
    told = {"email": made.email, "role": made.role, "kind": "magic-link", "magicLink": link}
    return respond(told | {"expiresAt": timestamp(made.expires_at)}, 202)


@blueprint.put("/<member_id>")
@api(Role.ADMIN, keys=False)
def update_member(member_id: str) -> Response:
    """Give a member another role."""
    role = _role(read_object(*_SCOPE_MEMBERS), [])
    with writing(db.session()) as session:
        members.change_role(session, member_id, caller().project_id, role, actor(), now())
    return respond({"userId": member_id, **_scoped(role), "roleStatus": "ok"})


@blueprint.delete("/<member_id>")
@api(Role.ADMIN, keys=False)
def remove_member(member_id: str) -> Response:
    """Take a member out of the project; once more changes nothing."""
    with writing(db.session()) as session:
        try:
            members.end_membership(session, member_id, caller().project_id, actor(), now())
        except NotFound:
            if not members.was_member(session, member_id, caller().project_id):
                raise
    return Response(status=204)


def _shape(info: MemberInfo) -> dict[str, Any]:
    return {"userId": info.id, "email": info.email, "displayName": info.name, **_scoped(info.role)}


def _scoped(role: Role) -> dict[str, Any]:
    return {"role": role, "roleScope": _SCOPE, "contextIds": []}


def _email(body: dict[str, Any]) -> tuple[list[str], str]:
    """What is wrong with the e-mail address, and the address."""
    email = body.get("email")
    if not isinstance(email, str):
        return ["email must be a string."], ""
    try:
        return [], clean_email(email)
    except Invalid:
        return ["email must be an e-mail address of at most 254 characters."], ""


def _role(body: dict[str, Any], problems: list[str]) -> Role:
    """The role in a body. Raises ``ValidationFailed`` with the problems so far and those of role and scope."""
    role = next((each for each in Role if each == body.get("role")), None)
    if role is None:
        problems = [*problems, f"role must be one of the following values: {', '.join(Role)}."]
    if body.get("roleScope", _SCOPE) != _SCOPE:
        problems = [*problems, f"roleScope must be {_SCOPE}: this server has no contexts."]
    if body.get("contextIds", []) != []:
        problems = [*problems, "contextIds must be empty: this server has no contexts."]
    if role is None or problems:
        raise ValidationFailed(problems)
    return role

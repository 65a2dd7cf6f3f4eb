"""Members, for admins: the list, and the dialogs that invite, change the role, disable, enable and remove."""

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import ValidationError

from owox.access import actor, caller, member, now, services
from owox.models import db, writing
from owox.roles import Role
from owox.services import invitations, member_list, members, names
from owox.services.audit import one_line
from owox.services.errors import Conflict, Problem
from owox.services.member_list import MemberInfo
from owox.web.forms import Form, blame, checked, message
from owox.web.paging import page_number
from owox.web.screen import answer, answer_at, back_to

blueprint = Blueprint("members", __name__, url_prefix="/projects/<project_id>/members")
_CHANGED: Final = "members-changed"
_DONE: Final = {
    "role": "The member has their new role from now on.",
    "disabled": "The member is disabled: signed out everywhere, and their API keys are refused.",
    "enabled": "The member is enabled. Their API keys are accepted again; they have to sign in anew.",
    "removed": "The member is removed. Their API keys in this project are refused from now on.",
    "withdrawn": "The invitation is withdrawn. Its link no longer works.",
}


@dataclass(frozen=True, slots=True)
class Query:
    """Search and page number of the list; anything else in its address counts as not there."""

    search: str
    number: int

    @classmethod
    def read(cls) -> "Query":
        """From the current request."""
        return cls(one_line(request.args.get("q", ""), names.EMAIL_MAX), page_number())

    def url(self, *, page: int = 1) -> str:
        """The list's address, for another page."""
        rest: dict[str, Any] = {"q": self.search or None, "page": page if page > 1 else None}
        return url_for("members.listed", project_id=caller().project_id, **rest)


class RoleForm(Form):
    """A role."""

    role = RadioField(
        "Role",
        choices=[SelectChoice(role.value, role.display) for role in Role],
        validate_choice=False,
    )

    def validate_role(self, field: RadioField) -> None:
        """One of the three."""
        if field.data not in list(Role):
            raise ValidationError(message(Problem.UNKNOWN))

    @property
    def wanted(self) -> Role:
        """The role chosen, once the form is valid."""
        return Role(self.role.data)


class InviteForm(RoleForm):
    """Whom to invite, as what."""

    email = StringField("Email")

    def validate_email(self, field: StringField) -> None:
        """An e-mail address."""
        checked(lambda: names.clean_email(field.data or ""), "an e-mail address", names.EMAIL_MAX)


@blueprint.get("")
@member(Role.ADMIN)
def listed(project_id: str) -> ResponseReturnValue:
    """Members, and the invitations that nobody has used yet."""
    session, at, query = db.session(), now(), Query.read()
    page = member_list.page(session, project_id, query.search, query.number, at)
    waiting = [each for each in invitations.pending(session, project_id, at) if query.search.lower() in each.email]
    values = {"page": page, "invitations": waiting, "query": query, "done": _DONE}
    return answer_at(query.url(page=page.number), "members/list.html", "members/_list.html", **values)


@blueprint.get("/invite")
@member(Role.ADMIN)
def invite_form(project_id: str) -> ResponseReturnValue:
    """Ask whom to invite."""
    return _inviting(InviteForm(formdata=None, role=Role.VIEWER.value))


@blueprint.post("/invite")
@member(Role.ADMIN)
def invite(project_id: str) -> ResponseReturnValue:
    """Make an invitation and show its link, this once."""
    form = InviteForm()
    if not form.validate():
        return _inviting(form, 422)
    try:
        with writing(db.session()) as session:
            made = invitations.invite(session, project_id, form.email.data or "", form.wanted, actor(), now())
    except Conflict as conflict:
        return _inviting(blame(form, form.email, str(conflict)), 409)
    link = services().settings.public_origin + url_for("invitations.offered", token=made.token)
    return _changed(answer("members/invited.html", "members/_invited.html", 201, invited=made, link=link))


@blueprint.get("/invitations/<invitation_id>/withdraw")
@member(Role.ADMIN)
def withdraw_form(project_id: str, invitation_id: str) -> ResponseReturnValue:
    """Ask whether to withdraw an invitation."""
    invitation = invitations.get(db.session(), project_id, invitation_id, now())
    return answer("members/withdraw.html", "members/_withdraw.html", invitation=invitation)


@blueprint.post("/invitations/<invitation_id>/withdraw")
@member(Role.ADMIN)
def withdraw(project_id: str, invitation_id: str) -> ResponseReturnValue:
    """Withdraw an invitation."""
    with writing(db.session()) as session:
        invitations.withdraw(session, project_id, invitation_id, actor(), now())
    return _done("withdrawn")


@blueprint.get("/<member_id>/role")
@member(Role.ADMIN)
def role_form(project_id: str, member_id: str) -> ResponseReturnValue:
    """Ask for another role."""
    person = _find(member_id)
    return _changing_role(RoleForm(formdata=None, role=person.role.value), person)


@blueprint.post("/<member_id>/role")
@member(Role.ADMIN)
def change_role(project_id: str, member_id: str) -> ResponseReturnValue:
    """Give a member another role."""
    form, person = RoleForm(), _find(member_id)
    if not form.validate():
        return _changing_role(form, person, 422)
    with writing(db.session()) as session:
        members.change_role(session, member_id, project_id, form.wanted, actor(), now())
    return _done("role")


@blueprint.get("/<member_id>/disable")
@member(Role.ADMIN)
def disable_form(project_id: str, member_id: str) -> ResponseReturnValue:
    """Ask whether to disable a member, or, if they are disabled, to enable them."""
    may = members.may_disable(db.session(), member_id, caller().member_id)
    return answer("members/disable.html", "members/_disable.html", person=_find(member_id), may=may)


@blueprint.post("/<member_id>/disable")
@member(Role.ADMIN)
def disable(project_id: str, member_id: str) -> ResponseReturnValue:
    """Disable a member."""
    with writing(db.session()) as session:
        members.disable(session, member_id, actor(), now())
    return _done("disabled")


@blueprint.post("/<member_id>/enable")
@member(Role.ADMIN)
def enable(project_id: str, member_id: str) -> ResponseReturnValue:
    """Let a disabled member act again."""
    with writing(db.session()) as session:
        members.enable(session, member_id, actor(), now())
    return _done("enabled")


@blueprint.get("/<member_id>/remove")
@member(Role.ADMIN)
def remove_form(project_id: str, member_id: str) -> ResponseReturnValue:
    """Ask whether to remove a member."""
    person = _find(member_id)
    elsewhere = len(members.memberships(db.session(), member_id)) > 1
    return answer("members/remove.html", "members/_remove.html", person=person, elsewhere=elsewhere)


@blueprint.post("/<member_id>/remove")
@member(Role.ADMIN)
def remove(project_id: str, member_id: str) -> ResponseReturnValue:
    """Take a member out of the project."""
    with writing(db.session()) as session:
        members.end_membership(session, member_id, project_id, actor(), now())
    return _done("removed")


def _find(member_id: str) -> MemberInfo:
    return member_list.get(db.session(), caller().project_id, member_id, now())


def _inviting(form: InviteForm, status: int = 200) -> Response:
    days = invitations.LIFETIME.days
    return answer("members/invite.html", "members/_invite.html", status, form=form, days=days)


def _changing_role(form: RoleForm, person: MemberInfo, status: int = 200) -> Response:
    return answer("members/role.html", "members/_role.html", status, form=form, person=person)


def _done(what: str) -> Response:
    address = url_for("members.listed", project_id=caller().project_id, done=what)
    return back_to(address, _DONE[what], _CHANGED)


def _changed(response: Response) -> Response:
    response.headers["HX-Trigger"] = _CHANGED
    return response

"""Finding the key that a secret belongs to, for whoever came across one: what is pasted is in no address and no log."""

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField
from wtforms.validators import ValidationError

from owox import keys
from owox.access import caller, member
from owox.models import db
from owox.roles import Role
from owox.services import key_list
from owox.services.errors import NotFound
from owox.web.forms import Form, blame
from owox.web.screen import answer, leave_to

blueprint = Blueprint("key_by_secret", __name__, url_prefix="/projects/<project_id>/settings/find-api-key")


class SecretForm(Form):
    """A secret or a combined value."""

    secret = PasswordField("API Key Secret or combined value")

    def validate_secret(self, field: PasswordField) -> None:
        """Something that has the form of either."""
        if not keys.holds_secret(field.data or ""):
            raise ValidationError(f"Paste what begins with {keys.SECRET_PREFIX} or {keys.COMBINED_PREFIX}.")


@blueprint.get("")
@member(Role.VIEWER)
def find_form(project_id: str) -> ResponseReturnValue:
    """Ask for the secret."""
    return _asking(SecretForm(formdata=None))


@blueprint.post("")
@member(Role.VIEWER)
def find(project_id: str) -> ResponseReturnValue:
    """Lead to the key: one of the member's own, to admins any of the project."""
    form, me = SecretForm(), caller()
    if not form.validate():
        return _asking(form, 422)
    mine = None if me.role is Role.ADMIN else me.membership_id
    try:
        key_id, owner = key_list.find_by_secret(db.session(), project_id, mine, (form.secret.data or "").strip())
    except NotFound:
        whose = "this project" if mine is None else "yours in this project"
        return _asking(blame(form, form.secret, f"No API key of {whose} has this secret."), 422)
    section = "api_keys.listed" if owner == me.membership_id else "project_keys.listed"
    return leave_to(url_for(section, project_id=project_id, q=key_id, status="all"))


@blueprint.before_app_request
def lead_away_from_search() -> Response | None:
    """Lead to the form whoever searches any list of a project for a secret, which an address should not hold."""
    project_id = (request.view_args or {}).get("project_id")
    if project_id is None or not keys.holds_secret(request.args.get("q", "")):
        return None
    return leave_to(url_for("key_by_secret.find_form", project_id=project_id, searched="1"))


def _asking(form: SecretForm, status: int = 200) -> Response:
    searched = "searched" in request.args
    return answer("key_by_secret/find.html", "key_by_secret/_find.html", status, form=form, searched=searched)

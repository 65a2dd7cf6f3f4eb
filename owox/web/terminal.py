"""Where a member types the code that their terminal shows, sees who asks, and approves or denies."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from owox.access import actor, now, services, signed_in, visitor
from owox.access.answers import limit_headers
from owox.models import db, writing
from owox.services import device_authorizations, members, sign_ins, user_codes
from owox.services.audit import Actor
from owox.services.device_authorizations import Purpose, Request
from owox.services.errors import Conflict, NotFound, Problem, Throttled
from owox.services.keys import Wanted
from owox.services.members import MembershipInfo
from owox.web.forms import Form, blame, message, waiting
from owox.web.key_forms import ExpiryFields, NameField
from owox.web.proof import ProofFields

blueprint = Blueprint("terminal", __name__, url_prefix="/terminal")
_MINUTES: Final = sign_ins.TERMINAL.seconds // 60
_UNKNOWN: Final = (
    "This code is not known, was used, or is older than 10 minutes. Compare it with your terminal, or run the command "
    "there again."
)


class CodeForm(Form):
    """The code that a terminal shows."""

    code = StringField("Code", [InputRequired("Enter the code that your terminal shows.")])


class AnswerForm(ProofFields):
    """In which project to say yes; the code stands on the page."""

    code = HiddenField()
    project = SelectField("Project", validate_choice=False)

    def __init__(self, places: list[MembershipInfo], **values: Any) -> None:
        super().__init__(**values)
        self.project.choices = [(place.project_id, place.project_title) for place in places]

    @property
    def wanted(self) -> Wanted | None:
        """What key to make, if one was asked for."""
        return None

    def validate_project(self, field: SelectField) -> None:
        """One of the member's."""
        if field.data not in dict(field.choices):
            raise ValidationError(message(Problem.UNKNOWN))


class KeyForm(AnswerForm, NameField, ExpiryFields):
    """The same, and what key to make."""

    @property
    def wanted(self) -> Wanted:
        """The key, once the form is valid."""
        return Wanted(self.name.data or "", self.expires_at)


_FORMS: Final[dict[Purpose, type[AnswerForm]]] = {Purpose.KEY: KeyForm, Purpose.MANAGE: AnswerForm}


@blueprint.get("")
@signed_in
def enter() -> ResponseReturnValue:
    """Ask for the code."""
    return _ask(CodeForm(formdata=None, code=request.args.get("code", "")[: user_codes.TYPED_MAX]))


@blueprint.post("")
@signed_in
def show() -> ResponseReturnValue:
    """Show who asks, and for what."""
    form = CodeForm()
    if not form.validate():
        return _ask(form, 422)
    found = _find(form.code.data)
    if isinstance(found, Response):
        return found
    places = _places()
    first = places[0].project_id if places else ""
    form = _FORMS[found.purpose](places, formdata=None, code=found.user_code, name=found.name, project=first)
    return _decide(found, form)


@blueprint.post("/approve")
@signed_in
def approve() -> ResponseReturnValue:
    """Let the terminal have what it asks for."""
    found = _find(request.form.get("code"))
    if isinstance(found, Response):
        return found
    form = _FORMS[found.purpose](_places())
    if not found.approved:
        if not form.validate():
            return _decide(found, form, 422)
        # Whoever was faster has answered: what came of it is shown below.
        with suppress(Conflict), writing(db.session()) as session:
            caller = members.caller_in(session, visitor().member_id, form.project.data)
            device_authorizations.approve(session, found, caller, form.wanted, _actor_in(caller.project_id), now())
    return _outcome(form)


@blueprint.post("/deny")
@signed_in
def deny() -> ResponseReturnValue:
    """Give the terminal nothing."""
    form = AnswerForm(_places())
    found = _find(form.code.data)
    if isinstance(found, Response):
        return found
    known = form.project.data in dict(form.project.choices)
    try:
        with writing(db.session()) as session:
            device_authorizations.deny(session, found, _actor_in(form.project.data if known else None), now())
    except Conflict:
        return _outcome(form)
    return make_response(render_template("terminal/denied.html", found=found))


def _find(typed: str | None) -> Request | Response:
    """The request that the code is of, or the page that asks for the code again."""
    try:
        return device_authorizations.look_up(
            db.session(), typed or "", visitor().member_id, services().throttle, actor().address, now()
        )
    except NotFound:
        problem, status, headers = _UNKNOWN, 422, {}
    except Throttled as throttled:
        problem, status = waiting(throttled.retry_after), 429
        headers = limit_headers(throttled)
    form = CodeForm(formdata=None, code=(typed or "")[: user_codes.TYPED_MAX])
    response = _ask(blame(form, form.code, problem), status)
    response.headers.extend(headers)
    return response


def _outcome(form: AnswerForm) -> Response:
    """What became of a request, as it stands now."""
    found = _find(form.code.data)
    return found if isinstance(found, Response) else _decide(found, form)


def _ask(form: CodeForm, status: int = 200) -> Response:
    return _page("terminal/code.html", status, form=form)


def _decide(found: Request, form: AnswerForm, status: int = 200) -> Response:
    if found.approved:
        return _page("terminal/approved.html", found=found, minutes=_MINUTES)
    return _page("terminal/request.html", status, found=found, form=form, here=actor().address, minutes=_MINUTES)


def _page(template: str, status: int = 200, /, **values: Any) -> Response:
    """A page for those who have a project to let a terminal into."""
    if not _places():
        template, status = "home/no_project.html", 403
    return make_response(render_template(template, visitor=visitor(), **values), status)


def _places() -> list[MembershipInfo]:
    return members.memberships(db.session(), visitor().member_id)


def _actor_in(project_id: str | None) -> Actor:
    return replace(actor(), project_id=project_id)

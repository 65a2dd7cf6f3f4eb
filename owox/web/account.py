"""My account: name, password, the projects that one is in, and the browsers that one is signed in with."""

from typing import Final

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from owox.access import actor, browser, now, services, signed_in, visitor
from owox.access.answers import limit_headers
from owox.models import db, writing
from owox.services import accounts, member_list, members, names, passwords, sign_ins
from owox.services.errors import Invalid, Refused, Throttled
from owox.web.forms import Form, blame, checked, message, waiting

blueprint = Blueprint("account", __name__, url_prefix="/account")
_DONE: Final = {
    "renamed": "Your name is changed.",
    "password": "Your password is changed, and your other sign-ins have ended. Your API keys go on as before.",
    "ended": "That sign-in has ended.",
}


class NameForm(Form):
    """Another name for oneself."""

    name = StringField("Name")

    def validate_name(self, field: StringField) -> None:
        """1 to 100 characters."""
        checked(lambda: names.clean_name(field.data or "", members.NAME_MAX), "your name", members.NAME_MAX)


class PasswordForm(Form):
    """The old password and a new one."""

    current = PasswordField("Current password", [InputRequired("Enter your current password.")])
    new = PasswordField("New password", [InputRequired("Enter a new password.")])


@blueprint.get("")
@signed_in
def shown() -> ResponseReturnValue:
    """My account."""
    return _page()


@blueprint.post("/name")
@signed_in
def rename() -> ResponseReturnValue:
    """Change one's name."""
    form = NameForm()
    if not form.validate():
        return _page(422, name_form=form)
    with writing(db.session()) as session:
        accounts.rename(session, visitor().member_id, form.name.data or "", actor(), now())
    return _done("renamed")


@blueprint.post("/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Change one's password, if the old one is right."""
    form, me = PasswordForm(), visitor()
    if not form.validate():
        return _page(422, password_form=form)
    try:
        sign_ins.check_password(db.session(), me.email, form.current.data, services().throttle, actor().address)
        stored = accounts.hashed(form.new.data, me.email, me.name)
    except Throttled as throttled:
        return _wait(form, throttled)
    except Refused:
        return _refuse(form)
    except Invalid as invalid:
        least = passwords.MIN_LENGTH if len(form.new.data) < passwords.MIN_LENGTH else passwords.MAX_LENGTH
        return _page(422, password_form=blame(form, form.new, message(invalid.problem, "a password", least)))
    return _changed_password(stored)


@blueprint.post("/sign-ins/<sign_in_id>/end")
@signed_in
def end(sign_in_id: str) -> ResponseReturnValue:
    """Sign out of one browser."""
    with writing(db.session()) as session:
        sign_ins.end_one(session, visitor().member_id, sign_in_id, actor(), now())
    return _signed_out() if sign_in_id == visitor().sign_in_id else _done("ended")


@blueprint.post("/sign-ins/end")
@signed_in
def end_all() -> ResponseReturnValue:
    """Sign out of all browsers, this one included."""
    with writing(db.session()) as session:
        sign_ins.end_everywhere(session, visitor().member_id, actor(), now())
    return _signed_out()


def _changed_password(stored: str) -> Response:
    """Store it and give this browser a new sign-in, so that no copy of the old cookie is worth anything."""
    me, at = visitor(), now()
    with writing(db.session()) as session:
        accounts.change_password(session, me.member_id, stored, actor(), at)
        value = sign_ins.start(session, me.member_id, me.time_zone, actor(), at)
    response = _done("password")
    browser.remember(response, value)
    return response


def _refuse(form: PasswordForm) -> Response:
    with writing(db.session()) as session:
        accounts.note_failure(session, visitor().member_id, actor(), now())
    return _page(422, password_form=blame(form, form.current, "This is not your current password."))


def _wait(form: PasswordForm, throttled: Throttled) -> Response:
    response = _page(429, password_form=blame(form, form.current, waiting(throttled.retry_after)))
    response.headers.extend(limit_headers(throttled))
    return response


def _page(
    status: int = 200, *, name_form: NameForm | None = None, password_form: PasswordForm | None = None
) -> Response:
    session, me, at = db.session(), visitor(), now()
    places = member_list.places(session, me.member_id, at)
    _stay_in_project([place.project_id for place in places])
    values = {
        "visitor": me,
        "places": places,
        "sign_ins": sign_ins.all_of(session, me.member_id, at),
        "name_form": name_form or NameForm(formdata=None, name=me.name),
        "password_form": password_form or PasswordForm(formdata=None),
        "done": _DONE,
    }
    template = "account/show.html" if g.get("caller") else "account/alone.html"
    return make_response(render_template(template, **values), status)


def _stay_in_project(project_ids: list[str]) -> None:
    """Show the menu of the project that one came from, or of one's first."""
    wanted = [request.args.get("project", ""), *project_ids]
    project_id = next((each for each in wanted if each in project_ids), None)
    if project_id is not None:
        g.caller = members.caller_in(db.session(), visitor().member_id, project_id)


def _done(what: str) -> Response:
    project_id = request.args.get("project")
    return make_response(redirect(url_for("account.shown", project=project_id, done=what), 303))


def _signed_out() -> Response:
    response = make_response(redirect(url_for("signin.sign_in"), 303))
    browser.forget(response)
    return response

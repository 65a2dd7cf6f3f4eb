"""What an invitation's link leads to: an account is made, or a member signs in, and they join the project."""

from dataclasses import replace

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from owox.access import actor, browser, now, public
from owox.models import db, writing
from owox.services import invitations, members, names, passwords
from owox.services.errors import Conflict, Forbidden, Invalid, NotFound
from owox.services.invitations import Offer
from owox.services.sign_ins import Visitor
from owox.web.forms import Form, blame, checked, message
from owox.web.signin import enter

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations")


class SignUpForm(Form):
    """A new member's name and password; their e-mail address is the invitation's."""

    name = StringField("Name")
    password = PasswordField("Password", [InputRequired("Enter a password.")])
    time_zone = HiddenField()

    def validate_name(self, field: StringField) -> None:
        """A name."""
        checked(lambda: names.clean_name(field.data or "", members.NAME_MAX), "your name", members.NAME_MAX)


@blueprint.get("/<token>")
@public
def offered(token: str) -> ResponseReturnValue:
    """Say what the invitation is for."""
    try:
        offer = invitations.find(db.session(), token, now())
    except NotFound:
        return _over()
    return _page(offer, SignUpForm(formdata=None))


@blueprint.post("/<token>")
@public
def accept(token: str) -> ResponseReturnValue:
    """Join the project, with the account that is signed in or with a new one."""
    form, seen = SignUpForm(), browser.visitor(now())
    try:
        offer = invitations.find(db.session(), token, now())
        if seen is not None:
            return _join(token, seen)
        if offer.member_id is not None:
            return _page(offer, form, 403)
        if not form.validate():
            return _page(offer, form, 422)
        return _sign_up(token, form)
    except NotFound:
        return _over()
    except Forbidden:
        return _page(offer, form, 403)
    except Invalid as invalid:
        least = passwords.MIN_LENGTH if len(form.password.data or "") < passwords.MIN_LENGTH else passwords.MAX_LENGTH
        return _page(offer, blame(form, form.password, message(invalid.problem, "a password", least)), 422)


def _join(token: str, seen: Visitor) -> Response:
    with writing(db.session()) as session:
        who = replace(actor(), member_id=seen.member_id)
        project_id = invitations.accept(session, token, seen.member_id, who, now())
    return make_response(redirect(url_for("data_marts.listed", project_id=project_id), 303))


def _sign_up(token: str, form: SignUpForm) -> Response:
    try:
        with writing(db.session()) as session:
            offer = invitations.find(session, token, now())
            name, password = form.name.data or "", form.password.data or ""
            member_id = invitations.sign_up(session, token, name, password, actor(), now())
    except Conflict:
        # The account was made elsewhere while this form was open: the page now asks for its sign-in.
        return _page(invitations.find(db.session(), token, now()), form, 409)
    return enter(member_id, form.time_zone.data, url_for("data_marts.listed", project_id=offer.project_id))


def _page(offer: Offer, form: SignUpForm, status: int = 200) -> Response:
    values = {"offer": offer, "form": form, "visitor": browser.visitor(now())}
    return make_response(render_template("invitations/offered.html", **values), status)


def _over() -> Response:
    return make_response(render_template("invitations/over.html"), 404)

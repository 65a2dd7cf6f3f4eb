"""Signing in to the dashboard and out of it."""

import re
from dataclasses import replace
from typing import Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from owox.access import actor, browser, now, public, services, signed_in, visitor
from owox.access.answers import limit_headers
from owox.models import db, writing
from owox.services import members, sign_ins
from owox.services.errors import Refused, Throttled
from owox.web.forms import Form, waiting
from owox.web.times import known_zone

blueprint = Blueprint("signin", __name__)
# Addresses of our own pages, and nothing that a browser could take for another host or a scheme. Each text matches in
# one way only: anybody may try one that does not.
_PART: Final = "[A-Za-z0-9_~-][A-Za-z0-9_.~-]*"
_OWN_PATH: Final = re.compile(rf"/(?:{_PART}(?:/{_PART})*/?)?(?:\?[A-Za-z0-9_.~=&+%-]*)?", re.ASCII)


class SignInForm(Form):
    """E-mail address and password; ``next`` is the page that was asked for."""

    email = StringField("Email", [InputRequired("Enter your e-mail address.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])
    time_zone = HiddenField()
    next = HiddenField()


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Ask for e-mail address and password."""
    if browser.visitor(now()):
        return redirect(safe_next(request.args.get("next", "")))
    return _page(SignInForm(next=safe_next(request.args.get("next", ""))))


@blueprint.post("/sign-in")
@public
def check() -> ResponseReturnValue:
    """Sign in, if the password is right."""
    form = SignInForm()
    if not form.validate():
        return _page(form, 422)
    email, password = str(form.email.data), str(form.password.data)
    try:
        member_id = sign_ins.check_password(db.session(), email, password, services().throttle, actor().address)
    except Throttled as throttled:
        return _wait(form, throttled)
    except Refused:
        with writing(db.session()) as session:
            sign_ins.note_failure(session, email, actor(), now())
        return _page(form, 422, "Email or password is wrong.")
    return enter(member_id, form.time_zone.data, safe_next(form.next.data))


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """Sign out of this browser."""
    with writing(db.session()) as session:
        sign_ins.end(session, visitor().sign_in_id, actor(), now())
    wanted = request.form.get("next")
    response = make_response(redirect(safe_next(wanted) if wanted else url_for("signin.sign_in"), 303))
    browser.forget(response)
    return response


def enter(member_id: str, time_zone: str | None, target: str) -> Response:
    """Start a sign-in in this browser, ending the one that it may have had, and go to a page."""
    with writing(db.session()) as session:
        if old := browser.visitor(now()):
            sign_ins.end(session, old.sign_in_id, replace(actor(), member_id=old.member_id), now())
        value = sign_ins.start(session, member_id, known_zone(time_zone or ""), actor(), now())
    response = make_response(redirect(target, 303))
    browser.remember(response, value)
    return response


def safe_next(path: str | None) -> str:
    """A path of this server that came from outside, if it is surely one; else the start page."""
    return path if path and len(path) <= 500 and _OWN_PATH.fullmatch(path) else url_for("home.start")


def _wait(form: SignInForm, throttled: Throttled) -> Response:
    response = _page(form, 429, waiting(throttled.retry_after))
    response.headers.extend(limit_headers(throttled))
    return response


def _page(form: SignInForm, status: int = 200, problem: str = "") -> Response:
    nobody = not members.exist(db.session())
    return make_response(render_template("signin/sign_in.html", form=form, problem=problem, nobody=nobody), status)

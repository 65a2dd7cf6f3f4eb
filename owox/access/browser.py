"""The dashboard's cookies: the sign-in, and before it a random value that only binds forms to a browser.

Flask's ``session`` is used by nothing but Flask-WTF, which keeps a form secret in it. Here that secret is made from
the sign-in's cookie, so that a CSRF token lasts as long as the sign-in, and ends with it.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Any, Final

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.orm import Session

from owox.access import seen
from owox.access.doors import services
from owox.models import db
from owox.services import sign_ins
from owox.services.sign_ins import Visitor

FIELD: Final = "csrf_token"


class FormSession(dict[str, Any], SessionMixin):
    """Holds the form secret of one request; ``fresh`` when it must be given to the browser."""

    fresh = False

    def __setitem__(self, name: str, value: Any) -> None:
        self.fresh = True
        super().__setitem__(name, value)


class FormSessions(SessionInterface):
    """Makes the form secret from the sign-in's cookie, or, before a sign-in, keeps one in a cookie of its own."""

    def open_session(self, app: Flask, request: Request) -> FormSession:
        """Read."""
        if not request.headers.get("Cookie"):
            return FormSession()
        secret = request.cookies.get(cookie_name("form"), "")
        if sign_in := request.cookies.get(cookie_name("sign_in")):
            secret = hashlib.sha256(b"form:" + sign_in.encode("utf-8", "surrogatepass")).hexdigest()
        return FormSession({FIELD: secret} if secret else {})

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Give a new secret to the browser."""
        if isinstance(session, FormSession) and session.fresh and FIELD in session:
            _set(response, "form", session[FIELD])


def visitor(now: datetime) -> Visitor | None:
    """Who is signed in with the browser that sends this request."""
    found = find(db.session(), cookie(), now)
    if found is not None:
        seen.note(found.sign_in_id, found.seen_at, now)
    return found


def cookie() -> str:
    """The value of the sign-in's cookie; empty when there is none."""
    return request.cookies.get(cookie_name("sign_in"), "")


def find(session: Session, value: str, now: datetime) -> Visitor | None:
    """Who a cookie's value belongs to at ``now``."""
    return sign_ins.find(session, value, now) if value else None


def remember(response: Response, value: str) -> None:
    """Give the browser its sign-in. The session cookie ends with the browser; the row ends it on the server."""
    _set(response, "sign_in", value)
    response.delete_cookie(cookie_name("form"), secure=services().settings.secure, httponly=True, samesite="Lax")


def forget(response: Response) -> None:
    """Take the sign-in from the browser."""
    response.delete_cookie(cookie_name("sign_in"), secure=services().settings.secure, httponly=True, samesite="Lax")


def new_form_token() -> str:
    """A random token for one form, by which a repeat is recognised (36 characters at most)."""
    return secrets.token_urlsafe(24)


def _set(response: Response, name: str, value: str) -> None:
    response.set_cookie(
        cookie_name(name), value, secure=services().settings.secure, httponly=True, samesite="Lax", path="/"
    )


def cookie_name(name: str) -> str:
    """What the browser calls a cookie of ours: ``sign_in``, or ``form`` before it."""
    # Browsers take the __Host- prefix, which pins a cookie to this very host, over https only.
    return f"{'__Host-' if services().settings.secure else ''}owox_{name}"

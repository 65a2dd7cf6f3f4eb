"""Errors as pages that say what to do; htmx gets them as a dialog, and is sent to the sign-in when there is none."""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from owox.access import request_id
from owox.access.answers import FormRefused
from owox.web.screen import on_top, wants_part
from owox.web.signin import safe_next

_ADVICE: Final = {
    400: ("This request is damaged", "Load the page again and repeat what you did."),
    403: ("This is not allowed", "Ask an admin of the project if you need it."),
    404: ("There is nothing here", "The address may be wrong, or what was here is no longer yours to see."),
    405: ("This address works otherwise", "Go back and use the buttons of the page."),
    409: ("This is not possible now", "The page may be out of date: load it again to see how things stand."),
    413: ("This is too large", "Send less at once."),
    422: ("This value is refused", "Go back, correct it, and try again."),
    424: ("The storage could not be read", "Try again, or ask whoever looks after the storage."),
    429: ("Too many attempts", "Wait a little, then try again."),
    500: ("Something went wrong here", "Try again. If it happens again, tell whoever runs this server."),
    503: ("The server is busy", "Try again in a few seconds."),
}
_OUT_OF_DATE: Final = ("This page is out of date", FormRefused.description)
# Werkzeug's own sentences about these speak to programmers.
_TOLD: Final = {403, 404, 409, 413, 424, 429, 503}


def html_error(error: HTTPException) -> Response:
    """The page, dialog or redirect that tells a person of an error."""
    if error.code == HTTPStatus.UNAUTHORIZED:
        return _to_sign_in()
    response = make_response(error.get_response())
    if not error.code or error.code < HTTPStatus.BAD_REQUEST:
        return response
    title, advice = _OUT_OF_DATE if isinstance(error, FormRefused) else _ADVICE.get(error.code, _ADVICE[400])
    template = "errors/_dialog.html" if wants_part() else "errors/page.html"
    values = {"title": title, "told": _told(error), "advice": advice}
    response.set_data(render_template(template, code=error.code, request_id=request_id(), **values))
    response.mimetype = "text/html"
    if wants_part() and _is_past(error.code):
        response.headers["HX-Trigger"] = "out-of-date"  # What the page shows reads itself anew.
    return on_top(response)


def _is_past(code: int) -> bool:
    """Whether the page shows what is so no longer.

    Not to be said of a part that is itself not found when it is read anew: it would be read again and again.
    """
    in_dialog = "dialog" in request.headers.get("HX-Target", "")
    return code == HTTPStatus.CONFLICT or (code == HTTPStatus.NOT_FOUND and in_dialog)


def _told(error: HTTPException) -> str:
    """What a service says of it. The texts of 403 and 404 that clients know word by word end without a full stop."""
    text = str(error.description)
    if text == type(error).description or error.code not in _TOLD:
        return ""
    if error.code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND} and not text.endswith("."):
        return f"{text}." if error.code == HTTPStatus.FORBIDDEN else ""
    return text


def _to_sign_in() -> Response:
    """The sign-in, and from there what was asked for, or the page whose button was pressed."""
    on_page = urlsplit(request.headers.get("HX-Current-URL", ""))
    here = request.full_path if request.method == "GET" else f"{on_page.path}?{on_page.query}"
    asked = safe_next(here.rstrip("?"))
    address = url_for("signin.sign_in", next=asked if asked != "/" else None)
    if not wants_part():
        return make_response(redirect(address, 303))
    response = make_response("", HTTPStatus.UNAUTHORIZED)
    response.headers["HX-Redirect"] = address
    return response

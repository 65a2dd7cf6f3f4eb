"""Errors as pages that say what to do; htmx gets them as a dialog, and is sent to the sign-in when there is none."""

from http import HTTPStatus
from typing import Final

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from owox.access import request_id
from owox.web.screen import wants_part
from owox.web.signin import safe_next

_ADVICE: Final = {
    400: ("This request is damaged", "Load the page again and repeat what you did."),
    403: ("This is not allowed", "Ask an admin of the project if you need it."),
    404: ("There is nothing here", "The address may be wrong, or what was here is no longer yours to see."),
    405: ("This address works otherwise", "Go back and use the buttons of the page."),
    409: ("This is not possible now", "Look at how things stand now, and decide again."),
    413: ("This is too large", "Send less at once."),
    422: ("This value is refused", "Go back, correct it, and try again."),
    424: ("The storage could not be read", "Try again, or ask whoever looks after the storage."),
    429: ("Too many attempts", "Wait a little, then try again."),
    500: ("Something went wrong here", "Try again. If it happens again, tell whoever runs this server."),
    503: ("The server is busy", "Try again in a few seconds."),
}
# Werkzeug's own sentences about these speak to programmers.
_TOLD: Final = {403, 404, 409, 413, 424, 429, 503}


def html_error(error: HTTPException) -> Response:
    """The page, dialog or redirect that tells a person of an error."""
    if error.code == HTTPStatus.UNAUTHORIZED:
        return _to_sign_in()
    response = make_response(error.get_response())
    if not error.code or error.code < HTTPStatus.BAD_REQUEST:
        return response
    title, advice = _ADVICE.get(error.code, _ADVICE[400])
    own = error.description != type(error).description and error.code in _TOLD
    template = "errors/_dialog.html" if wants_part() else "errors/page.html"
    values = {"title": title, "told": str(error.description) if own else "", "advice": advice}
    response.set_data(render_template(template, code=error.code, request_id=request_id(), **values))
    response.mimetype = "text/html"
    if wants_part():
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog", "innerHTML"
    return response


def _to_sign_in() -> Response:
    asked = safe_next(request.full_path.rstrip("?")) if request.method == "GET" else url_for("home.start")
    address = url_for("signin.sign_in", next=asked if asked != "/" else None)
    if not wants_part():
        return make_response(redirect(address, 303))
    response = make_response("", HTTPStatus.UNAUTHORIZED)
    response.headers["HX-Redirect"] = address
    return response

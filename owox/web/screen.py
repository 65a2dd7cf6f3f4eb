"""How a page is answered: whole or as the part that htmx asked for, under a strict content security policy."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from wtforms import Field

from owox.access import caller, services, visitor
from owox.models import db
from owox.roles import Role
from owox.services import destination_settings, members, storages
from owox.services.members import MembershipInfo
from owox.web import amounts, clients, times

_TYPES: Final[dict[str, str]] = {**storages.TYPE_TITLES, **destination_settings.TYPE_TITLES}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of the project menu."""

    endpoint: str
    label: str
    icon: str = ""
    nested: bool = False
    outside: bool = False
    role: Role = Role.VIEWER

    @property
    def url(self) -> str:
        """Where it leads: into the caller's project, or outside of all projects."""
        place: dict[str, Any] = {} if self.outside else {"project_id": caller().project_id}
        return url_for(self.endpoint, **place)

    @property
    def current(self) -> bool:
        """Whether the page is this one or belongs to it."""
        section, _, page = self.endpoint.partition(".")
        here = str((request.view_args or {}).get("section", request.blueprint))
        return request.endpoint == self.endpoint or (
            page in {"listed", "shown"} and _SECTIONS.get(here, here) == section
        )


# What belongs to the pages of another blueprint.
_SECTIONS: Final = {
    **dict.fromkeys(("mart_definitions", "mart_fields", "mart_preview", "mart_runs"), "data_marts"),
    "key_by_secret": "api_keys",
}
_MENU: Final = (
    MenuItem("data_marts.listed", "Data marts", "database"),
    MenuItem("storages.listed", "Storages", "hard-drive"),
    MenuItem("destinations.listed", "Destinations", "send"),
    MenuItem("members.listed", "Members", "users-round", role=Role.ADMIN),
    MenuItem("activity.listed", "Activity", "history", role=Role.ADMIN),
    MenuItem("settings.project", "Project settings", "settings"),
    MenuItem("api_keys.listed", "My API Keys", nested=True),
    MenuItem("project_keys.listed", "All API Keys", nested=True, role=Role.ADMIN),
    MenuItem("docs.shown", "Documentation", "book-open"),
    MenuItem("openapi.swagger_ui", "API reference", "terminal", outside=True),
)


def prepare(app: Flask) -> None:
    """Give templates what they use, and every HTML answer its headers."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.add_template_global(csp_nonce)
    app.add_template_global(accessible)
    app.add_template_global(_projects, "projects")
    app.add_template_global(_menu, "menu")
    app.add_template_global(lambda: times.zone().key, "zone_name")
    for name in ("rfc3339", "utc", "local", "relative"):
        app.add_template_filter(getattr(times, name), name)
    app.add_template_filter(clients.named, "client")
    app.add_template_filter(amounts.size, "size")
    app.add_template_filter(amounts.duration, "duration")
    app.add_template_filter(lambda state: state.replace("_", " ").capitalize(), "worded")
    app.add_template_filter(lambda kind: _TYPES.get(kind, kind), "type_title")
    app.context_processor(lambda: {"caller": g.get("caller")})
    app.after_request(_harden)


def answer(whole: str, part: str, status: int = 200, /, **values: Any) -> Response:
    """Answer htmx with the part alone, and everyone else with the page around it."""
    return make_response(render_template(part if wants_part() else whole, **values), status)


def answer_at(address: str, whole: str, part: str, /, **values: Any) -> Response:
    """Answer so, and have the browser show the address of what it shows, however it was asked for."""
    response = answer(whole, part, **values)
    if wants_part():
        response.headers["HX-Replace-Url"] = address
    return response


def wants_part() -> bool:
    """Whether htmx asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def leave_to(address: str) -> Response:
    """Go to another page."""
    if not wants_part():
        return make_response(redirect(address, 303))
    response = make_response("")
    response.headers["HX-Redirect"] = address
    return response


def back_to(address: str, message: str, event: str) -> Response:
    """Back to a page, whose address tells it what was done.

    For htmx, the dialog goes, the page says ``message``, and what listens to ``event`` reads itself anew.
    """
    if not wants_part():
        return make_response(redirect(address, 303))
    response = make_response(render_template("_done.html", message=message))
    response.headers["HX-Reswap"] = "delete"
    response.headers["HX-Trigger"] = event
    return response


def on_top(response: Response) -> Response:
    """A dialog that opens for htmx over the one that may be open: what is typed or shown there stays."""
    if wants_part():
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog", "beforeend"
    return response


def csp_nonce() -> str:
    """The value by which this answer's scripts and hx attributes are known as ours."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    return str(g.csp_nonce)


def accessible(field: Field, hint: str) -> Mapping[str, Any]:
    """The attributes that tie a field to its message or hint; the first bad one of a page has the focus."""
    if field.errors:
        return {"aria_invalid": "true", "aria_describedby": f"{field.id}-error", "autofocus": True}
    return {"aria_describedby": f"{field.id}-hint"} if hint else {}


def _menu() -> list[MenuItem]:
    return [item for item in _MENU if caller().role.includes(item.role)]


def _projects() -> list[MembershipInfo]:
    return members.memberships(db.session(), visitor().member_id)


def _policy() -> str:
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{csp_nonce()}'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def _harden(response: Response) -> Response:
    if response.mimetype != "text/html":
        return response
    response.headers.setdefault("Content-Security-Policy", _policy())
    if services().settings.secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response

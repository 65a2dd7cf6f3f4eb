"""Destinations: the list, a destination's page, the dialogs that create and edit one, and its secret key."""

from typing import Final

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from owox.access import acting, caller, member, services
from owox.models import db, writing
from owox.roles import Action, Role
from owox.services import destinations
from owox.services.destinations import DestinationInfo
from owox.services.errors import BadSetting
from owox.services.once import AlreadyMade
from owox.web.destination_forms import CreateForm, EditForm
from owox.web.forms import blame_setting
from owox.web.screen import answer, back_to, leave_to
from owox.web.sharing import SHARED

blueprint = Blueprint("destinations", __name__, url_prefix="/projects/<project_id>/destinations")
_CHANGED: Final = "destinations-changed"
_DONE: Final = {
    **SHARED,
    "created": "The destination is created.",
    "repeated": "That form had created this destination before; nothing was created now.",
    "edited": "The destination is changed.",
    "deleted": "The destination is deleted, and its settings and secrets are forgotten.",
}


@blueprint.get("")
@member(Role.VIEWER)
def listed(project_id: str) -> ResponseReturnValue:
    """Destinations of a project."""
    found = destinations.listed(db.session(), caller())
    may_create = caller().role.includes(Role.EDITOR)
    return render_template("destinations/list.html", destinations=found, done=_DONE, may_create=may_create)


@blueprint.get("/create")
@member(Role.EDITOR)
def create_form(project_id: str) -> ResponseReturnValue:
    """Ask for a title, a type, and what the destination is reached with."""
    return _creating(CreateForm.new())


@blueprint.post("/create")
@member(Role.EDITOR)
def create(project_id: str) -> ResponseReturnValue:
    """Create a destination; a secret key that is made for it is shown, this once."""
    form = CreateForm()
    if not form.validate():
        return _creating(form, 422)
    try:
        with writing(db.session()) as session:
            info = destinations.create(session, services().keeper.vault, acting(), form.wanted)
    except BadSetting as error:
        return _creating(blame_setting(form, error), 422)
    except AlreadyMade as made:
        return leave_to(_page_of(made.id, "repeated"))
    return _reveal(info, 201) if info.new_secret else leave_to(_page_of(info.destination.id, "created"))


@blueprint.get("/<destination_id>")
@member(Role.VIEWER)
def shown(project_id: str, destination_id: str) -> ResponseReturnValue:
    """What a destination is, without its secrets."""
    info = destinations.get(db.session(), caller(), destination_id)
    may = destinations.actions(caller(), info.destination)
    values = {"info": info, "destination": info.destination, "may": may, "done": _DONE}
    return answer("destinations/show.html", "destinations/_show.html", **values)


@blueprint.get("/<destination_id>/edit")
@member(Role.VIEWER)
def edit_form(project_id: str, destination_id: str) -> ResponseReturnValue:
    """Ask for another title, or something else to reach the destination with."""
    info = _find(destination_id)
    return _editing(EditForm.of(info.destination), info)


@blueprint.post("/<destination_id>/edit")
@member(Role.VIEWER)
def edit(project_id: str, destination_id: str) -> ResponseReturnValue:
    """Change the title, or what the destination is reached with."""
    info = _find(destination_id)
    form = EditForm(info.destination)
    if not form.validate():
        return _editing(form, info, 422)
    try:
        with writing(db.session()) as session:
            destinations.update(session, services().keeper.vault, acting(), destination_id, **form.changes)
    except BadSetting as error:
        return _editing(blame_setting(form, error), info, 422)
    return back_to(_page_of(destination_id, "edited"), _DONE["edited"], _CHANGED)


@blueprint.get("/<destination_id>/rotate-secret-key")
@member(Role.VIEWER)
def rotate_form(project_id: str, destination_id: str) -> ResponseReturnValue:
    """Ask whether to make another secret key."""
    destination = _find(destination_id).destination
    return answer("destinations/rotate.html", "destinations/_rotate.html", destination=destination)


@blueprint.post("/<destination_id>/rotate-secret-key")
@member(Role.VIEWER)
def rotate(project_id: str, destination_id: str) -> ResponseReturnValue:
    """Make another secret key and show it, this once."""
    with writing(db.session()) as session:
        info = destinations.rotate_secret_key(session, services().keeper.vault, acting(), destination_id)
    return _reveal(info)


def _find(destination_id: str) -> DestinationInfo:
    return destinations.get(db.session(), caller(), destination_id, Action.EDIT)


def _creating(form: CreateForm, status: int = 200) -> Response:
    return answer("destinations/create.html", "destinations/_create.html", status, form=form)


def _editing(form: EditForm, info: DestinationInfo, status: int = 200) -> Response:
    values = {"form": form, "destination": info.destination}
    return answer("destinations/edit.html", "destinations/_edit.html", status, **values)


def _reveal(info: DestinationInfo, status: int = 200) -> Response:
    """The one answer that holds a secret key; no address leads back to it."""
    values = {"destination": info.destination, "secret": info.new_secret}
    return answer("destinations/secret.html", "destinations/_secret.html", status, **values)


def _page_of(destination_id: str, what: str) -> str:
    return url_for("destinations.shown", project_id=caller().project_id, destination_id=destination_id, done=what)

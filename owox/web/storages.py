"""Storages: the list, a storage's page with its connection test, and the dialogs that create and edit one."""

from typing import Final

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from owox.access import acting, caller, member, services
from owox.models import StorageType, db, writing
from owox.reading.engines import PERMISSION_DENIED, READ_FAILED, UNAUTHORIZED, StorageError
from owox.roles import Action, Role
from owox.services import marts, storages
from owox.services.errors import BadSetting
from owox.services.once import AlreadyMade
from owox.services.storages import StorageInfo
from owox.web.forms import blame_setting
from owox.web.screen import answer, back_to, leave_to
from owox.web.sharing import SHARED
from owox.web.storage_forms import CreateForm, EditForm

blueprint = Blueprint("storages", __name__, url_prefix="/projects/<project_id>/storages")
_DONE: Final = {
    **SHARED,
    "created": "The storage is created. Test the connection next.",
    "edited": "The storage is changed. Data marts read from it as it is now.",
    "deleted": "The storage is deleted, and what it was opened with is forgotten.",
}
_OF_A_FILE: Final = {
    READ_FAILED: "Look at the path under Edit, and whether the file is there and whole.",
    PERMISSION_DENIED: "Let the account that this server runs under read the file or folder.",
}
_OF_A_SERVER: Final = {
    READ_FAILED: "Look at host, port, database and TLS under Edit, and whether this server can reach the database.",
    UNAUTHORIZED: "Enter another user, or the password again, under Edit.",
    PERMISSION_DENIED: "Name another user under Edit, or change in the database what this one may do.",
}


@blueprint.get("")
@member(Role.VIEWER)
def listed(project_id: str) -> ResponseReturnValue:
    """Storages of a project."""
    found = storages.listed(db.session(), caller())
    opens = {info.storage.id for info in found if Action.SEE in storages.actions(caller(), info.storage)}
    return render_template(
        "storages/list.html", storages=found, opens=opens, done=_DONE, may_create=caller().role.includes(Role.EDITOR)
    )


@blueprint.get("/create")
@member(Role.EDITOR)
def create_form(project_id: str) -> ResponseReturnValue:
    """Ask for a title, a type, and what opens the storage."""
    return _creating(CreateForm.new())


@blueprint.post("/create")
@member(Role.EDITOR)
def create(project_id: str) -> ResponseReturnValue:
    """Create a storage."""
    form = CreateForm()
    if not form.validate():
        return _creating(form, 422)
    try:
        with writing(db.session()) as session:
            storage_id = storages.create(session, services().keeper, acting(), form.wanted).storage.id
    except BadSetting as error:
        return _creating(blame_setting(form, error), 422)
    except AlreadyMade as made:
        storage_id = made.id
    return leave_to(_page_of(storage_id, "created"))


@blueprint.get("/<storage_id>")
@member(Role.EDITOR)
def shown(project_id: str, storage_id: str) -> ResponseReturnValue:
    """What a storage is, and what it is opened with."""
    info = storages.get(db.session(), caller(), storage_id)
    return answer("storages/show.html", "storages/_show.html", **_of(info), done=_DONE)


@blueprint.post("/<storage_id>/test")
@member(Role.EDITOR)
def test(project_id: str, storage_id: str) -> ResponseReturnValue:
    """Open the storage, and say what failed."""
    info = storages.get(db.session(), caller(), storage_id, Action.USE)
    # A storage may let one wait: the database connection goes back before.
    db.session.remove()
    failure = storages.test(services().keeper, info.storage)
    tested = {"tested": True, "failure": failure, "advice": _advice(failure)}
    return answer("storages/show.html", "storages/_test.html", **_of(info), **tested)


@blueprint.get("/<storage_id>/edit")
@member(Role.EDITOR)
def edit_form(project_id: str, storage_id: str) -> ResponseReturnValue:
    """Ask for another title, or something else to open the storage with."""
    info = storages.get(db.session(), caller(), storage_id, Action.EDIT)
    return _editing(EditForm.of(info.storage), info)


@blueprint.post("/<storage_id>/edit")
@member(Role.EDITOR)
def edit(project_id: str, storage_id: str) -> ResponseReturnValue:
    """Change the title, or what the storage is opened with."""
    info = storages.get(db.session(), caller(), storage_id, Action.EDIT)
    form = EditForm(info.storage)
    if not form.validate():
        return _editing(form, info, 422)
    try:
        with writing(db.session()) as session:
            storages.update(session, services().keeper, acting(), storage_id, **form.changes)
    except BadSetting as error:
        return _editing(blame_setting(form, error), info, 422)
    return back_to(_page_of(storage_id, "edited"), _DONE["edited"], "storages-changed")


def _of(info: StorageInfo) -> dict[str, object]:
    seen, standing = marts.on_storage(db.session(), caller(), info.storage.id)
    may = storages.actions(caller(), info.storage)
    return {"info": info, "storage": info.storage, "may": may, "marts": seen, "standing": standing}


def _creating(form: CreateForm, status: int = 200) -> Response:
    values = {"form": form, "folders": services().settings.storage_paths}
    return answer("storages/create.html", "storages/_create.html", status, **values)


def _editing(form: EditForm, info: StorageInfo, status: int = 200) -> Response:
    values = {"form": form, "folders": services().settings.storage_paths, "storage": info.storage}
    return answer("storages/edit.html", "storages/_edit.html", status, **values)


def _advice(failure: StorageError | None) -> str:
    """What to do about a failure; nothing for one of this server's own, which says so itself."""
    if failure is None or failure.provider_name == "owox":
        return ""
    advice = _OF_A_SERVER if failure.storage_type == StorageType.POSTGRESQL else _OF_A_FILE
    return advice.get(failure.code, "")


def _page_of(storage_id: str, what: str) -> str:
    return url_for("storages.shown", project_id=caller().project_id, storage_id=storage_id, done=what)

"""My API Keys: the list, and the dialogs that create, rename, rotate, suspend, resume and revoke one."""

from typing import Final

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue

from owox import keys as core
from owox.access import actor, caller, member, now, services
from owox.models import db, writing
from owox.roles import Role
from owox.services import key_list, keys, rotation, suspension
from owox.services.errors import Conflict, NotFound
from owox.services.keys import AlreadyMade, Created, KeyInfo
from owox.web import key_acts
from owox.web.forms import blame
from owox.web.key_forms import CreateForm, ExpiryForm, KeyOnce, RenameForm, RotateForm
from owox.web.key_query import OWN_STATES, Query
from owox.web.screen import answer, answer_at, back_to

blueprint = Blueprint("api_keys", __name__, url_prefix="/projects/<project_id>/settings/api-keys")
_CHANGED: Final = "keys-changed"
_DONE: Final = {
    "renamed": "The API key has its new name.",
    "expiry": "The expiry of the API key is saved.",
    "suspended": "The API key is suspended. It is refused until you resume it.",
    "resumed": "The API key is accepted again.",
    "revoked": "The API key is revoked. It is refused from now on.",
}


@blueprint.get("")
@member(Role.VIEWER)
def listed(project_id: str) -> ResponseReturnValue:
    """My API Keys."""
    query = Query.read("api_keys.listed", OWN_STATES)
    page = key_list.page(db.session(), caller().membership_id, query.filter, now())
    values = {"page": page, "query": query, "acts": key_acts.for_owner, "done": _DONE}
    return answer_at(query.url(page=page.number), "api_keys/list.html", "api_keys/_list.html", **values)


@blueprint.get("/create")
@member(Role.VIEWER)
def create_form(project_id: str) -> ResponseReturnValue:
    """Ask for a name and an expiry."""
    return _creating(CreateForm.new())


@blueprint.post("/create")
@member(Role.VIEWER)
def create(project_id: str) -> ResponseReturnValue:
    """Create a key and show its secret, this once."""
    form = CreateForm()
    if not form.validate():
        return _creating(form, 422)
    try:
        with writing(db.session()) as session:
            made = keys.create(session, caller().membership_id, form.wanted, actor(), now())
    except AlreadyMade as repeat:
        return _repeated(repeat.key, KeyOnce.new())
    return _reveal(made)


@blueprint.post("/<key_id>/replace")
@member(Role.VIEWER)
def replace(project_id: str, key_id: str) -> ResponseReturnValue:
    """Revoke a key whose secret was lost, and create another like it."""
    form, lost = KeyOnce(), _find(key_id)
    if not form.validate():
        return _repeated(lost, form, 422)
    try:
        with writing(db.session()) as session:
            made = rotation.make_again(session, caller().membership_id, lost.id, form.token, actor(), now())
    except AlreadyMade as repeat:
        return _repeated(repeat.key, KeyOnce.new())
    return _reveal(made)


@blueprint.get("/<key_id>/rename")
@member(Role.VIEWER)
def rename_form(project_id: str, key_id: str) -> ResponseReturnValue:
    """Ask for another name."""
    key = _find(key_id)
    key_acts.check_open(key, "renamed")
    return _renaming(RenameForm(formdata=None, name=key.name), key)


@blueprint.post("/<key_id>/rename")
@member(Role.VIEWER)
def rename(project_id: str, key_id: str) -> ResponseReturnValue:
    """Give a key another name."""
    form, key = RenameForm(), _find(key_id)
    if not form.validate():
        return _renaming(form, key, 422)
    try:
        with writing(db.session()) as session:
            keys.rename(session, caller().membership_id, key_id, form.name.data or "", actor(), now())
    except Conflict as conflict:
        return _renaming(blame(form, form.name, str(conflict)), key, 409)
    return _done("renamed")


@blueprint.get("/<key_id>/expiry")
@member(Role.VIEWER)
def expiry_form(project_id: str, key_id: str) -> ResponseReturnValue:
    """Ask for another expiry."""
    key = _find(key_id)
    if why := keys.why_it_ends_so(key):
        raise Conflict(why)
    return _changing_expiry(ExpiryForm(formdata=None, kept_at=key.expires_at), key)


@blueprint.post("/<key_id>/expiry")
@member(Role.VIEWER)
def change_expiry(project_id: str, key_id: str) -> ResponseReturnValue:
    """Give a key another expiry."""
    key = _find(key_id)
    form = ExpiryForm(kept_at=key.expires_at)
    if not form.validate():
        return _changing_expiry(form, key, 422)
    with writing(db.session()) as session:
        keys.change_expiry(session, caller().membership_id, key_id, form.expires_at, actor(), now())
    return _done("expiry")


@blueprint.get("/<key_id>/rotate")
@member(Role.VIEWER)
def rotate_form(project_id: str, key_id: str) -> ResponseReturnValue:
    """Ask for the new key's expiry, and for how long the old one goes on."""
    key = _find(key_id)
    if why := rotation.why_not(key):
        raise Conflict(why)
    return _rotating(RotateForm.new(kept_at=rotation.usual_expiry(key, now())), key)


@blueprint.post("/<key_id>/rotate")
@member(Role.VIEWER)
def rotate(project_id: str, key_id: str) -> ResponseReturnValue:
    """Let a new key take a key's place, and show its secret, this once."""
    key = _find(key_id)
    form = RotateForm(kept_at=rotation.usual_expiry(key, now()))
    if not form.validate():
        return _rotating(form, key, 422)
    try:
        with writing(db.session()) as session:
            made = rotation.rotate(session, caller().membership_id, key_id, form.wanted, actor(), now())
    except AlreadyMade as repeat:
        return _repeated(repeat.key, KeyOnce.new())
    return _reveal(made)


@blueprint.get("/<key_id>/suspend")
@member(Role.VIEWER)
def suspend_form(project_id: str, key_id: str) -> ResponseReturnValue:
    """Ask whether to suspend a key."""
    key = _find(key_id)
    key_acts.check_open(key, "suspended")
    return answer("api_keys/suspend.html", "api_keys/_suspend.html", key=key)


@blueprint.post("/<key_id>/suspend")
@member(Role.VIEWER)
def suspend(project_id: str, key_id: str) -> ResponseReturnValue:
    """Suspend a key."""
    key = _find(key_id)
    with writing(db.session()) as session:
        suspension.suspend(session, caller().membership_id, key.id, actor(), now())
    return _done("suspended")


@blueprint.get("/<key_id>/resume")
@member(Role.VIEWER)
def resume_form(project_id: str, key_id: str) -> ResponseReturnValue:
    """Ask whether to resume a key."""
    key = _find(key_id)
    key_acts.check_open(key, "resumed")
    return answer("api_keys/resume.html", "api_keys/_resume.html", key=key)


@blueprint.post("/<key_id>/resume")
@member(Role.VIEWER)
def resume(project_id: str, key_id: str) -> ResponseReturnValue:
    """Resume a suspended key."""
    key = _find(key_id)
    with writing(db.session()) as session:
        suspension.resume(session, caller().membership_id, key.id, actor(), now())
    return _done("resumed")


@blueprint.get("/<key_id>/revoke")
@member(Role.VIEWER)
def revoke_form(project_id: str, key_id: str) -> ResponseReturnValue:
    """Ask whether to revoke a key."""
    key = _find(key_id)
    key_acts.check_open(key, "revoked")
    addresses = {"act": "api_keys.revoke", "back": "api_keys.listed"}
    return answer("api_keys/revoke.html", "api_keys/_revoke.html", key=key, **addresses)


@blueprint.post("/<key_id>/revoke")
@member(Role.VIEWER)
def revoke(project_id: str, key_id: str) -> ResponseReturnValue:
    """Revoke a key, for good."""
    key = _find(key_id)
    with writing(db.session()) as session:
        keys.revoke(session, caller().membership_id, key.id, actor(), now())
    return _done("revoked")


def _find(key_id: str) -> KeyInfo:
    """One of the caller's own keys; text that is no API Key ID never reaches the database."""
    if not core.is_key_id(key_id):
        raise NotFound(keys.NOT_FOUND)
    return keys.get(db.session(), caller().membership_id, key_id, now())


def _creating(form: CreateForm, status: int = 200) -> Response:
    return answer("api_keys/create.html", "api_keys/_create.html", status, form=form)


def _renaming(form: RenameForm, key: KeyInfo, status: int = 200) -> Response:
    return answer("api_keys/rename.html", "api_keys/_rename.html", status, form=form, key=key)


def _changing_expiry(form: ExpiryForm, key: KeyInfo, status: int = 200) -> Response:
    return answer("api_keys/expiry.html", "api_keys/_expiry.html", status, form=form, key=key)


def _rotating(form: KeyOnce, key: KeyInfo, status: int = 200) -> Response:
    return answer("api_keys/rotate.html", "api_keys/_rotate.html", status, form=form, key=key)


def _reveal(made: Created) -> Response:
    """The one answer that holds the secret; it is never stored, and no address leads back to it."""
    origin = services().settings.public_origin
    combined = core.combine(origin, made.key.id, made.secret)
    values = {"key": made.key, "replaces": made.replaces, "secret": made.secret, "combined": combined, "origin": origin}
    return _changed(answer("api_keys/created.html", "api_keys/_created.html", 201, **values))


def _repeated(key: KeyInfo, form: KeyOnce, status: int = 409) -> Response:
    return answer("api_keys/repeated.html", "api_keys/_repeated.html", status, key=key, form=form)


def _done(what: str) -> Response:
    address = url_for("api_keys.listed", project_id=caller().project_id, done=what)
    return back_to(address, _DONE[what], _CHANGED)


def _changed(response: Response) -> Response:
    response.headers["HX-Trigger"] = _CHANGED
    return response

"""Data marts: the list, and of each its page, title, description, sharing, owners and end."""

from contextlib import suppress
from typing import Any, Final

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from owox.access import acting, browser, caller, member, now, services
from owox.models import DataMart, Storage, db, writing
from owox.reading.fields import allowed, field_of
from owox.roles import Action, Owner, Role
from owox.services import mart_pages, marts, member_list, runs, storages
from owox.services.member_list import MemberInfo
from owox.services.once import AlreadyMade
from owox.web.mart_answers import DONE, changed, find, to_list, to_mart
from owox.web.mart_forms import CreateForm, DetailsForm, OwnersForm, SharingForm
from owox.web.mart_query import Query, Shown
from owox.web.screen import answer, answer_at

blueprint = Blueprint("data_marts", __name__, url_prefix="/projects/<project_id>")
_WHOSE: Final = {
    Role.ADMIN: "All data marts of this project.",
    Role.EDITOR: "The data marts that you own, and those that are shared for reporting or maintenance.",
    Role.VIEWER: "The data marts that you own, and those that are shared for reporting.",
}


@blueprint.get("")
@member(Role.VIEWER)
def listed(project_id: str) -> ResponseReturnValue:
    """Data marts of a project."""
    query = Query.read()
    page, may_create = mart_pages.page(db.session(), caller(), query.filter), caller().role.includes(Role.EDITOR)
    values: dict[str, Any] = {
        "page": page,
        "owners": mart_pages.owners(db.session(), caller()),
        "query": query,
        "shown": Shown,
        "whose": _WHOSE[caller().role],
        "may_create": may_create,
        "needs_storage": may_create and not page.entries and not _usable(),
        "done": DONE,
    }
    return answer_at(query.url(page=page.number), "data_marts/list.html", "data_marts/_list.html", **values)


@blueprint.get("/data-marts")
@member(Role.VIEWER)
def home(project_id: str) -> ResponseReturnValue:
    """Where the address of a data mart leads without its end."""
    return redirect(url_for("data_marts.listed", project_id=project_id))


@blueprint.get("/data-marts/create")
@member(Role.EDITOR)
def create_form(project_id: str) -> ResponseReturnValue:
    """Ask for a title and a storage."""
    chosen = request.args.get("storage")
    return _creating(CreateForm(_usable(), formdata=None, form_token=browser.new_form_token(), storage=chosen))


@blueprint.post("/data-marts/create")
@member(Role.EDITOR)
def create(project_id: str) -> ResponseReturnValue:
    """Create a draft."""
    form = CreateForm(_usable())
    if not form.validate():
        return _creating(form, 422)
    mart_id = form.token
    with writing(db.session()) as session, suppress(AlreadyMade):
        marts.create(session, acting(), form.title.data or "", form.storage.data, mart_id)
    return to_mart(mart_id, "created")


@blueprint.get("/data-marts/<mart_id>")
@member(Role.VIEWER)
def shown(project_id: str, mart_id: str) -> ResponseReturnValue:
    """A data mart."""
    part = runs.page(db.session(), caller(), mart_id)
    mart = find(mart_id)
    values: dict[str, Any] = {
        "mart": mart,
        "owners": {kind: [owner.member for owner in mart.owners if owner.kind == kind] for kind in Owner},
        "fields": [(kept, allowed(field_of(kept))) for kept in mart.fields],
        "may": marts.actions(caller(), mart),
        "part": part,
        "origin": services().settings.public_origin,
        "done": DONE,
    }
    return answer("data_marts/show.html", "data_marts/_mart.html", **values)


@blueprint.get("/data-marts/<mart_id>/details")
@member(Role.EDITOR)
def details_form(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Ask for another title and description."""
    mart = _changeable(mart_id, Action.EDIT)
    return _detailing(DetailsForm(formdata=None, title=mart.title, description=mart.description), mart)


@blueprint.post("/data-marts/<mart_id>/details")
@member(Role.EDITOR)
def change_details(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Change title and description."""
    mart, form = _changeable(mart_id, Action.EDIT), DetailsForm()
    if not form.validate():
        return _detailing(form, mart, 422)
    with writing(db.session()) as session:
        marts.rename(session, acting(), mart_id, form.title.data or "")
        marts.describe(session, acting(), mart_id, form.description.data or None)
    return changed(mart_id, "details")


@blueprint.get("/data-marts/<mart_id>/sharing")
@member(Role.EDITOR)
def sharing_form(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Ask who else may read and maintain it."""
    mart = _changeable(mart_id, Action.CONFIGURE_SHARING)
    flags = {"reporting": mart.available_for_reporting, "maintenance": mart.available_for_maintenance}
    return answer(
        "data_marts/sharing.html", "data_marts/_sharing.html", form=SharingForm(formdata=None, **flags), mart=mart
    )


@blueprint.post("/data-marts/<mart_id>/sharing")
@member(Role.EDITOR)
def share(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Change the sharing."""
    form = SharingForm()
    flags = {"reporting": form.reporting.data, "maintenance": form.maintenance.data}
    with writing(db.session()) as session:
        marts.share(session, acting(), mart_id, **flags)
    return changed(mart_id, "sharing")


@blueprint.get("/data-marts/<mart_id>/owners")
@member(Role.EDITOR)
def owners_form(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Ask who owns it."""
    mart = _changeable(mart_id, Action.MANAGE_OWNERS)
    return _owning(OwnersForm.of(mart, _lasting()), mart)


@blueprint.post("/data-marts/<mart_id>/owners")
@member(Role.EDITOR)
def set_owners(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Change the owners."""
    mart, form = _changeable(mart_id, Action.MANAGE_OWNERS), OwnersForm(_lasting())
    if not form.validate():
        return _owning(form, mart, 422)
    with writing(db.session()) as session:
        marts.set_owners(session, acting(), mart_id, form.wanted)
    return changed(mart_id, "owners")


@blueprint.get("/data-marts/<mart_id>/delete")
@member(Role.EDITOR)
def delete_form(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Ask whether to delete it."""
    return answer("data_marts/delete.html", "data_marts/_delete.html", mart=_changeable(mart_id, Action.DELETE))


@blueprint.post("/data-marts/<mart_id>/delete")
@member(Role.EDITOR)
def delete(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Delete it; open streams of it are cut."""
    with writing(db.session()) as session:
        marts.remove(session, acting(), mart_id)
    return to_list("deleted")


def _changeable(mart_id: str, needed: Action) -> DataMart:
    return marts.get(db.session(), caller(), mart_id, needed)


def _usable() -> list[Storage]:
    found = [info.storage for info in storages.listed(db.session(), caller())]
    return [storage for storage in found if Action.USE in storages.actions(caller(), storage)]


def _lasting() -> list[MemberInfo]:
    """Who can own a data mart: the members of the project who are not disabled."""
    found = member_list.of_project(db.session(), caller().project_id, now())
    return [person for person in found if person.disabled_at is None]


def _creating(form: CreateForm, status: int = 200) -> Response:
    return answer("data_marts/create.html", "data_marts/_create.html", status, form=form)


def _detailing(form: DetailsForm, mart: DataMart, status: int = 200) -> Response:
    return answer("data_marts/details.html", "data_marts/_details.html", status, form=form, mart=mart)


def _owning(form: OwnersForm, mart: DataMart, status: int = 200) -> Response:
    return answer("data_marts/owners.html", "data_marts/_owners.html", status, form=form, mart=mart)

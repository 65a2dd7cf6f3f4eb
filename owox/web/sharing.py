"""Who may use a storage or a destination, whose it is, and its end: the same dialogs for both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from owox.access import acting, caller, member, now
from owox.models import Destination, Storage, db, writing
from owox.roles import Action, Role
from owox.services import destinations, marts, member_list, storages
from owox.services.acting import Acting
from owox.services.authentication import Caller
from owox.services.errors import BadSetting, Conflict, Forbidden
from owox.services.member_list import MemberInfo
from owox.web.forms import Form, blame
from owox.web.screen import answer, back_to, leave_to

Thing = Storage | Destination
blueprint = Blueprint("sharing", __name__)
SHARED: Final = {
    "shared": "The sharing is changed. It acts on the next request.",
    "owned": "The owners are changed. It acts on the next request.",
}


class Service(Protocol):
    """What the services of storages and of destinations have in common."""

    def get(self, session: Session, caller: Caller, thing_id: str, needed: Action = ..., /) -> Any:
        """One thing, on which the caller may do what is needed."""

    def share(self, session: Session, by: Acting, thing_id: str, /, *, use: bool, maintenance: bool) -> object:
        """Set the two sharing flags."""

    def set_owners(self, session: Session, by: Acting, thing_id: str, member_ids: Iterable[str], /) -> list[str]:
        """Replace the owners."""

    def remove(self, session: Session, by: Acting, thing_id: str, /) -> None:
        """Delete it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing: what one of them is called, and its service."""

    noun: str
    service: Service


KINDS: Final = {"storages": Kind("storage", storages), "destinations": Kind("destination", destinations)}


class SharingForm(Form):
    """The two sharing flags."""

    use = BooleanField("Shared for use")
    maintenance = BooleanField("Shared for maintenance")


class OwnersForm(Form):
    """The owners, out of the members of the project who are not disabled."""

    owners = SelectMultipleField(
        "Owners", widget=ListWidget(), option_widget=CheckboxInput(), choices=[], validate_choice=False
    )

    def __init__(self, people: Sequence[MemberInfo], **options: Any) -> None:
        super().__init__(**options)
        self.owners.choices = [(person.id, person.name) for person in people if person.disabled_at is None]
        self.emails = {person.id: person.email for person in people}

    def leaving(self, thing: Thing) -> list[str]:
        """The names of owners who can own nothing any more."""
        lasting = {member_id for member_id, _ in self.owners.choices}
        return sorted(owner.member.name for owner in thing.owners if owner.member_id not in lasting)


@blueprint.get("/sharing")
@member(Role.VIEWER)
def share_form(project_id: str, section: str, thing_id: str) -> ResponseReturnValue:
    """Ask who else may use it."""
    thing = _find(section, thing_id, Action.CONFIGURE_SHARING)
    flags = {"use": thing.available_for_use, "maintenance": thing.available_for_maintenance}
    form = SharingForm(formdata=None, **flags)
    return answer("sharing/share.html", "sharing/_share.html", form=form, **_of(section, thing))


@blueprint.post("/sharing")
@member(Role.VIEWER)
def share(project_id: str, section: str, thing_id: str) -> ResponseReturnValue:
    """Say who else may use it."""
    form = SharingForm()
    flags = {"use": form.use.data, "maintenance": form.maintenance.data}
    with writing(db.session()) as session:
        KINDS[section].service.share(session, acting(), thing_id, **flags)
    return _changed(section, thing_id, "shared")


@blueprint.get("/owners")
@member(Role.VIEWER)
def owners_form(project_id: str, section: str, thing_id: str) -> ResponseReturnValue:
    """Ask whose it shall be."""
    thing = _find(section, thing_id, Action.MANAGE_OWNERS)
    form = OwnersForm(_people(), formdata=None, owners=[owner.member_id for owner in thing.owners])
    return _owning(form, section, thing)


@blueprint.post("/owners")
@member(Role.VIEWER)
def set_owners(project_id: str, section: str, thing_id: str) -> ResponseReturnValue:
    """Replace the owners."""
    thing, form = _find(section, thing_id, Action.MANAGE_OWNERS), OwnersForm(_people())
    try:
        with writing(db.session()) as session:
            KINDS[section].service.set_owners(session, acting(), thing_id, form.owners.data or [])
    except BadSetting:
        text = "Somebody chosen is no member any more. Look through the list again."
        return _owning(blame(form, form.owners, text), section, thing, 422)
    return _changed(section, thing_id, "owned")


@blueprint.get("/delete")
@member(Role.VIEWER)
def remove_form(project_id: str, section: str, thing_id: str) -> ResponseReturnValue:
    """Ask whether to delete it."""
    return _removing(section, _find(section, thing_id, Action.DELETE))


@blueprint.post("/delete")
@member(Role.VIEWER)
def remove(project_id: str, section: str, thing_id: str) -> ResponseReturnValue:
    """Delete it."""
    thing = _find(section, thing_id, Action.DELETE)
    try:
        with writing(db.session()) as session:
            KINDS[section].service.remove(session, acting(), thing_id)
    except Conflict:
        return _removing(section, thing, 409)
    return leave_to(url_for(f"{section}.listed", project_id=project_id, done="deleted"))


def _find(section: str, thing_id: str, needed: Action) -> Thing:
    kind = KINDS[section]
    thing: Thing = getattr(kind.service.get(db.session(), caller(), thing_id, needed), kind.noun)
    return thing


def _of(section: str, thing: Thing) -> dict[str, Any]:
    noun = KINDS[section].noun
    place: dict[str, Any] = {"project_id": caller().project_id, f"{noun}_id": thing.id}
    return {"thing": thing, "noun": noun, "back": url_for(f"{section}.shown", **place)}


def _people() -> list[MemberInfo]:
    return member_list.of_project(db.session(), caller().project_id, now())


def _owning(form: OwnersForm, section: str, thing: Thing, status: int = 200) -> Response:
    return answer("sharing/owners.html", "sharing/_owners.html", status, form=form, **_of(section, thing))


def _removing(section: str, thing: Thing, status: int = 200) -> Response:
    seen, standing = marts.on_storage(db.session(), caller(), thing.id) if section == "storages" else ([], 0)
    values = {"marts": seen, "standing": standing, **_of(section, thing)}
    return answer("sharing/delete.html", "sharing/_delete.html", status, **values)


def _changed(section: str, thing_id: str, what: str) -> Response:
    """Back to the thing; whoever gave away what let them see it goes to the list."""
    try:
        back = _of(section, _find(section, thing_id, Action.SEE))["back"]
    except Forbidden:
        return leave_to(url_for(f"{section}.listed", project_id=caller().project_id, done=what))
    return back_to(f"{back}?done={what}", SHARED[what], f"{section}-changed")

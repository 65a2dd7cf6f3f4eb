"""Project settings: what a project is, and what it says about itself."""

from typing import Final

from flask import Blueprint, Response, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField, ValidationError

from owox.access import acting, caller, member
from owox.models import db, writing
from owox.roles import Role
from owox.services import projects
from owox.services.errors import Invalid, Problem
from owox.web.forms import Form, message
from owox.web.screen import answer, wants_part

blueprint = Blueprint("settings", __name__, url_prefix="/projects/<project_id>/settings")
_DONE: Final = {"described": "The description is saved.", "cleared": "The project has no description now."}


class DescriptionForm(Form):
    """What the project says about itself; nothing but blanks stands for no description."""

    description = TextAreaField("Description")

    def validate_description(self, field: TextAreaField) -> None:
        """At most 10,000 characters."""
        try:
            if self.wanted is not None:
                projects.clean_description(self.wanted)
        except Invalid as invalid:
            nul = invalid.problem is Problem.CONTROL
            text = "Remove the NUL characters." if nul else message(invalid.problem, limit=projects.DESCRIPTION_MAX)
            raise ValidationError(text) from None

    @property
    def wanted(self) -> str | None:
        """The description as it is kept: with plain line ends, or None."""
        return (self.description.data or "").strip().replace("\r\n", "\n") or None


@blueprint.get("")
@member(Role.VIEWER)
def project(project_id: str) -> ResponseReturnValue:
    """What a project is, and the member's part in it."""
    return _page()


@blueprint.post("")
@member(Role.ADMIN)
def describe(project_id: str) -> ResponseReturnValue:
    """Set or clear the description."""
    form = DescriptionForm()
    if not form.validate():
        return _page(422, form)
    with writing(db.session()) as session:
        projects.describe(session, acting(), form.wanted)
    done = "cleared" if form.wanted is None else "described"
    if wants_part():
        return _page(said=_DONE[done])
    return redirect(url_for("settings.project", project_id=project_id, done=done), 303)


def _page(status: int = 200, form: DescriptionForm | None = None, said: str = "") -> Response:
    found = projects.get(db.session(), caller().project_id)
    form = form or DescriptionForm(formdata=None, description=found.description)
    values = {"project": found, "form": form, "said": said, "done": _DONE}
    return make_response(answer("settings/project.html", "settings/_description.html", status, **values))

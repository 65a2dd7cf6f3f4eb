"""First set-up: whoever opens the one-time link that the server printed becomes the first admin."""

from flask import Blueprint, Response, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from owox.access import actor, now, public
from owox.models import Project, db, writing
from owox.roles import Role
from owox.services import members, names, passwords, projects, setup
from owox.services.errors import Conflict, Invalid, NotFound
from owox.web.forms import Form, blame, checked, message
from owox.web.signin import enter

blueprint = Blueprint("setup", __name__)


class SetUpForm(Form):
    """The first member, and the first project where there is none yet."""

    title = StringField("Project title")
    email = StringField("Email")
    name = StringField("Name")
    password = PasswordField("Password", [InputRequired("Enter a password.")])
    time_zone = HiddenField()
    project: Project | None = None

    def validate_title(self, field: StringField) -> None:
        """A name, unless there is a project."""
        if self.project is None:
            limit = projects.TITLE_MAX
            checked(lambda: names.clean_name(field.data or "", limit, "title"), "a title", limit)

    def validate_email(self, field: StringField) -> None:
        """An e-mail address."""
        checked(lambda: names.clean_email(field.data or ""), "your e-mail address", names.EMAIL_MAX)

    def validate_name(self, field: StringField) -> None:
        """A name."""
        limit = members.NAME_MAX
        checked(lambda: names.clean_name(field.data or "", limit), "your name", limit)


@blueprint.get("/setup/<token>")
@public
def set_up(token: str) -> ResponseReturnValue:
    """Ask who the first admin is."""
    form = SetUpForm()
    try:
        form.project = _project(token)
    except NotFound:
        return _over()
    return _page(form)


@blueprint.post("/setup/<token>")
@public
def create(token: str) -> ResponseReturnValue:
    """Create the first admin and sign in."""
    form = SetUpForm()
    try:
        form.project = _project(token)
        if not form.validate():
            return _page(form, 422)
        with writing(db.session()) as session:
            member_id = _first_admin(session, token, form)
    except NotFound:
        return _over()
    except Invalid as invalid:
        least = passwords.MIN_LENGTH if len(form.password.data or "") < passwords.MIN_LENGTH else passwords.MAX_LENGTH
        return _page(blame(form, form.password, message(invalid.problem, "a password", least)), 422)
    except Conflict as conflict:
        return _page(blame(form, form.email, str(conflict)), 409)
    return enter(member_id, form.time_zone.data, "/")


def _first_admin(session: Session, token: str, form: SetUpForm) -> str:
    """Make the member, an admin of the link's project or of a new one, and end the link; return the member's id."""
    at, who = now(), actor()
    setup.use(session, token, at)
    project_id = form.project.id if form.project else projects.create(session, form.title.data or "", who, at)
    member_id = members.create(session, form.email.data or "", form.name.data or "", form.password.data or "", who, at)
    members.join(session, member_id, project_id, Role.ADMIN, who, at)
    return member_id


def _project(token: str) -> Project | None:
    project_id = setup.find(db.session(), token, now())
    return projects.get(db.session(), project_id) if project_id else None


def _page(form: SetUpForm, status: int = 200) -> Response:
    return make_response(render_template("setup/set_up.html", form=form), status)


def _over() -> Response:
    return make_response(render_template("setup/over.html"), 404)

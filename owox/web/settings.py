"""Project settings."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from owox.access import member
from owox.models import db
from owox.roles import Role
from owox.services import projects

blueprint = Blueprint("settings", __name__)


@blueprint.get("/projects/<project_id>/settings")
@member(Role.VIEWER)
def project(project_id: str) -> ResponseReturnValue:
    """What a project is, and the member's part in it."""
    return render_template("settings/project.html", project=projects.get(db.session(), project_id))

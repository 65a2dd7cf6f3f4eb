"""Where one arrives: the member's first project, and what a project holds."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from owox.access import caller, member, signed_in, visitor
from owox.models import db
from owox.roles import Role
from owox.services import marts, members

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def start() -> ResponseReturnValue:
    """Go to the member's first project."""
    projects = members.memberships(db.session(), visitor().member_id)
    if not projects:
        return render_template("home/no_project.html", visitor=visitor()), 403
    return redirect(url_for("home.project", project_id=projects[0].project_id))


@blueprint.get("/projects/<project_id>")
@member(Role.VIEWER)
def project(project_id: str) -> ResponseReturnValue:
    """Data marts of a project."""
    return render_template("home/data_marts.html", page=marts.page(db.session(), caller(), offset=0))

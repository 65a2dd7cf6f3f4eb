"""Where one arrives: the member's first project."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from owox.access import signed_in, visitor
from owox.models import db
from owox.services import members

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def start() -> ResponseReturnValue:
    """Go to the member's first project."""
    projects = members.memberships(db.session(), visitor().member_id)
    if not projects:
        return render_template("home/no_project.html", visitor=visitor()), 403
    return redirect(url_for("data_marts.listed", project_id=projects[0].project_id))

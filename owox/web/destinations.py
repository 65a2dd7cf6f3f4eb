"""Destinations: the list."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from owox.access import caller, member
from owox.models import db
from owox.roles import Role
from owox.services import destinations

blueprint = Blueprint("destinations", __name__, url_prefix="/projects/<project_id>/destinations")


@blueprint.get("")
@member(Role.VIEWER)
def listed(project_id: str) -> ResponseReturnValue:
    """Destinations of a project."""
    return render_template("destinations/list.html", destinations=destinations.listed(db.session(), caller()))

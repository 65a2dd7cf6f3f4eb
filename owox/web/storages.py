"""Storages: the list."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from owox.access import caller, member
from owox.models import db
from owox.roles import Role
from owox.services import storages

blueprint = Blueprint("storages", __name__, url_prefix="/projects/<project_id>/storages")


@blueprint.get("")
@member(Role.VIEWER)
def listed(project_id: str) -> ResponseReturnValue:
    """Storages of a project."""
    return render_template("storages/list.html", storages=storages.listed(db.session(), caller()))

"""The documentation: how a key is made, used, rotated and ended, with commands that name this very server."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from owox.access import caller, member, services
from owox.models import db
from owox.roles import Role
from owox.services import marts

blueprint = Blueprint("docs", __name__, url_prefix="/projects/<project_id>/docs")


@blueprint.get("")
@member(Role.VIEWER)
def shown(project_id: str) -> ResponseReturnValue:
    """How to use API keys; the example is a data mart that the reader may read."""
    mart = marts.an_example(db.session(), caller())
    return render_template("docs/show.html", origin=services().settings.public_origin, mart=mart)


@blueprint.get("/recipes")
@member(Role.VIEWER)
def recipes(project_id: str) -> ResponseReturnValue:
    """Whole jobs for CI, cron, Docker, make and agents; what they read is a data mart that the reader may read."""
    mart = marts.an_example(db.session(), caller())
    return render_template("docs/recipes.html", origin=services().settings.public_origin, mart=mart)

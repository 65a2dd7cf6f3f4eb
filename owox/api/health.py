"""Whether the server lives, and whether it can do its work."""

from flask import Blueprint, Response
from sqlalchemy import select

from owox.access import public_api
from owox.api.bodies import respond
from owox.models import Project, db

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
@public_api
def live() -> Response:
    """The process answers."""
    return respond({})


@blueprint.get("/ready")
@public_api
def ready() -> Response:
    """The database answers too; 503 when it does not."""
    db.session.execute(select(Project.id).limit(1)).first()
    return respond({})

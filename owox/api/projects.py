"""The project that the caller is in: its description, and how far it is set up (contract.md 3.6)."""

from flask import Blueprint, Response

from owox.access import acting, api, caller
from owox.api.bodies import DESCRIPTION_BYTES, read_object, respond
from owox.api.errors import timestamp
from owox.api.values import nullable_text
from owox.models import db, writing
from owox.roles import Role
from owox.services import projects, setup_progress

blueprint = Blueprint("projects", __name__, url_prefix="/api")


@blueprint.get("/projects/settings")
@api(Role.VIEWER)
def get_project_settings() -> Response:
    """The settings of the project."""
    return respond({"description": projects.get(db.session(), caller().project_id).description})


@blueprint.put("/projects/settings/description")
@api(Role.ADMIN, body_bytes=DESCRIPTION_BYTES)
def describe_project() -> Response:
    """Set or clear what the project says about itself."""
    description = nullable_text(read_object("description"), "description")
    with writing(db.session()) as session:
        projects.describe(session, acting(), description)
    return respond({"description": description})


@blueprint.get("/project-setup-progress")
@api(Role.VIEWER)
def get_setup_progress() -> Response:
    """Which steps of setting a project up are done."""
    steps = setup_progress.steps(db.session(), caller().project_id)
    done = sum(step.done for step in steps.values())
    return respond(
        {
            "version": 1,
            "stepsSchemaVersion": 1,
            "progress": round(100 * done / len(steps)),
            "steps": {
                name: {"done": step.done, "completedAt": timestamp(step.completed_at)} for name, step in steps.items()
            },
        }
    )

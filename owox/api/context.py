"""Who the caller is (contract.md 3.1)."""

from flask import Blueprint, Response

from owox.access import api, caller
from owox.api.bodies import respond
from owox.roles import Role

blueprint = Blueprint("context", __name__, url_prefix="/api/auth")


@blueprint.get("/context")
@api(Role.VIEWER)
def context() -> Response:
    """The member, the project and the role that this credential acts as."""
    known = caller()
    key = {"authFlow": "api_key", "apiKeyId": known.api_key_id} if known.api_key_id else {}
    return respond(
        {
            "userId": known.member_id,
            "projectId": known.project_id,
            "email": known.email,
            "fullName": known.name,
            "roles": [known.role],
            "projectTitle": known.project_title,
            **key,
        }
    )

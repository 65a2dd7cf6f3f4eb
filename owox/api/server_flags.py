"""What a client may know of this server before it has a credential (contract.md 3.13)."""

from flask import Blueprint, Response

from owox.access import public_api, services
from owox.api.bodies import respond

blueprint = Blueprint("server_flags", __name__, url_prefix="/api")


@blueprint.get("/flags")
@public_api
def get_flags() -> Response:
    """The origin that combined values are made with."""
    return respond({"PUBLIC_ORIGIN": services().settings.public_origin})

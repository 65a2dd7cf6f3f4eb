"""Destinations (contract.md 3.5, 3.13): list, create, read, change, share, delete, and their secret keys."""

from typing import Any, Final

from flask import Blueprint, Response

from owox.access import acting, api, caller, services
from owox.api import shapes
from owox.api.bodies import read_object, respond
from owox.api.values import flags, ids, optional_object, optional_text, text
from owox.models import db, writing
from owox.roles import Role
from owox.services import destinations
from owox.services.destination_settings import SECRET_KEY
from owox.services.destinations import DestinationInfo, NewDestination

blueprint = Blueprint("data_destinations", __name__, url_prefix="/api/data-destinations")
_FLAGS: Final = ("availableForUse", "availableForMaintenance")


@blueprint.get("")
@api(Role.VIEWER)
def list_destinations() -> Response:
    """All destinations that the caller may see."""
    return respond([shapes.destination(info) for info in destinations.listed(db.session(), caller())])


@blueprint.post("")
@api(Role.EDITOR)
def create_destination() -> Response:
    """Create a destination; a secret key that is made for it is in this answer only."""
    body = read_object("type", "title", "credentials")
    new = NewDestination(text(body, "type"), text(body, "title"), optional_object(body, "credentials") or {})
    with writing(db.session()) as session:
        info = destinations.create(session, services().keeper.vault, acting(), new)
    return respond(_with_new_secret(info), 201)


@blueprint.get("/<destination_id>")
@api(Role.VIEWER)
def get_destination(destination_id: str) -> Response:
    """A destination without its secrets."""
    return respond(shapes.destination(destinations.get(db.session(), caller(), destination_id)))


@blueprint.put("/<destination_id>")
@api(Role.VIEWER)
def update_destination(destination_id: str) -> Response:
    """Change the title, the credentials, or both."""
    body = read_object("title", "credentials")
    changes: dict[str, Any] = {
        "title": optional_text(body, "title"),
        "credentials": optional_object(body, "credentials"),
    }
    with writing(db.session()) as session:
        info = destinations.update(session, services().keeper.vault, acting(), destination_id, **changes)
    return respond(shapes.destination(info))


@blueprint.post("/<destination_id>/rotate-secret-key")
@api(Role.VIEWER)
def rotate_destination_secret_key(destination_id: str) -> Response:
    """Make another secret key; it is in this answer only."""
    read_object()
    with writing(db.session()) as session:
        info = destinations.rotate_secret_key(session, services().keeper.vault, acting(), destination_id)
    return respond(_with_new_secret(info))


@blueprint.put("/<destination_id>/sharing")
@api(Role.VIEWER)
def share_destination(destination_id: str) -> Response:
    """Say whether others may use and maintain it."""
    use, maintenance = flags(read_object(*_FLAGS), *_FLAGS)
    with writing(db.session()) as session:
        info = destinations.share(session, acting(), destination_id, use=use, maintenance=maintenance)
    return respond(shapes.destination(info))


@blueprint.put("/<destination_id>/owners")
@api(Role.VIEWER)
def set_destination_owners(destination_id: str) -> Response:
    """Replace the owners."""
    wanted = ids(read_object("ownerIds"), "ownerIds")
    with writing(db.session()) as session:
        owner_ids = destinations.set_owners(session, acting(), destination_id, wanted)
    return respond({"ownerIds": owner_ids})


@blueprint.delete("/<destination_id>")
@api(Role.VIEWER)
def delete_destination(destination_id: str) -> Response:
    """Delete a destination."""
    with writing(db.session()) as session:
        destinations.remove(session, acting(), destination_id)
    return Response(status=200)


def _with_new_secret(info: DestinationInfo) -> dict[str, Any]:
    shape = shapes.destination(info)
    if info.new_secret is not None:
        shape["credentials"] = shape["credentials"] | {SECRET_KEY: info.new_secret}
    return shape

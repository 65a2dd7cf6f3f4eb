"""Storages (contract.md 3.4, 3.13): list, create, read, change, share, test, delete."""

from typing import Any, Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from owox.access import acting, api, caller, services
from owox.api import shapes
from owox.api.bodies import read_object, respond
from owox.api.values import flags, ids, optional_object, optional_text, text
from owox.models import db, writing
from owox.reading.engines import StorageError
from owox.roles import Action, Role
from owox.services import storages
from owox.services.storages import NewStorage, StorageInfo

blueprint = Blueprint("data_storages", __name__, url_prefix="/api/data-storages")
_OWNERS: Final = {None: None, "has_owners": True, "no_owners": False}


@blueprint.get("")
@api(Role.VIEWER)
def list_storages() -> Response:
    """All storages that the caller may see."""
    owners = request.args.get("ownerFilter")
    if owners not in _OWNERS:
        raise BadRequest("Validation failed (enum string is expected)")
    return respond([shapes.storage(info) for info in storages.listed(db.session(), caller(), _OWNERS[owners])])


@blueprint.post("")
@api(Role.EDITOR)
def create_storage() -> Response:
    """Create a storage; what opens it may be entered later."""
    body = read_object("type", "title", "config")
    new = NewStorage(text(body, "type"), optional_text(body, "title"), optional_object(body, "config"))
    with writing(db.session()) as session:
        info = storages.create(session, services().keeper, acting(), new)
    return respond(_full(info), 201)


@blueprint.get("/<storage_id>")
@api(Role.VIEWER)
def get_storage(storage_id: str) -> Response:
    """A storage with the part of what opens it that is no secret."""
    return respond(_full(storages.get(db.session(), caller(), storage_id)))


@blueprint.put("/<storage_id>")
@api(Role.EDITOR)
def update_storage(storage_id: str) -> Response:
    """Change the title, what opens the storage, or both."""
    body = read_object("title", "config")
    title, config = optional_text(body, "title"), optional_object(body, "config")
    with writing(db.session()) as session:
        info = storages.update(session, services().keeper, acting(), storage_id, title=title, config=config)
    return respond(_full(info))


@blueprint.put("/<storage_id>/sharing")
@api(Role.EDITOR)
def share_storage(storage_id: str) -> Response:
    """Say whether others may use and maintain it."""
    use, maintenance = flags(read_object(*_FLAGS), *_FLAGS)
    with writing(db.session()) as session:
        info = storages.share(session, acting(), storage_id, use=use, maintenance=maintenance)
    return respond(_full(info))


_FLAGS: Final = ("availableForUse", "availableForMaintenance")


@blueprint.put("/<storage_id>/owners")
@api(Role.EDITOR)
def set_storage_owners(storage_id: str) -> Response:
    """Replace the owners."""
    wanted = ids(read_object("ownerIds"), "ownerIds")
    with writing(db.session()) as session:
        owner_ids = storages.set_owners(session, acting(), storage_id, wanted)
    return respond({"ownerIds": owner_ids})


@blueprint.post("/<storage_id>/test")
@api(Role.EDITOR)
def test_storage(storage_id: str) -> Response:
    """Open the storage and say what failed; that the test itself worked is a 200."""
    read_object()
    storage = storages.get(db.session(), caller(), storage_id, Action.USE).storage
    # A storage may let one wait: the database connection goes back before.
    db.session.remove()
    return respond(_outcome(storages.test(services().keeper, storage)))


@blueprint.delete("/<storage_id>")
@api(Role.EDITOR)
def delete_storage(storage_id: str) -> Response:
    """Delete a storage that has no data marts."""
    with writing(db.session()) as session:
        storages.remove(session, acting(), storage_id)
    return Response(status=200)


def _full(info: StorageInfo) -> dict[str, Any]:
    return shapes.storage(info) | {"config": info.storage.config}


def _outcome(error: StorageError | None) -> dict[str, Any]:
    if error is None:
        return {"valid": True, "code": None, "message": None}
    return {"valid": False, "code": error.code, "message": error.provider_message}

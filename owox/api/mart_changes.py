"""One data mart (contract.md 3.13): create, read, define, publish, name, describe, share, hand over, delete."""

from typing import Any, Final

from flask import Blueprint, Response

from owox.access import acting, api, caller, services
from owox.api import shapes
from owox.api.bodies import DESCRIPTION_BYTES, read_object, respond
from owox.api.errors import ValidationFailed
from owox.api.values import flags, ids, nullable_text, some_object, text
from owox.models import db, writing
from owox.roles import Action, Owner, Role
from owox.services import mart_definitions, marts
from owox.services.mart_definitions import Examined, FieldSettings

blueprint = Blueprint("mart_changes", __name__, url_prefix="/api/data-marts")
_FLAGS: Final = ("availableForReporting", "availableForMaintenance")
_OWNERS: Final = {Owner.BUSINESS: "businessOwnerIds", Owner.TECHNICAL: "technicalOwnerIds"}


@blueprint.post("")
@api(Role.EDITOR)
def create_mart() -> Response:
    """Create a draft over a storage."""
    body = read_object("title", "storageId")
    title, storage_id = text(body, "title"), text(body, "storageId")
    with writing(db.session()) as session:
        mart = marts.create(session, acting(), title, storage_id)
    return respond({"id": mart.id, "title": mart.title}, 201)


@blueprint.get("/<mart_id>")
@api(Role.VIEWER)
def get_mart(mart_id: str) -> Response:
    """All of a data mart but its rows."""
    return _answer(mart_id)


@blueprint.put("/<mart_id>/definition")
@api(Role.EDITOR)
def define_mart(mart_id: str) -> Response:
    """Say what it reads; the storage checks that first."""
    body = read_object("definitionType", "definition")
    kind, definition = text(body, "definitionType"), some_object(body, "definition")
    storage = marts.get(db.session(), caller(), mart_id, Action.EDIT).storage
    # A storage may let one wait: the database connection goes back before.
    db.session.remove()
    examined = mart_definitions.examine(services().keeper, storage, kind, definition)
    with writing(db.session()) as session:
        mart_definitions.define(session, acting(), mart_id, examined)
    return _answer(mart_id)


@blueprint.put("/<mart_id>/publish")
@api(Role.EDITOR)
def publish_mart(mart_id: str) -> Response:
    """Let its rows be read."""
    examined = _examined_again(mart_id)
    with writing(db.session()) as session:
        mart_definitions.publish(session, acting(), mart_id, examined)
    return _answer(mart_id)


@blueprint.put("/<mart_id>/unpublish")
@api(Role.EDITOR)
def unpublish_mart(mart_id: str) -> Response:
    """Make a draft of it again."""
    read_object()
    with writing(db.session()) as session:
        mart_definitions.unpublish(session, acting(), mart_id)
    return _answer(mart_id)


@blueprint.post("/<mart_id>/schema/refresh")
@api(Role.EDITOR)
def refresh_mart_schema(mart_id: str) -> Response:
    """Read the fields from the storage again."""
    examined = _examined_again(mart_id)
    with writing(db.session()) as session:
        mart_definitions.refresh(session, acting(), mart_id, examined)
    return _answer(mart_id)


@blueprint.put("/<mart_id>/schema")
@api(Role.EDITOR)
def set_mart_schema(mart_id: str) -> Response:
    """Hide fields, describe them, and choose their aggregates."""
    settings = _field_settings(read_object("fields").get("fields"))
    with writing(db.session()) as session:
        mart_definitions.set_fields(session, acting(), mart_id, settings)
    return _answer(mart_id)


@blueprint.put("/<mart_id>/title")
@api(Role.EDITOR)
def rename_mart(mart_id: str) -> Response:
    """Give it another title."""
    title = text(read_object("title"), "title")
    with writing(db.session()) as session:
        marts.rename(session, acting(), mart_id, title)
    return _answer(mart_id)


@blueprint.put("/<mart_id>/description")
@api(Role.EDITOR, body_bytes=DESCRIPTION_BYTES)
def describe_mart(mart_id: str) -> Response:
    """Say what it holds; null clears."""
    description = nullable_text(read_object("description"), "description")
    with writing(db.session()) as session:
        marts.describe(session, acting(), mart_id, description)
    return _answer(mart_id)


@blueprint.put("/<mart_id>/sharing")
@api(Role.EDITOR)
def share_mart(mart_id: str) -> Response:
    """Say whether others may read and maintain it."""
    reporting, maintenance = flags(read_object(*_FLAGS), *_FLAGS)
    with writing(db.session()) as session:
        marts.share(session, acting(), mart_id, reporting=reporting, maintenance=maintenance)
    return _answer(mart_id)


@blueprint.put("/<mart_id>/owners")
@api(Role.EDITOR)
def set_mart_owners(mart_id: str) -> Response:
    """Replace its business owners, its technical owners, or both."""
    body = read_object(*_OWNERS.values())
    wanted = {kind: ids(body, name) for kind, name in _OWNERS.items() if name in body}
    with writing(db.session()) as session:
        marts.set_owners(session, acting(), mart_id, wanted)
    return respond({_OWNERS[kind]: list(dict.fromkeys(each)) for kind, each in wanted.items()})


@blueprint.delete("/<mart_id>")
@api(Role.EDITOR)
def delete_mart(mart_id: str) -> Response:
    """Delete it; open streams of it are cut."""
    with writing(db.session()) as session:
        marts.remove(session, acting(), mart_id)
    return Response(status=200)


def _answer(mart_id: str) -> Response:
    return respond(shapes.full_mart(marts.get(db.session(), caller(), mart_id)))


def _examined_again(mart_id: str) -> Examined:
    read_object()
    mart = marts.get(db.session(), caller(), mart_id, Action.EDIT)
    db.session.remove()
    return mart_definitions.examine_again(services().keeper, mart)


def _field_settings(value: object) -> list[FieldSettings]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValidationFailed(["fields must be a list of objects."])
    return [_one_field(item) for item in value]


def _one_field(item: dict[str, Any]) -> FieldSettings:
    name, description = item.get("name"), item.get("description")
    hidden, aggregations = item.get("hidden", False), item.get("aggregations")
    unknown = set(item) - {"name", "type", "hidden", "description", "aggregations"}
    texts = isinstance(name, str) and isinstance(description, str | None) and isinstance(hidden, bool)
    listed = aggregations is None or (isinstance(aggregations, list) and all(isinstance(a, str) for a in aggregations))
    if unknown or not texts or not listed:
        raise ValidationFailed(
            ["each of fields must have a name, and may have hidden, description and a list of aggregations."]
        )
    return FieldSettings(str(name), hidden, description, None if aggregations is None else tuple(aggregations))

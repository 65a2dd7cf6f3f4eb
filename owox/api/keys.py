"""A member's own API keys (contract.md 1.5), for the dashboard's cookie only: a key cannot manage keys."""

from typing import Any, Final

from flask import Blueprint, Response, request

from owox import keys as core
from owox.access import actor, api, caller, now, services
from owox.api.bodies import read_object, respond
from owox.api.errors import ValidationFailed, timestamp
from owox.models import db, writing
from owox.roles import Role
from owox.services import keys
from owox.services.expiry import parse_instant
from owox.services.keys import KeyInfo, Wanted

blueprint = Blueprint("member_api_keys", __name__, url_prefix="/api/project-member-api-keys")
_NAME: Final = (
    "name must be shorter than or equal to 100 characters.",
    "name should not be empty.",
    "name must be a string.",
)


@blueprint.get("")
@api(Role.VIEWER, keys=False)
def list_keys() -> Response:
    """The caller's keys in this project, newest first."""
    revoked = request.args.get("includeRevoked") == "true"
    found = keys.all_of(db.session(), caller().membership_id, now(), revoked=revoked)
    return respond([_shape(key) for key in found])


@blueprint.post("")
@api(Role.VIEWER, keys=False)
def create_key() -> Response:
    """Create a key; the only answer that ever holds its secret."""
    body, moment = read_object("name", "expiresAt"), now()
    name, expires = _name(body), body.get("expiresAt")
    if expires is not None and not isinstance(expires, str):
        raise ValidationFailed(["expiresAt must be a valid ISO 8601 date string."])
    wanted = Wanted(name, None if expires is None else parse_instant(expires, moment))
    with writing(db.session()) as session:
        created = keys.create(session, caller().membership_id, wanted, actor(), moment)
    return respond(created_shape(created, services().settings.public_origin), 201)


@blueprint.patch("/<key_id>")
@api(Role.VIEWER, keys=False)
def rename_key(key_id: str) -> Response:
    """Give a key another name."""
    name = _name(read_object("name"))
    with writing(db.session()) as session:
        key = keys.rename(session, caller().membership_id, key_id, name, actor(), now())
    return respond(_shape(key))


@blueprint.delete("/<key_id>")
@api(Role.VIEWER, keys=False)
def revoke_key(key_id: str) -> Response:
    """Revoke a key, for good; once more changes nothing."""
    with writing(db.session()) as session:
        keys.revoke(session, caller().membership_id, key_id, actor(), now())
    return Response(status=204)


def created_shape(created: keys.Created, origin: str) -> dict[str, Any]:
    """The create answer: the key, its secret, and the combined value (both generations of clients read theirs)."""
    combined = core.combine(origin, created.key.id, created.secret)
    return _shape(created.key) | {"apiKeySecret": created.secret, "apiKey": combined}


def _shape(key: KeyInfo) -> dict[str, Any]:
    return {
        "apiKeyId": key.id,
        "name": key.name,
        "expiresAt": timestamp(key.ends_at),
        "createdAt": timestamp(key.created_at),
        "lastAuthenticatedAt": timestamp(key.last_used_at),
    }


def _name(body: dict[str, Any]) -> str:
    name = body.get("name")
    if isinstance(name, str):
        return name
    raise ValidationFailed([text for text in _NAME if name is None or "empty" not in text])

"""A member's own API keys (contract.md 1.5), by the dashboard's cookie or a terminal's sign-in: no key manages keys."""

from datetime import datetime, timedelta
from typing import Any, Final

from flask import Blueprint, Response, request

from owox import keys as core
from owox.access import actor, api, caller, check_recent, now, services
from owox.api.bodies import read_object, respond
from owox.api.errors import ValidationFailed, timestamp
from owox.models import db, writing
from owox.roles import Role
from owox.services import keys, rotation
from owox.services.expiry import parse_instant
from owox.services.keys import KeyInfo, Wanted

blueprint = Blueprint("member_api_keys", __name__, url_prefix="/api/project-member-api-keys")
_NAME: Final = (
    "name must be shorter than or equal to 100 characters.",
    "name should not be empty.",
    "name must be a string.",
)


@blueprint.get("")
@api(Role.VIEWER, keys=False, terminals=True)
def list_keys() -> Response:
    """The caller's keys in this project, newest first."""
    revoked = request.args.get("includeRevoked") == "true"
    found = keys.all_of(db.session(), caller().membership_id, now(), revoked=revoked)
    return respond([shape(key) for key in found])


@blueprint.post("")
@api(Role.VIEWER, keys=False, terminals=True)
def create_key() -> Response:
    """Create a key; the only answer that ever holds its secret."""
    check_recent()
    body, moment = read_object("name", "expiresAt"), now()
    wanted = Wanted(_name(body), _expiry(body, moment))
    with writing(db.session()) as session:
        created = keys.create(session, caller().membership_id, wanted, actor(), moment)
    return respond(created_shape(created, services().settings.public_origin), 201)


@blueprint.patch("/<key_id>")
@api(Role.VIEWER, keys=False, terminals=True)
def edit_key(key_id: str) -> Response:
    """Give a key another name, an active one another expiry, or both."""
    body, moment, membership_id = read_object("name", "expiresAt"), now(), caller().membership_id
    name = _name(body) if "name" in body or "expiresAt" not in body else None
    expires_at = _expiry(body, moment)
    with writing(db.session()) as session:
        if name is not None:
            keys.rename(session, membership_id, key_id, name, actor(), moment)
        if "expiresAt" in body:
            keys.change_expiry(session, membership_id, key_id, expires_at, actor(), moment)
        key = keys.get(session, membership_id, key_id, moment)
    return respond(shape(key))


@blueprint.post("/<key_id>/rotate")
@api(Role.VIEWER, keys=False, terminals=True)
def rotate_key(key_id: str) -> Response:
    """Let another key take a key's place; the only answer that ever holds the new secret."""
    check_recent()
    body, moment, membership_id = read_object("expiresAt", "overlapSeconds"), now(), caller().membership_id
    expires_at, overlap = _expiry(body, moment), _overlap(body)
    with writing(db.session()) as session:
        if "expiresAt" not in body:
            old = keys.get(session, membership_id, key_id, moment)
            expires_at = rotation.usual_expiry(old, moment)
        wanted = rotation.Rotation(expires_at, overlap)
        created = rotation.rotate(session, membership_id, key_id, wanted, actor(), moment)
    return respond(created_shape(created, services().settings.public_origin), 201)


@blueprint.delete("/<key_id>")
@api(Role.VIEWER, keys=False, terminals=True)
def revoke_key(key_id: str) -> Response:
    """Revoke a key, for good; once more changes nothing."""
    with writing(db.session()) as session:
        keys.revoke(session, caller().membership_id, key_id, actor(), now())
    return Response(status=204)


def created_shape(created: keys.Created, origin: str) -> dict[str, Any]:
    """The create answer: the key, its secret, and the combined value (both generations of clients read theirs)."""
    combined = core.combine(origin, created.key.id, created.secret)
    return shape(created.key) | {"apiKeySecret": created.secret, "apiKey": combined}


def shape(key: KeyInfo) -> dict[str, Any]:
    """A key as the contract has it (1.2); ``expiresAt`` is when it ends by itself."""
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


def _expiry(body: dict[str, Any], moment: datetime) -> datetime | None:
    expires = body.get("expiresAt")
    if expires is None:
        return None
    if not isinstance(expires, str):
        raise ValidationFailed(["expiresAt must be a valid ISO 8601 date string."])
    return parse_instant(expires, moment)


def _overlap(body: dict[str, Any]) -> timedelta:
    seconds, most = body.get("overlapSeconds", 0), int(rotation.LONGEST.total_seconds())
    if type(seconds) is not int or not 0 <= seconds <= most:
        raise ValidationFailed([f"overlapSeconds must be an integer from 0 to {most}."])
    return timedelta(seconds=seconds)

"""What a credential in the body allows by itself: its exchange (contract.md 2.1), and the end of what it opens.

No other credential is read here; the routes themselves check the one that is sent.
"""

from dataclasses import replace

from flask import Blueprint, Response, request

from owox.access import actor, now, public_api, services
from owox.access.doors import KEY_ID_HEADER, accept, counted
from owox.api.bodies import read_object, respond
from owox.api.errors import ValidationFailed
from owox.models import db, writing
from owox.services import authentication, keys, terminal_sign_ins

blueprint = Blueprint("credentials", __name__, url_prefix="/api/auth")


@blueprint.post("/api-keys/exchange")
@public_api
def exchange() -> Response:
    """Exchange an API Key ID and Secret for an access token."""
    secret = _secret(read_object("apiKeySecret"), "apiKeySecret")
    moment = now()
    key_id = request.headers.get(KEY_ID_HEADER, "")
    caller = accept(lambda reader: authentication.by_secret(reader, key_id, secret, moment), moment)
    token, seconds = services().tokens.issue(key_id, caller.key_ends_at, moment)
    return respond({"accessToken": token, "accessTokenExpiresIn": seconds})


@blueprint.post("/api-keys/revoke")
@public_api
def revoke_by_secret() -> Response:
    """Revoke the very key whose ID and Secret are sent, whatever state it is in; once more changes nothing."""
    secret = _secret(read_object("apiKeySecret"), "apiKeySecret")
    key_id = request.headers.get(KEY_ID_HEADER, "")
    row = counted(lambda reader: authentication.prove(reader, key_id, secret))
    owner = replace(actor(), member_id=row.member_id, project_id=row.project_id)
    with writing(db.session()) as session:
        keys.revoke(session, row.membership_id, key_id, owner, now(), by="its own secret")
    return Response(status=204)


@blueprint.post("/terminal-sign-in/end")
@public_api
def end_terminal_sign_in() -> Response:
    """End the terminal's sign-in whose token is sent; once more changes nothing."""
    token = _secret(read_object("managementToken"), "managementToken")
    owner = counted(lambda _reader: terminal_sign_ins.owner(db.session(), token))
    by_member = replace(actor(), member_id=owner.member_id, project_id=owner.project_id)
    with writing(db.session()) as session:
        terminal_sign_ins.end(session, owner.sign_in_id, by_member, now())
    return Response(status=204)


def _secret(body: dict[str, object], name: str) -> str:
    secret = body.get(name)
    if isinstance(secret, str) and secret:
        return secret
    empty = [f"{name} should not be empty."] if secret in (None, "") else []
    raise ValidationFailed(empty + ([] if secret == "" else [f"{name} must be a string."]))

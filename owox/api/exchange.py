"""The exchange of a key for an access token (contract.md 2.1). The route itself is the credential's check."""

from flask import Blueprint, Response, request

from owox.access import now, public_api, services
from owox.access.doors import KEY_ID_HEADER, accept
from owox.api.bodies import read_object, respond
from owox.api.errors import ValidationFailed
from owox.services import authentication

blueprint = Blueprint("exchange", __name__, url_prefix="/api/auth")


@blueprint.post("/api-keys/exchange")
@public_api
def exchange() -> Response:
    """Exchange an API Key ID and Secret for an access token."""
    secret = _secret(read_object("apiKeySecret"))
    moment = now()
    key_id = request.headers.get(KEY_ID_HEADER, "")
    caller = accept(lambda reader: authentication.by_secret(reader, key_id, secret, moment), moment)
    token, seconds = services().tokens.issue(key_id, caller.key_ends_at, moment)
    return respond({"accessToken": token, "accessTokenExpiresIn": seconds})


def _secret(body: dict[str, object]) -> str:
    secret = body.get("apiKeySecret")
    if isinstance(secret, str) and secret:
        return secret
    empty = ["apiKeySecret should not be empty."] if secret in (None, "") else []
    raise ValidationFailed(empty + ([] if secret == "" else ["apiKeySecret must be a string."]))

"""Sign-in of a terminal by way of the browser: it asks, shows a code to a person, and asks again until they approved.

Nobody is signed in here; whoever asked is known again by the device code alone.
"""

from typing import Any, Final, NoReturn

from flask import Blueprint, Response

from owox.access import actor, now, public_api, services
from owox.api.bodies import read_object, respond
from owox.api.errors import ValidationFailed, timestamp
from owox.api.shapes import user
from owox.api.values import optional_text, text
from owox.models import db, writing
from owox.services import device_authorizations, device_tokens
from owox.services.audit import CLIENT_MAX
from owox.services.device_authorizations import LIFETIME, Asked, Purpose
from owox.services.device_tokens import INTERVAL, Fetched, Refusal
from owox.services.errors import Unsupported
from owox.services.keys import Created
from owox.services.sign_ins import TERMINAL
from owox.services.terminal_sign_ins import Begun

blueprint = Blueprint("device_authorizations", __name__, url_prefix="/api/auth")
_NAME: Final = "Terminal"
_CODE_MAX: Final = 100
_WHY: Final = {
    Refusal.PENDING: "Nobody has approved or denied this request yet.",
    Refusal.SLOW_DOWN: "This device code is asked for too often. Wait longer between two calls.",
    Refusal.DENIED: "This request was denied, or whoever approved it is no longer a member of the project.",
    Refusal.EXPIRED: "This device code has expired, was used before, or never existed.",
}


@blueprint.post("/device-authorization")
@public_api
def begin_device_authorization() -> Response:
    """Ask for an API key, or to manage the member's, to be approved by a member in the browser."""
    # A page of others cannot send this label: nothing here answers the preflight that browsers ask first.
    asked = _asked(read_object("purpose", "name", "client", required=True))
    services().throttle.terminal_asked(actor().address)
    with writing(db.session()) as session:
        begun = device_authorizations.begin(session, asked, actor(), now())
    page = f"{services().settings.public_origin}/terminal"
    answer = {
        "deviceCode": begun.device_code,
        "userCode": begun.user_code,
        "verificationUri": page,
        "verificationUriComplete": f"{page}?code={begun.user_code}",
        "expiresIn": LIFETIME.seconds,
        "interval": INTERVAL.seconds,
    }
    return respond(answer)


@blueprint.post("/device-token")
@public_api
def fetch_device_token() -> Response:
    """Fetch what was approved; the only answer that ever holds the key's secret or the sign-in's token."""
    code = text(read_object("deviceCode"), "deviceCode")
    with writing(db.session()) as session:
        outcome = device_tokens.fetch(session, code[:_CODE_MAX], actor(), now())
    return respond(_fetched(outcome)) if isinstance(outcome, Fetched) else _refuse(outcome)


def _asked(body: dict[str, Any]) -> Asked:
    purpose, client = optional_text(body, "purpose") or Purpose.KEY, optional_text(body, "client")
    errors = []
    if purpose not in set(Purpose):
        errors.append(f"purpose must be one of the following values: {', '.join(Purpose)}.")
    if client is not None and len(client) > CLIENT_MAX:
        errors.append(f"client must be shorter than or equal to {CLIENT_MAX} characters.")
    if errors:
        raise ValidationFailed(errors)
    name = optional_text(body, "name")
    return Asked(Purpose(purpose), _NAME if name is None else name, client or actor().client)


def _fetched(outcome: Fetched) -> dict[str, Any]:
    return {
        "purpose": outcome.purpose,
        **_made(outcome.made),
        "projectId": outcome.project.id,
        "projectTitle": outcome.project.title,
        "member": user(outcome.member),
    }


def _made(made: Created | Begun) -> dict[str, Any]:
    if isinstance(made, Begun):
        return {"managementToken": made.token, "managementTokenExpiresIn": TERMINAL.seconds}
    return {
        "apiKeyId": made.key.id,
        "apiKeySecret": made.secret,
        "name": made.key.name,
        "expiresAt": timestamp(made.key.expires_at),
    }


def _refuse(refusal: Refusal) -> NoReturn:
    if refusal is Refusal.UNKNOWN:
        services().throttle.key_failed("", actor().address)
        refusal = Refusal.EXPIRED
    raise Unsupported(_WHY[refusal], refusal)

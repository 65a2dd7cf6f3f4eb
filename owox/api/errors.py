"""JSON errors: one shape that holds what every client of this API reads (contract.md 2.5) and RFC 9457's members."""

import json
from datetime import datetime
from typing import Any, Final

from flask import Response, request
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES

from owox.access import now, request_id
from owox.access.answers import as_http
from owox.keys import State
from owox.reading.engines import StorageError
from owox.reading.query import OutputControlsError, UnknownColumns
from owox.services.errors import BadSetting, Invalid, Problem, Refused, Unsupported

_TEXTS: Final = {
    ("name", Problem.EMPTY): "name should not be empty.",
    ("name", Problem.TOO_LONG): "name must be shorter than or equal to 100 characters.",
    ("name", Problem.CONTROL): "name must not contain control characters.",
    ("title", Problem.EMPTY): "title should not be empty.",
    ("title", Problem.TOO_LONG): "title must be shorter than or equal to 255 characters.",
    ("title", Problem.CONTROL): "title must not contain control characters.",
    ("description", Problem.EMPTY): "description must be longer than or equal to 1 characters.",
    ("description", Problem.TOO_LONG): "description must be shorter than or equal to 10000 characters.",
    ("description", Problem.CONTROL): "description must not contain NUL.",
    ("expiresAt", Problem.NOT_A_DATE): "expiresAt must be a valid ISO 8601 date string.",
    ("expiresAt", Problem.PAST): "expiresAt must be later than now.",
}
_WHY: Final = {
    State.REVOKED: ("API_KEY_REVOKED", "This API key was revoked."),
    State.EXPIRED: ("API_KEY_EXPIRED", "This API key has expired."),
    State.REPLACED: ("API_KEY_REPLACED", "Another API key has replaced this one."),
    State.SUSPENDED: ("API_KEY_SUSPENDED", "This API key is suspended."),
    State.MEMBERSHIP_ENDED: ("API_KEY_OWNER_LEFT", "The owner of this API key is no longer a member of the project."),
    State.OWNER_DISABLED: ("API_KEY_OWNER_DISABLED", "The owner of this API key is disabled."),
}


class ValidationFailed(BadRequest):
    """A body or query string that breaks rules; ``messages`` are sentences, one a rule."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("Request validation failed")
        self.messages = messages


def validation(invalid: Invalid) -> ValidationFailed:
    """The same for a value that a use case refused."""
    return ValidationFailed([_TEXTS[invalid.field, invalid.problem]])


def timestamp(at: datetime | None) -> str | None:
    """An instant as the contract writes it: ``YYYY-MM-DDTHH:MM:SS.mmmZ``."""
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def answer(error: Exception) -> Response:
    """Write any error as JSON."""
    if isinstance(error, Invalid):
        error = validation(error)
    if isinstance(error, BadSetting):
        error = ValidationFailed([str(error)])
    known = as_http(error)
    code = known.code or 500
    phrase = HTTP_STATUS_CODES.get(code, "Error")
    members = {"message": known.description or phrase, **_routing(known), **_particular(error)}
    body = {
        "statusCode": code,
        "message": members.pop("message"),
        "error": phrase,
        **members,
        "timestamp": timestamp(now()),
        "path": request.full_path.rstrip("?"),
        "requestId": request_id(),
        "type": "about:blank",
        "title": phrase,
        "status": code,
    }
    body["detail"] = body["message"]
    body["instance"] = f"urn:request:{request_id()}"
    response = Response(json.dumps(body, ensure_ascii=False, separators=(",", ":")), code, mimetype="application/json")
    for name, value in known.get_headers():
        if name.lower() not in {"content-type", "www-authenticate"}:
            response.headers[name] = value
    if code == 401:
        response.headers["WWW-Authenticate"] = _challenge(error)
    return response


def _routing(known: HTTPException) -> dict[str, Any]:
    """Werkzeug's own texts for an unknown path or method speak to people who type addresses."""
    if request.routing_exception is not known:
        return {}
    if isinstance(known, MethodNotAllowed):
        allowed = ", ".join(sorted(known.valid_methods or ()))
        return {"message": f"Cannot {request.method} {request.path}; it takes {allowed}"}
    return {"message": f"Cannot {request.method} {request.path}"} if isinstance(known, NotFound) else {}


def _particular(error: Exception) -> dict[str, Any]:
    """What one kind of error adds: code, details, errorDetails."""
    if isinstance(error, ValidationFailed):
        return {"details": {"errors": [{"message": message} for message in error.messages]}}
    if isinstance(error, RequestEntityTooLarge):
        return {"message": "Request body too large"}
    if isinstance(error, Refused):
        return _refusal(error)
    if isinstance(error, Unsupported):
        known = {"code": error.code, "errorDetails": error.details}
        return {name: value for name, value in known.items() if value}
    if isinstance(error, UnknownColumns):
        return {"errorDetails": {"columns": list(error.columns)}}
    if isinstance(error, OutputControlsError):
        return {"details": {"errors": error.errors}}
    if isinstance(error, StorageError):
        details = {
            "dependency": "storage",
            "providerMessage": error.provider_message,
            "providerName": error.provider_name,
            "storageType": error.storage_type,
        }
        return {"code": error.code, "details": details}
    return {}


def _refusal(refused: Refused) -> dict[str, Any]:
    if refused.state is None:
        message = "Unauthorized" if request.blueprint == "credentials" else "Authentication failed"
        return {"message": f"{message}. {refused.hint}" if refused.hint else message}
    code, message = _WHY[refused.state]
    return {"message": message, "code": code, "details": {"at": timestamp(refused.at)}}


def _challenge(error: Exception) -> str:
    """RFC 6750 section 3: no error code for a request that carried no credential at all."""
    sent = request.headers.get("Authorization") or request.headers.get("x-owox-authorization")
    claimed = sent or request.headers.get("x-owox-api-key-id")
    return 'Bearer realm="owox", error="invalid_token"' if claimed else 'Bearer realm="owox"'

"""Who gets what from the routes of API keys, in the dashboard and the API."""

from typing import Any

from tests.api.matrix.expected import ADMINS_CHANGE, ADMINS_PAGE, CHANGE, PAGE, PROJECT, Expected

KEYS = f"{PROJECT}/settings/api-keys"
ALL_KEYS = f"{PROJECT}/settings/all-api-keys"
FIND_KEY = f"{PROJECT}/settings/find-api-key"
API_KEYS = "/api/project-member-api-keys"

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", API_KEYS): Expected(401, 200, 200, 403, 403, 403, 401, terminals=True),
    ("POST", API_KEYS): Expected(401, 201, 201, 403, 403, 403, 401, terminals=True),
    ("PATCH", f"{API_KEYS}/<key_id>"): Expected(401, 200, 404, 403, 403, 403, 401, terminals=True),
    ("POST", f"{API_KEYS}/<key_id>/rotate"): Expected(401, 201, 404, 403, 403, 403, 401, terminals=True),
    ("DELETE", f"{API_KEYS}/<key_id>"): Expected(401, 204, 404, 403, 403, 403, 401, terminals=True),
    ("GET", KEYS): PAGE,
    ("GET", f"{KEYS}/create"): PAGE,
    ("POST", f"{KEYS}/create"): CHANGE._replace(member=201),
    ("GET", FIND_KEY): PAGE,
    ("POST", FIND_KEY): CHANGE._replace(member=422),
    ("GET", f"{KEYS}/<key_id>/rename"): PAGE,
    ("POST", f"{KEYS}/<key_id>/rename"): CHANGE,
    ("GET", f"{KEYS}/<key_id>/expiry"): PAGE,
    ("POST", f"{KEYS}/<key_id>/expiry"): CHANGE,
    ("GET", f"{KEYS}/<key_id>/rotate"): PAGE,
    ("POST", f"{KEYS}/<key_id>/rotate"): CHANGE._replace(member=201),
    ("GET", f"{KEYS}/<key_id>/suspend"): PAGE,
    ("POST", f"{KEYS}/<key_id>/suspend"): CHANGE,
    ("GET", f"{KEYS}/<key_id>/resume"): PAGE,
    ("POST", f"{KEYS}/<key_id>/resume"): CHANGE,
    ("GET", f"{KEYS}/<key_id>/revoke"): PAGE,
    ("POST", f"{KEYS}/<key_id>/revoke"): CHANGE,
    ("POST", f"{KEYS}/<key_id>/replace"): CHANGE._replace(member=201),
    ("GET", ALL_KEYS): ADMINS_PAGE,
    ("GET", f"{ALL_KEYS}/<key_id>/revoke"): ADMINS_PAGE,
    ("POST", f"{ALL_KEYS}/<key_id>/revoke"): ADMINS_CHANGE,
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", API_KEYS): {"json": {"name": "from the matrix"}},
    ("PATCH", f"{API_KEYS}/<key_id>"): {"json": {"name": "renamed"}},
    ("POST", f"{KEYS}/create"): {"data": {"name": "from the matrix", "form_token": "f" * 24}},
    ("POST", f"{KEYS}/<key_id>/rename"): {"data": {"name": "renamed"}},
    ("POST", f"{KEYS}/<key_id>/expiry"): {"data": {"expires": "30"}},
    ("POST", f"{KEYS}/<key_id>/rotate"): {"data": {"form_token": "h" * 24}},
    ("POST", f"{KEYS}/<key_id>/replace"): {"data": {"form_token": "g" * 24}},
}

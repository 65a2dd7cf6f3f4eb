"""Who gets what from the routes of the product itself."""

from typing import Any

from tests.api.matrix.expected import ADMINS_CHANGE, ADMINS_PAGE, FOR_PAGES, PAGE, PROJECT, READ_BY_ALL, Expected, same

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", "/static/<path:filename>"): same(200),
    ("GET", "/downloads/"): same(200),
    ("GET", "/downloads/<name>"): same(200),
    ("GET", "/health/live"): same(200),
    ("GET", "/health/ready"): same(200),
    ("GET", "/api/openapi.json"): same(200),
    ("GET", "/api/openapi.yaml"): same(200),
    ("GET", "/api/swagger-ui"): same(200),
    ("GET", "/api/flags"): same(200),
    ("POST", "/api/auth/api-keys/exchange"): same(401),
    ("POST", "/api/auth/api-keys/revoke"): same(401),
    ("POST", "/api/auth/terminal-sign-in/end"): same(401),
    ("GET", "/api/auth/context"): READ_BY_ALL,
    ("GET", "/"): Expected(member=302, charlie=302, removed=403, **FOR_PAGES),
    ("GET", f"{PROJECT}/settings"): PAGE,
    ("GET", f"{PROJECT}/activity"): ADMINS_PAGE,
    ("GET", f"{PROJECT}/docs"): PAGE,
    ("GET", f"{PROJECT}/docs/recipes"): PAGE,
    ("POST", f"{PROJECT}/settings"): ADMINS_CHANGE,
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/auth/api-keys/exchange"): {"json": {"apiKeySecret": "x"}},
    ("POST", "/api/auth/api-keys/revoke"): {"json": {"apiKeySecret": "x"}},
    ("POST", "/api/auth/terminal-sign-in/end"): {"json": {"managementToken": "x"}},
}

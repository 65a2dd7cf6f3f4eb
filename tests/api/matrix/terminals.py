"""Who gets what from the routes by which a terminal signs in by way of the browser."""

from typing import Any

from tests.api.matrix.expected import ACCOUNT, Expected, same

TERMINAL_PAGE = "/terminal"

EXPECTED: dict[tuple[str, str], Expected] = {
    ("POST", "/api/auth/device-authorization"): same(200),
    ("POST", "/api/auth/device-token"): same(400),
    ("GET", TERMINAL_PAGE): ACCOUNT._replace(member=200, charlie=200, removed=403),
    ("POST", TERMINAL_PAGE): ACCOUNT._replace(member=200, charlie=200, removed=403),
    ("POST", f"{TERMINAL_PAGE}/approve"): ACCOUNT._replace(member=200, charlie=422, removed=403),
    ("POST", f"{TERMINAL_PAGE}/deny"): ACCOUNT._replace(member=200, charlie=200, removed=200),
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/auth/device-authorization"): {"json": {}},
    ("POST", "/api/auth/device-token"): {"json": {"deviceCode": "t" * 43}},
}

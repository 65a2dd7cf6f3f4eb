"""Who gets what from the routes of people themselves: signing in, invitations, their account."""

from typing import Any

from tests.api.matrix.expected import ACCOUNT, FOR_PAGES, Expected, same

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", "/sign-in"): Expected(200, 302, 302, 302, 200, 200, 200),
    ("POST", "/sign-in"): same(422),
    ("POST", "/sign-out"): Expected(member=303, charlie=303, removed=303, **FOR_PAGES),
    ("GET", "/setup/<token>"): same(404),
    ("POST", "/setup/<token>"): same(404),
    ("GET", "/invitations/<token>"): same(404),
    ("POST", "/invitations/<token>"): same(404),
    ("GET", "/account"): ACCOUNT._replace(member=200, charlie=200, removed=200),
    ("POST", "/account/name"): ACCOUNT,
    ("POST", "/account/password"): ACCOUNT._replace(member=422, charlie=422, removed=422),
    ("POST", "/account/sign-ins/<sign_in_id>/end"): ACCOUNT._replace(charlie=404),
    ("POST", "/account/sign-ins/end"): ACCOUNT,
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/account/name"): {"data": {"name": "from the matrix"}},
}

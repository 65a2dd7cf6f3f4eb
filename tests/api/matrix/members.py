"""Who gets what from the routes of members of a project."""

from typing import Any

from tests.api.matrix.expected import ADMINS_CHANGE, ADMINS_PAGE, FOR_COOKIES, PROJECT, Expected

MEMBERS = f"{PROJECT}/members"
MEMBER_ACTS = tuple(f"<member_id>/{act}" for act in ("role", "disable", "remove", "enable"))
WITHDRAW = "invitations/<invitation_id>/withdraw"
API_MEMBERS = "/api/members"

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", API_MEMBERS): FOR_COOKIES._replace(member=200),
    ("POST", f"{API_MEMBERS}/invite"): FOR_COOKIES._replace(admin=202, charlie=202),
    ("PUT", f"{API_MEMBERS}/<member_id>"): FOR_COOKIES._replace(admin=200, charlie=404),
    ("DELETE", f"{API_MEMBERS}/<member_id>"): FOR_COOKIES._replace(admin=204, charlie=404),
    ("GET", MEMBERS): ADMINS_PAGE,
    ("GET", f"{MEMBERS}/invite"): ADMINS_PAGE,
    ("POST", f"{MEMBERS}/invite"): ADMINS_CHANGE._replace(admin=422),
    **{("GET", f"{MEMBERS}/{act}"): ADMINS_PAGE for act in (*MEMBER_ACTS[:3], WITHDRAW)},
    **{("POST", f"{MEMBERS}/{act}"): ADMINS_CHANGE for act in (*MEMBER_ACTS, WITHDRAW)},
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{API_MEMBERS}/invite"): {"json": {"email": "new@example.com", "role": "viewer"}},
    ("PUT", f"{API_MEMBERS}/<member_id>"): {"json": {"role": "editor"}},
    ("POST", f"{MEMBERS}/{MEMBER_ACTS[0]}"): {"data": {"role": "editor"}},
}

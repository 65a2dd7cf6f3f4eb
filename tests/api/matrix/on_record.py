"""What each route that changes something puts on record, in the order in which it does."""

from tests.api.matrix.expected import PROJECT
from tests.api.matrix.keys import ALL_KEYS, API_KEYS, FIND_KEY, KEYS
from tests.api.matrix.marts import MARTS, ONE_MART, RUNS
from tests.api.matrix.plugins import POSTS
from tests.api.matrix.storages import DESTINATIONS, ONE_DESTINATION, ONE_STORAGE, STORAGES
from tests.api.matrix.terminals import TERMINAL_PAGE

Route = tuple[str, str]


def of_a_thing(noun: str, api: str, page: str) -> dict[Route, list[str]]:
    """What the API and the pages of storages and destinations have in common."""
    one = f"{api}/<{noun}_id>"
    return {
        ("POST", api): [f"{noun}.create"],
        ("PUT", one): [f"{noun}.update"],
        ("PUT", f"{one}/sharing"): [f"{noun}.share"],
        ("PUT", f"{one}/owners"): [f"{noun}.set_owners"],
        ("DELETE", one): [f"{noun}.delete"],
        ("POST", f"{page}/create"): [f"{noun}.create"],
        ("POST", f"{page}/<{noun}_id>/edit"): [f"{noun}.update"],
        ("POST", f"{page}/<thing_id>/sharing"): [f"{noun}.share"],
        ("POST", f"{page}/<thing_id>/owners"): [f"{noun}.set_owners"],
        ("POST", f"{page}/<thing_id>/delete"): [f"{noun}.delete"],
    }


MART_PAGES = f"{PROJECT}/data-marts"
MEMBER_PAGES = f"{PROJECT}/members"
ON_RECORD: dict[Route, list[str]] = {
    ("POST", API_KEYS): ["api_key.create"],
    ("PATCH", f"{API_KEYS}/<key_id>"): ["api_key.rename"],
    ("POST", f"{API_KEYS}/<key_id>/rotate"): ["api_key.create", "api_key.rotate"],
    ("DELETE", f"{API_KEYS}/<key_id>"): ["api_key.revoke"],
    ("POST", f"{KEYS}/create"): ["api_key.create"],
    ("POST", f"{KEYS}/<key_id>/rename"): ["api_key.rename"],
    ("POST", f"{KEYS}/<key_id>/expiry"): ["api_key.change_expiry"],
    ("POST", f"{KEYS}/<key_id>/rotate"): ["api_key.create", "api_key.rotate"],
    ("POST", f"{KEYS}/<key_id>/suspend"): ["api_key.suspend"],
    ("POST", f"{KEYS}/<key_id>/resume"): ["api_key.resume"],
    ("POST", f"{KEYS}/<key_id>/revoke"): ["api_key.revoke"],
    ("POST", f"{KEYS}/<key_id>/replace"): ["api_key.create", "api_key.revoke"],
    ("POST", f"{ALL_KEYS}/<key_id>/revoke"): ["api_key.revoke"],
    ("POST", "/account/name"): ["member.rename"],
    ("POST", "/account/sign-ins/<sign_in_id>/end"): ["sign_in.end"],
    ("POST", "/account/sign-ins/end"): ["sign_in.end_all"],
    ("POST", "/sign-out"): ["sign_in.end"],
    ("POST", f"{TERMINAL_PAGE}/approve"): ["terminal.approve"],
    ("POST", f"{TERMINAL_PAGE}/deny"): ["terminal.deny"],
    ("POST", "/api/members/invite"): ["invitation.create"],
    ("PUT", "/api/members/<member_id>"): ["membership.change_role"],
    ("DELETE", "/api/members/<member_id>"): ["membership.end"],
    ("POST", f"{MEMBER_PAGES}/invite"): ["invitation.create"],
    ("POST", f"{MEMBER_PAGES}/invitations/<invitation_id>/withdraw"): ["invitation.withdraw"],
    ("POST", f"{MEMBER_PAGES}/<member_id>/role"): ["membership.change_role"],
    ("POST", f"{MEMBER_PAGES}/<member_id>/disable"): ["member.disable"],
    ("POST", f"{MEMBER_PAGES}/<member_id>/enable"): ["member.enable"],
    ("POST", f"{MEMBER_PAGES}/<member_id>/remove"): ["membership.end"],
    ("PUT", "/api/projects/settings/description"): ["project.describe"],
    ("POST", f"{PROJECT}/settings"): ["project.describe"],
    **of_a_thing("storage", STORAGES, f"{PROJECT}/storages"),
    **of_a_thing("destination", DESTINATIONS, f"{PROJECT}/destinations"),
    ("POST", f"{ONE_DESTINATION}/rotate-secret-key"): ["destination.rotate_secret_key"],
    ("POST", f"{PROJECT}/destinations/<destination_id>/rotate-secret-key"): ["destination.rotate_secret_key"],
    ("POST", MARTS): ["data_mart.create"],
    ("PUT", f"{ONE_MART}/title"): ["data_mart.rename"],
    ("PUT", f"{ONE_MART}/description"): ["data_mart.describe"],
    ("PUT", f"{ONE_MART}/definition"): ["data_mart.define"],
    ("PUT", f"{ONE_MART}/publish"): ["data_mart.publish"],
    ("PUT", f"{ONE_MART}/unpublish"): ["data_mart.unpublish"],
    ("POST", f"{ONE_MART}/schema/refresh"): ["data_mart.refresh_fields"],
    ("PUT", f"{ONE_MART}/schema"): ["data_mart.set_fields"],
    ("PUT", f"{ONE_MART}/sharing"): ["data_mart.share"],
    ("PUT", f"{ONE_MART}/owners"): ["data_mart.set_owners"],
    ("DELETE", ONE_MART): ["data_mart.delete"],
    ("POST", f"{RUNS}/<run_id>/cancel"): ["run.cancel"],
    ("POST", f"{MART_PAGES}/create"): ["data_mart.create"],
    ("POST", f"{MART_PAGES}/<mart_id>/details"): ["data_mart.rename", "data_mart.describe"],
    ("POST", f"{MART_PAGES}/<mart_id>/definition"): ["data_mart.define"],
    ("POST", f"{MART_PAGES}/<mart_id>/publish"): ["data_mart.publish"],
    ("POST", f"{MART_PAGES}/<mart_id>/unpublish"): ["data_mart.unpublish"],
    ("POST", f"{MART_PAGES}/<mart_id>/refresh"): ["data_mart.refresh_fields"],
    ("POST", f"{MART_PAGES}/<mart_id>/field"): ["data_mart.set_fields"],
    ("POST", f"{MART_PAGES}/<mart_id>/sharing"): ["data_mart.share"],
    ("POST", f"{MART_PAGES}/<mart_id>/owners"): ["data_mart.set_owners"],
    ("POST", f"{MART_PAGES}/<mart_id>/delete"): ["data_mart.delete"],
    ("POST", f"{MART_PAGES}/<mart_id>/runs/<run_id>/cancel"): ["run.cancel"],
}
# They change nothing, or what a terminal asks for, which is over in minutes unless somebody approves it.
NOTHING = {
    *(("POST", path) for path in POSTS),
    ("POST", FIND_KEY),
    ("POST", f"{ONE_MART}/manual-run"),
    ("POST", f"{ONE_STORAGE}/test"),
    ("POST", f"{PROJECT}/storages/<storage_id>/test"),
    ("POST", "/api/markdown/parse-to-html"),
    ("POST", "/api/auth/device-authorization"),
    ("POST", TERMINAL_PAGE),
}
# Nobody is signed in there, or more than the route decides what happens.
BY_ITSELF = {
    ("POST", "/sign-in"),
    ("POST", "/account/password"),
    ("POST", "/setup/<token>"),
    ("POST", "/invitations/<token>"),
    ("POST", "/api/auth/api-keys/exchange"),
    ("POST", "/api/auth/api-keys/revoke"),
    ("POST", "/api/auth/terminal-sign-in/end"),
    ("POST", "/api/auth/device-token"),
}

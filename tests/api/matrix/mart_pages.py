"""Who gets what from the dashboard's pages of data marts; the one that is changed is bob's, and vera may see it."""

from typing import Any

from tests.api.matrix.expected import CHANGE, PAGE, PROJECT, Expected

MART_PAGE = f"{PROJECT}/data-marts/<mart_id>"
RUN_PAGE = f"{MART_PAGE}/runs/<run_id>/cancel"
EDITORS_PAGE = PAGE._replace(viewer=403, cookie_only=True)
EDITORS_CHANGE = CHANGE._replace(viewer=403, cookie_only=True)

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", PROJECT): PAGE,
    ("GET", f"{PROJECT}/data-marts"): PAGE._replace(member=302),
    ("GET", f"{PROJECT}/data-marts/create"): EDITORS_PAGE,
    ("POST", f"{PROJECT}/data-marts/create"): EDITORS_CHANGE._replace(member=422),
    ("GET", MART_PAGE): PAGE,
    ("GET", f"{MART_PAGE}/preview"): EDITORS_PAGE,
    ("GET", f"{MART_PAGE}/runs"): PAGE,
    ("POST", f"{MART_PAGE}/publish"): EDITORS_CHANGE,
    ("POST", f"{MART_PAGE}/refresh"): EDITORS_CHANGE,
    ("GET", RUN_PAGE): EDITORS_PAGE,
    ("POST", RUN_PAGE): EDITORS_CHANGE,
    **{
        row: expected
        for act in ("details", "sharing", "owners", "delete", "definition", "unpublish", "field")
        for row, expected in {
            ("GET", f"{MART_PAGE}/{act}"): EDITORS_PAGE,
            ("POST", f"{MART_PAGE}/{act}"): EDITORS_CHANGE,
        }.items()
    },
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{MART_PAGE}/details"): {"data": {"title": "renamed"}},
    ("POST", f"{MART_PAGE}/definition"): {"data": {"kind": "TABLE", "name": "orders"}},
    ("GET", f"{MART_PAGE}/field"): {"query_string": {"name": "id"}},
    ("POST", f"{MART_PAGE}/field"): {"data": {"name": "id", "choice": "usual"}},
}

"""Who gets what from the routes of what this server keeps none of: plugins and reports."""

from typing import Any

from tests.api.matrix.expected import READ_BY_ALL, Expected

PLUGINS = "/api/plugins"
PUBLICATIONS = f"{PLUGINS}/publications"
PUBLICATION = {"repository": "owner/name", "scope": "member"}
POSTS = {
    PUBLICATIONS: PUBLICATION,
    f"{PUBLICATIONS}/unpublish": PUBLICATION,
    f"{PLUGINS}/update": {"repository": "owner/name"},
    f"{PLUGINS}/suspend": {"repository": "owner/name", "note": "why"},
    f"{PLUGINS}/resume": {"repository": "owner/name"},
}
_REFUSED_TO_ALL = Expected(401, 400, 400, 403, 400, 400, 401)

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", PUBLICATIONS): READ_BY_ALL,
    **{("POST", path): _REFUSED_TO_ALL for path in POSTS},
    ("GET", "/api/external/http-data/reports/<report_id>.ndjson"): Expected(401, 404, 404, 403, 404, 404, 401),
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", PUBLICATIONS): {"query_string": {"scope": "member"}},
    **{("POST", path): {"json": body} for path, body in POSTS.items()},
}

"""Who gets what from the routes about a project as a whole."""

from typing import Any

from tests.api.matrix.expected import MADE, OF_A_STORAGE, READ_BY_ALL, Expected

SETTINGS = "/api/projects/settings"
CANVAS = "/api/model-canvas"

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", SETTINGS): READ_BY_ALL,
    ("PUT", f"{SETTINGS}/description"): READ_BY_ALL._replace(member=403, key=403, admin=200),
    ("GET", "/api/project-setup-progress"): READ_BY_ALL,
    ("GET", "/api/search"): READ_BY_ALL,
    ("POST", "/api/markdown/parse-to-html"): READ_BY_ALL._replace(**MADE),
    ("GET", f"{CANVAS}/data-marts"): OF_A_STORAGE,
    ("GET", f"{CANVAS}/edges"): OF_A_STORAGE,
    ("GET", "/api/data-marts/insight-templates"): READ_BY_ALL,
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/markdown/parse-to-html"): {"json": {"markdown": "*text*"}},
    ("GET", "/api/search"): {"query_string": {"q": "orders"}},
    ("PUT", f"{SETTINGS}/description"): {"json": {"description": "from the matrix"}},
}

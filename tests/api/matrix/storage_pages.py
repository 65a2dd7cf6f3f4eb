"""Who gets what from the pages of storages and destinations."""

from typing import Any

from tests.api.matrix.expected import CHANGE, PAGE, PROJECT, Expected

STORAGES = f"{PROJECT}/storages"
DESTINATIONS = f"{PROJECT}/destinations"
ONE_STORAGE = f"{STORAGES}/<storage_id>"
ONE_DESTINATION = f"{DESTINATIONS}/<destination_id>"
SHARING = tuple(
    f"{section}/<thing_id>/{act}" for section in (STORAGES, DESTINATIONS) for act in ("sharing", "owners", "delete")
)
EDITORS_PAGE = PAGE._replace(viewer=403, cookie_only=True)
EDITORS_CHANGE = CHANGE._replace(viewer=403, cookie_only=True)

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", STORAGES): PAGE,
    ("GET", f"{STORAGES}/create"): EDITORS_PAGE,
    ("POST", f"{STORAGES}/create"): EDITORS_CHANGE,
    ("GET", ONE_STORAGE): EDITORS_PAGE,
    ("POST", f"{ONE_STORAGE}/test"): EDITORS_CHANGE._replace(member=200),
    ("GET", f"{ONE_STORAGE}/edit"): EDITORS_PAGE,
    ("POST", f"{ONE_STORAGE}/edit"): EDITORS_CHANGE,
    ("GET", DESTINATIONS): PAGE,
    ("GET", f"{DESTINATIONS}/create"): EDITORS_PAGE,
    ("POST", f"{DESTINATIONS}/create"): EDITORS_CHANGE._replace(member=201),
    ("GET", ONE_DESTINATION): EDITORS_PAGE,
    ("GET", f"{ONE_DESTINATION}/edit"): EDITORS_PAGE,
    ("POST", f"{ONE_DESTINATION}/edit"): EDITORS_CHANGE,
    ("GET", f"{ONE_DESTINATION}/rotate-secret-key"): EDITORS_PAGE,
    ("POST", f"{ONE_DESTINATION}/rotate-secret-key"): EDITORS_CHANGE._replace(member=200),
    **{("GET", path): EDITORS_PAGE for path in SHARING},
    **{("POST", path): EDITORS_CHANGE for path in SHARING},
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{STORAGES}/create"): {
        "data": {"title": "from the matrix", "type": "DUCKDB", "path": "shop.duckdb", "form_token": "h" * 24}
    },
    ("POST", f"{DESTINATIONS}/create"): {
        "data": {"title": "from the matrix", "type": "LOOKER_STUDIO", "form_token": "h" * 24}
    },
    ("POST", f"{ONE_DESTINATION}/edit"): {"data": {"title": "renamed"}},
    ("POST", f"{ONE_STORAGE}/edit"): {"data": {"title": "renamed", "path": "shop.duckdb"}},
}

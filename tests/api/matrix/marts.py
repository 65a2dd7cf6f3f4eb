"""Who gets what from the routes of data marts, their rows and runs."""

from typing import Any

from tests.api.matrix.expected import CHANGE_OF_A_MART, OF_A_MART, READ_BY_ALL, Expected

RUNS = "/api/data-marts/<mart_id>/runs"
MARTS = "/api/data-marts"
ONE_MART = f"{MARTS}/<mart_id>"

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", "/api/data-marts"): READ_BY_ALL,
    ("GET", "/api/data-marts/runs"): READ_BY_ALL,
    ("GET", RUNS): OF_A_MART,
    ("GET", f"{RUNS}/<run_id>"): OF_A_MART,
    ("POST", "/api/data-marts/<mart_id>/manual-run"): OF_A_MART._replace(member=400, key=400, viewer=403),
    ("POST", f"{RUNS}/<run_id>/cancel"): OF_A_MART._replace(member=204, key=204, viewer=403),
    ("POST", MARTS): OF_A_MART._replace(member=201, key=201, viewer=403),
    ("GET", ONE_MART): OF_A_MART,
    ("PUT", f"{ONE_MART}/definition"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/publish"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/unpublish"): CHANGE_OF_A_MART,
    ("POST", f"{ONE_MART}/schema/refresh"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/schema"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/title"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/description"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/sharing"): CHANGE_OF_A_MART,
    ("PUT", f"{ONE_MART}/owners"): CHANGE_OF_A_MART,
    ("DELETE", ONE_MART): CHANGE_OF_A_MART,
    ("GET", "/api/external/http-data/data-marts/<mart_id>.ndjson"): OF_A_MART,
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PUT", f"{ONE_MART}/definition"): {
        "json": {"definitionType": "SQL", "definition": {"sqlQuery": "SELECT id FROM orders"}}
    },
    ("PUT", f"{ONE_MART}/schema"): {"json": {"fields": [{"name": "id", "hidden": True}]}},
    ("PUT", f"{ONE_MART}/title"): {"json": {"title": "renamed"}},
    ("PUT", f"{ONE_MART}/description"): {"json": {"description": "changed"}},
    ("PUT", f"{ONE_MART}/sharing"): {"json": {"availableForReporting": False, "availableForMaintenance": False}},
    ("PUT", f"{ONE_MART}/owners"): {"json": {"technicalOwnerIds": []}},
}

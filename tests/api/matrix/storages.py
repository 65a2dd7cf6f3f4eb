"""Who gets what from the routes of storages and destinations."""

from typing import Any

from tests.api.matrix.expected import MADE, OF_A_STORAGE, READ_BY_ALL, Expected

STORAGES = "/api/data-storages"
ONE_STORAGE = f"{STORAGES}/<storage_id>"
DESTINATIONS = "/api/data-destinations"
ONE_DESTINATION = f"{DESTINATIONS}/<destination_id>"

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", STORAGES): READ_BY_ALL,
    ("POST", STORAGES): READ_BY_ALL._replace(**MADE, viewer=403),
    ("GET", ONE_STORAGE): OF_A_STORAGE,
    ("PUT", ONE_STORAGE): OF_A_STORAGE,
    ("PUT", f"{ONE_STORAGE}/sharing"): OF_A_STORAGE,
    ("PUT", f"{ONE_STORAGE}/owners"): OF_A_STORAGE,
    ("POST", f"{ONE_STORAGE}/test"): OF_A_STORAGE,
    ("DELETE", ONE_STORAGE): OF_A_STORAGE,
    ("GET", DESTINATIONS): READ_BY_ALL,
    ("POST", DESTINATIONS): READ_BY_ALL._replace(**MADE, viewer=403),
    ("GET", ONE_DESTINATION): OF_A_STORAGE,
    ("PUT", ONE_DESTINATION): OF_A_STORAGE,
    ("POST", f"{ONE_DESTINATION}/rotate-secret-key"): OF_A_STORAGE,
    ("PUT", f"{ONE_DESTINATION}/sharing"): OF_A_STORAGE,
    ("PUT", f"{ONE_DESTINATION}/owners"): OF_A_STORAGE,
    ("DELETE", ONE_DESTINATION): OF_A_STORAGE,
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", STORAGES): {"json": {"type": "DUCKDB"}},
    ("PUT", ONE_STORAGE): {"json": {"title": "renamed"}},
    ("PUT", f"{ONE_STORAGE}/sharing"): {"json": {"availableForUse": True, "availableForMaintenance": False}},
    ("PUT", f"{ONE_STORAGE}/owners"): {"json": {"ownerIds": []}},
    ("POST", DESTINATIONS): {"json": {"type": "LOOKER_STUDIO", "title": "from the matrix"}},
    ("PUT", ONE_DESTINATION): {"json": {"title": "renamed"}},
    ("PUT", f"{ONE_DESTINATION}/sharing"): {"json": {"availableForUse": True, "availableForMaintenance": False}},
    ("PUT", f"{ONE_DESTINATION}/owners"): {"json": {"ownerIds": []}},
}

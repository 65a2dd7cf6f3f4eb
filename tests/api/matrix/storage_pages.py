"""Who gets what from the pages of storages and destinations."""

from typing import Any

from tests.api.matrix.expected import PAGE, PROJECT, Expected

STORAGES = f"{PROJECT}/storages"
DESTINATIONS = f"{PROJECT}/destinations"

EXPECTED: dict[tuple[str, str], Expected] = {
    ("GET", STORAGES): PAGE,
    ("GET", DESTINATIONS): PAGE,
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {}

"""The answers of the calls about a project as a whole, and how each is provoked."""

from functools import partial
from typing import Any

from tests.api.calls import BODY, READ, STRANGER, TWICE, Answer, sent_as, with_another_id, with_key

SETTINGS = "/api/projects/settings"
DESCRIPTION = f"{SETTINGS}/description"


def sent(status: int, body: dict[str, Any], too_large: int = 70_000) -> dict[int, Answer]:
    """The answers of a call that takes this body and is well then."""
    refused = TWICE | STRANGER | BODY | {403: with_another_id, 413: sent_as("application/json", too_large)}
    return refused | {status: partial(with_key, json=body)}


PROJECT_ANSWERS: dict[tuple[str, str], dict[int, Answer]] = {
    ("get", SETTINGS): READ,
    ("get", "/api/project-setup-progress"): READ,
    ("get", "/api/search"): READ | {200: partial(with_key, query_string={"q": "orders"})},
    ("put", DESCRIPTION): sent(200, {"description": "A shop"}, too_large=140_000),
}

"""The answers of the calls about a project as a whole, and how each is provoked."""

from functools import partial
from typing import Any
from uuid import uuid4

from werkzeug.test import TestResponse

from tests.api.calls import BODY, READ, STRANGER, TWICE, Answer, sent_as, with_another_id, with_key
from tests.api.matrix.plugins import POSTS, PUBLICATIONS
from tests.api.things import a_storage
from tests.cast import Stage

SETTINGS = "/api/projects/settings"
DESCRIPTION = f"{SETTINGS}/description"


def sent(status: int, body: dict[str, Any], too_large: int = 70_000) -> dict[int, Answer]:
    """The answers of a call that takes this body and is well then."""
    refused = TWICE | STRANGER | BODY | {403: with_another_id, 413: sent_as("application/json", too_large)}
    return refused | {status: partial(with_key, json=body)}


def of_a_storage(stage: Stage, verb: str, path: str) -> TestResponse:
    """About a storage that is there."""
    return with_key(stage, verb, path, query_string={"storageId": a_storage(stage)})


def of_no_storage(stage: Stage, verb: str, path: str) -> TestResponse:
    """About a storage that is not there."""
    return with_key(stage, verb, path, query_string={"storageId": str(uuid4())})


CANVAS_ANSWERS: dict[int, Answer] = READ | {200: of_a_storage, 404: of_no_storage}
PROJECT_ANSWERS: dict[tuple[str, str], dict[int, Answer]] = {
    ("get", SETTINGS): READ,
    ("get", "/api/project-setup-progress"): READ,
    ("get", "/api/search"): READ | {200: partial(with_key, query_string={"q": "orders"})},
    ("get", "/api/model-canvas/data-marts"): CANVAS_ANSWERS,
    ("get", "/api/model-canvas/edges"): CANVAS_ANSWERS,
    ("get", "/api/data-marts/insight-templates"): READ,
    ("post", "/api/markdown/parse-to-html"): sent(201, {"markdown": "*x*"}, too_large=2 * 1024 * 1024),
    ("get", PUBLICATIONS): READ | {200: partial(with_key, query_string={"scope": "member"})},
    ("get", "/api/external/http-data/reports/{reportId}.ndjson"): TWICE | {403: with_another_id, 404: with_key},
    ("put", DESCRIPTION): sent(200, {"description": "A shop"}, too_large=140_000),
}
PROJECT_ANSWERS |= {("post", path): sent(400, body) for path, body in POSTS.items()}

"""The validators of answers find what a client would find: each accepts a good answer, and none that is broken."""

from typing import Any

import pytest

from tests import contract_project, contract_rows
from tests.contract import Check, problems

INSTANT = "2027-01-02T15:04:05.000Z"
HEADERS = {
    "content-type": "application/x-ndjson; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
    "transfer-encoding": "chunked",
    "x-owox-run-id": "0b0c9d1e-2f3a-4b5c-8d6e-7f8091a2b3c4",
}
GOOD: dict[str, tuple[Check, Any]] = {
    "exchange": (contract_rows.EXCHANGE, {"accessToken": "t", "accessTokenExpiresIn": 900}),
    "settings": (contract_project.SETTINGS, {"description": None}),
    "progress": (
        contract_project.SETUP_PROGRESS,
        {
            "version": 1,
            "stepsSchemaVersion": 1,
            "progress": 10,
            "steps": {name: {"done": False, "completedAt": None} for name in [*contract_project.STEPS, "hasMore"]},
        },
    ),
    "hit": (
        contract_project.HITS,
        [{"entityType": "DATA_MART", "entityId": "m", "title": "t", "description": None, "finalScore": 99.5,
          "kwScore": 1, "vecScore": None}],
    ),
    "canvas": (
        contract_project.CANVAS_PAGE,
        {
            "items": [{"id": "m", "title": "t", "status": "DRAFT", "description": None, "fieldCount": 0}],
            "total": 1,
            "nextOffset": None,
        },
    ),
    "edge": (
        contract_project.EDGES,
        {
            "edges": [
                {"id": "e", "sourceDataMartId": "a", "targetDataMartId": "b",
                 "joinConditions": [{"sourceFieldName": "x", "targetFieldName": "y"}]}
            ]
        },
    ),
    "template": (
        contract_project.TEMPLATES,
        {
            "insights": [
                {"id": "i", "title": "t", "sourcesCount": 0, "lastRenderedTemplateUpdatedAt": None, "createdById": "u",
                 "createdAt": "x", "modifiedAt": "x", "dataMart": {"id": "m", "title": "t"}, "canDelete": False}
            ]
        },
    ),
    "started run": (contract_rows.RUN_STARTED, {"runId": HEADERS["x-owox-run-id"]}),
    "refusal": (
        contract_project.REFUSAL,
        {"statusCode": 400, "message": "m", "timestamp": INSTANT, "path": "/api/x", "code": "C", "errorDetails": {}},
    ),
}  # fmt: skip
NOT_NEEDED = {"accessTokenExpiresIn", "hasMore", "code", "errorDetails"}
STREAMS = {
    "no end of the last line": b'{"a":1}',
    "an error line": b'{"a":1}\n{"error":{}}\n',
    "another order": b'{"b":2,"a":1}\n',
    "a member twice": b'{"a":1,"a":2}\n',
    "no object": b"[1]\n",
    "an empty line": b'{"a":1}\n\n',
    "NaN": b'{"a":NaN}\n',
    "no UTF-8": b'{"a":"\xff"}\n',
}


def broken(value: Any) -> list[tuple[str, Any]]:
    """The same answer with one thing wrong, in every place where something can be."""
    if isinstance(value, list):
        return [(f"[{at}]{where}", [*value[:at], worse, *value[at + 1 :]])
                for at, item in enumerate(value) for where, worse in broken(item)]  # fmt: skip
    if not isinstance(value, dict):
        return []
    wrong = [
        (f".{name} missing", {key: value[key] for key in value if key != name}) for name in set(value) - NOT_NEEDED
    ]
    wrong += [(f".{name} wrong", value | {name: ["wrong"]}) for name in value]
    return wrong + [(f".{name}{at}", value | {name: worse}) for name in value for at, worse in broken(value[name])]


@pytest.mark.parametrize("what", GOOD)
def test_a_good_answer_is_accepted_and_each_broken_one_is_not(what: str):
    check, answer = GOOD[what]
    worse = broken(answer)

    assert problems(check, answer) == []
    assert len(worse) > 1
    assert [where for where, value in worse if not problems(check, value)] == []


@pytest.mark.parametrize("rows", [b"", b'{"a":1}\n', b'{"a":null}\n{"a":{"b":"\\u2028"}}\n'])
def test_a_good_stream_is_accepted(rows: bytes):
    assert contract_rows.stream_problems(HEADERS, rows, ["a"]) == []


@pytest.mark.parametrize("what", STREAMS)
def test_a_stream_is_not_accepted_with(what: str):
    assert contract_rows.stream_problems(HEADERS, STREAMS[what], ["a"]) != []


@pytest.mark.parametrize("name", HEADERS)
def test_a_stream_is_not_accepted_without_its(name: str):
    rest = {key: HEADERS[key] for key in HEADERS if key != name}

    assert contract_rows.stream_problems(rest, b"", ["a"]) != []
    assert contract_rows.stream_problems(rest | {name: "other"}, b"", ["a"]) != []


def test_a_stream_that_says_its_length_is_not_accepted():
    assert contract_rows.stream_problems(HEADERS | {"content-length": "0"}, b"", ["a"]) != []

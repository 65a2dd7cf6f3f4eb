"""Markdown to HTML over the API, as clients of the contract use it (contract.md 3.11)."""

import json

import pytest
from werkzeug.test import TestResponse

from tests.api.actors import by_cookie, by_key
from tests.cast import Stage

PATH = "/api/markdown/parse-to-html"


def send(stage: Stage, who: str = "vera", **request: object) -> TestResponse:
    """What somebody gets, by their key."""
    return by_key(stage, stage[who], who).send("POST", PATH, headers={"Accept": "text/html"}, **request)


def test_the_answer_is_html_that_nothing_runs_in(shared_stage: Stage):
    """W3: opened by itself it is in a sandbox, and its type is never guessed."""
    answer = send(shared_stage, json={"markdown": "# Orders <script>alert(1)</script>"})

    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.startswith('<div class="markdown-body">')
    assert "<h1>Orders " in answer.text
    assert "script" not in answer.text
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "form-action 'none'", "frame-ancestors 'none'"} <= set(policy)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "markdown must be a string."),
        ({"markdown": None}, "markdown must be a string."),
        ({"markdown": ["x"]}, "markdown must be a string."),
        ({"markdown": "x", "html": "y"}, "property html should not exist."),
    ],
)
def test_a_body_without_a_text_is_refused(body: dict[str, object], message: str, shared_stage: Stage):
    """I2."""
    answer = send(shared_stage, json=body)

    assert (answer.status_code, answer.mimetype) == (400, "application/json")
    assert answer.get_json()["details"] == {"errors": [{"message": message}]}


@pytest.mark.parametrize("who", ["cookie", "key"])
def test_two_mebibytes_are_taken_and_no_more(who: str, shared_stage: Stage):
    """I1."""
    most = 2 * 1024 * 1024
    body = json.dumps({"markdown": "x" * (most - len('{"markdown": ""}'))})
    sender = by_cookie(shared_stage, "vera") if who == "cookie" else by_key(shared_stage, shared_stage["vera"], "vera")

    answers = [sender.send("POST", PATH, data=each, content_type="application/json") for each in (body, body + " ")]

    assert len(body) == most
    assert [answer.status_code for answer in answers] == [201, 413]
    assert answers[1].get_json()["message"] == "Request body too large"

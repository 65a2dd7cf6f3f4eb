"""Plugins, saved reports and flags over the API: what this server keeps none of, said as the contract says it."""

from typing import Any

import pytest

from tests import contract, contract_project
from tests.api.actors import anonymous, by_key
from tests.api.matrix.plugins import PLUGINS, POSTS, PUBLICATION, PUBLICATIONS
from tests.cast import Stage

REPORT = "/api/external/http-data/reports"
SCOPES = "scope must be one of the following values: deployment, project, member."


def refused(stage: Stage, method: str, path: str, who: str = "alice", **request: Any) -> dict[str, Any]:
    """The refusal that somebody gets, by their key; it is in the contract's shape."""
    answer = by_key(stage, stage[who], who).send(method, path, **request)
    assert answer.status_code in {400, 404}, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = answer.get_json()
    assert contract.problems(contract_project.REFUSAL, body) == []
    assert body["statusCode"] == answer.status_code
    return body


@pytest.mark.parametrize("scope", ["deployment", "project", "member"])
def test_no_plugin_is_published_to_any_scope(scope: str, shared_stage: Stage):
    for who in ("vera", "alice"):
        answer = by_key(shared_stage, shared_stage[who], who).send("GET", f"{PUBLICATIONS}?scope={scope}")
        assert (answer.status_code, answer.get_json()) == (200, [])
        assert contract.problems(contract_project.PUBLICATIONS, answer.get_json()) == []


@pytest.mark.parametrize("query", ["", "?scope=", "?scope=everybody", "?scope=Member"])
def test_a_scope_that_is_none_is_refused(query: str, shared_stage: Stage):
    """I4."""
    body = refused(shared_stage, "GET", f"{PUBLICATIONS}{query}")

    assert body["details"] == {"errors": [{"message": SCOPES}]}


@pytest.mark.parametrize("scope", ["deployment", "project", "member"])
def test_publishing_is_refused_with_the_code_of_the_contract(scope: str, shared_stage: Stage):
    body = refused(shared_stage, "POST", PUBLICATIONS, json=PUBLICATION | {"scope": scope, "projectIds": ["x"]})

    assert (body["code"], body["errorDetails"]) == ("PLUGIN_PUBLICATION_FORBIDDEN", {"scope": scope})
    assert "keeps no plugins" in body["message"]


@pytest.mark.parametrize("path", list(POSTS)[1:])
def test_nothing_is_done_with_a_plugin_that_is_not_published(path: str, shared_stage: Stage):
    body = refused(shared_stage, "POST", path, json=POSTS[path])

    assert (body["code"], body["errorDetails"]) == ("PLUGIN_NOT_PUBLISHED", {"repository": "owner/name"})


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (PUBLICATIONS, {"scope": "member"}, "repository must be a string."),
        (PUBLICATIONS, {"repository": " ", "scope": "member"}, "repository should not be empty."),
        (PUBLICATIONS, {"repository": "x"}, SCOPES),
        (PUBLICATIONS, {"repository": "x", "scope": ["member"]}, SCOPES),
        (PUBLICATIONS, PUBLICATION | {"projectIds": "x"}, "projectIds must be a list of at most 100 ids."),
        (PUBLICATIONS, PUBLICATION | {"allProjects": 1}, "allProjects must be a boolean value."),
        (PUBLICATIONS, PUBLICATION | {"role": "admin"}, "property role should not exist."),
        (f"{PLUGINS}/update", {"repository": 7}, "repository must be a string."),
        (f"{PLUGINS}/suspend", {"repository": "x", "note": 7}, "note must be a string."),
        (f"{PLUGINS}/resume", {}, "repository must be a string."),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused(path: str, body: dict[str, Any], message: str, shared_stage: Stage):
    """I2, Z6."""
    assert refused(shared_stage, "POST", path, json=body)["details"] == {"errors": [{"message": message}]}


@pytest.mark.parametrize("query", ["", "?limit=7", "?limit=1e2"])
def test_there_is_no_report(query: str, shared_stage: Stage):
    for report in ("nothing", shared_stage.cast.marts["Orders"], "%F0%9F%90%98"):
        body = refused(shared_stage, "GET", f"{REPORT}/{report}.ndjson{query}", "vera")
        assert body["statusCode"] == 404
        assert body["message"].startswith("Report with id ")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("columns=*", 'columns: Parameter "columns" is not supported for reports'),
        ("filter=W10", 'filter: Parameter "filter" is not supported for reports'),
        ("limit=0", "limit: limit must be a whole number from 1 to 9223372036854775807"),
        ("limit=1&limit=2", 'limit: Parameter "limit" cannot be repeated'),
        ("a=1&a=2&limit=x", 'a: Parameter "a" is not supported for reports; '
                            "limit: limit must be a whole number from 1 to 9223372036854775807"),
    ],
)  # fmt: skip
def test_a_report_takes_a_limit_and_nothing_else(query: str, message: str, shared_stage: Stage):
    """I4: and what is asked for is judged before it is looked for."""
    body = refused(shared_stage, "GET", f"{REPORT}/nothing.ndjson?{query}", "vera")

    assert (body["statusCode"], body["message"]) == (400, message)


def test_anybody_may_know_the_origin(shared_stage: Stage):
    answer = anonymous(shared_stage).client.get("/api/flags")

    assert (answer.status_code, answer.get_json()) == (
        200,
        {"PUBLIC_ORIGIN": shared_stage.services.settings.public_origin},
    )

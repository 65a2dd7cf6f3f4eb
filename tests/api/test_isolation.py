"""What is someone else's looks like what never existed; and what each role sees of its own project."""

import json
import re
from uuid import uuid4

import pytest

from owox import keys
from tests.api import actors
from tests.api.matrix import BODIES, EXPECTED
from tests.api.matrix.keys import ALL_KEYS, API_KEYS
from tests.cast import ROWS, Stage
from tests.states import basic

ROW_ROUTE = "/api/external/http-data/data-marts/<mart_id>.ndjson"
PROJECT_ROUTES = [(method, rule) for method, rule in EXPECTED if "<project_id>" in rule]
ID_ROUTES = [(method, rule) for method, rule in EXPECTED if "<key_id>" in rule and not rule.startswith(ALL_KEYS)]
SEEN = {
    "vera": {"Orders", "Draft"},
    "bob": {"Orders", "Draft", "Kept by editors", "Owned by bob"},
    "alice": {"Orders", "Draft", "Kept by editors", "Owned by bob", "Admins only"},
    "charlie": set(),
}


def told(text: str, *ids: str) -> str:
    """An answer without what differs in every answer: the ids asked for, the time, the request, the page's nonce."""
    for name in ids:
        text = text.replace(name, "ID")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    return re.sub(r'(nonce|content)="[^"]+"', r'\1=""', text)


@pytest.mark.parametrize(("method", "rule"), PROJECT_ROUTES, ids=[" ".join(route) for route in PROJECT_ROUTES])
def test_a_foreign_project_looks_like_one_that_does_not_exist(method: str, rule: str, shared_stage: Stage):
    """Z2: pages, and the parts of pages that htmx asks for."""
    charlie, key_id = actors.by_cookie(shared_stage, "charlie"), shared_stage["vera"].key_id
    body = BODIES.get((method, rule), {})

    for headers in ({}, {"HX-Request": "true"}):
        answers = []
        for project_id in (shared_stage.cast.project_id, str(uuid4()), "nowhere"):
            path = rule.replace("<project_id>", project_id).replace("<key_id>", key_id)
            answer = charlie.send(method, path, headers=headers, **body)
            answers.append((answer.status_code, told(answer.text, project_id)))
        assert answers[0][0] == 404
        assert len(set(answers)) == 1


@pytest.mark.parametrize(("method", "rule"), ID_ROUTES, ids=[" ".join(route) for route in ID_ROUTES])
def test_a_foreign_key_looks_like_one_that_does_not_exist(method: str, rule: str, shared_stage: Stage):
    """Z2: also that of another member of the same project, and for an admin."""
    answers = []

    for who, owner in (("alice", "vera"), ("alice", "charlie"), ("vera", "alice")):
        for key_id in (shared_stage[owner].key_id, keys.mint().key_id, "nothing", "pmk_" + "-" * 22):
            path = rule.replace("<project_id>", shared_stage.cast.project_id).replace("<key_id>", key_id)
            answer = actors.by_cookie(shared_stage, who).send(method, path, **BODIES.get((method, rule), {}))
            answers.append((answer.status_code, len(told(answer.text, key_id))))

    assert {status for status, _ in answers} == {404}
    if rule.startswith("/api/"):
        assert len(set(answers)) == 1
    assert shared_stage.key(shared_stage["vera"].key_id).revoked_at is None


def test_the_rows_of_a_foreign_mart_look_like_those_of_none(shared_stage: Stage):
    """Z2."""
    charlie = shared_stage["charlie"]
    headers = {"Authorization": basic(f"{charlie.key_id}:{charlie.secret}".encode())}
    answers = []

    for mart_id in (shared_stage.cast.marts["Orders"], str(uuid4()), "nothing"):
        answer = shared_stage.app.test_client().get(ROW_ROUTE.replace("<mart_id>", mart_id), headers=headers)
        answers.append((answer.status_code, told(answer.text, mart_id)))

    assert answers[0][0] == 404
    assert len(set(answers)) == 1


@pytest.mark.parametrize("name", SEEN)
def test_a_member_sees_and_reads_the_marts_of_their_role(name: str, shared_stage: Stage):
    """Z1, Z7: the list and the rows agree, by cookie and by key."""
    person, client = shared_stage[name], shared_stage.app.test_client()
    headers = {"Authorization": basic(f"{person.key_id}:{person.secret}".encode())}

    by_key = client.get("/api/data-marts", headers=headers).get_json()
    by_cookie = shared_stage.visitor(name).get("/api/data-marts").get_json()
    readable = set()
    for title, mart_id in shared_stage.cast.marts.items():
        answer = client.get(ROW_ROUTE.replace("<mart_id>", mart_id), headers=headers)
        if answer.status_code == 200:
            assert [tuple(json.loads(line).values()) for line in answer.text.splitlines()] == ROWS
            readable.add(title)

    assert by_key == by_cookie
    assert {mart["title"] for mart in by_key["items"]} == SEEN[name]
    assert by_key["total"] == len(SEEN[name])
    assert readable == SEEN[name] - {"Draft"}


def test_lists_hold_no_more_than_the_contract_says(shared_stage: Stage):
    """Z7, K2, K5: no digest, no secret, no path of a file, nothing of destinations' credentials."""
    alice = actors.by_cookie(shared_stage, "alice")

    texts = [alice.send("GET", path).text for path in (API_KEYS, "/api/data-storages", "/api/data-destinations",
                                                       "/api/data-marts", "/api/auth/context")]  # fmt: skip

    assert list(json.loads(texts[0])[0]) == ["apiKeyId", "name", "expiresAt", "createdAt", "lastAuthenticatedAt"]
    for hidden in (shared_stage["alice"].secret, "v1$", "digest", "password", ".duckdb", "argon2", "sqlQuery"):
        assert hidden not in "".join(texts)


@pytest.mark.parametrize("route", [route for route in EXPECTED if route[0] == "GET"], ids=lambda route: route[1])
def test_head_tells_no_more_than_get_and_options_nothing(route: tuple[str, str], shared_stage: Stage):
    """Z4."""
    client = shared_stage.app.test_client()
    path = route[1].replace("<path:filename>", "app.css")

    with client.get(path) as get, client.head(path) as head, client.options(path) as options:
        assert head.status_code == get.status_code
        assert head.data == b""
        assert options.data == b"" or options.status_code == get.status_code

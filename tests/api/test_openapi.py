"""The API's description says all that the API does, and nothing that it does not do."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from flask import Flask
from openapi_spec_validator import validate

from owox import keys
from owox.access import Access, Kind, declaration
from tests import contract, contract_project
from tests.api.answers import ANSWERS, EVERY, ROWS
from tests.api.calls import KEYS, ONE_KEY, as_visitor, call, with_key
from tests.cast import Stage, opened, settings
from tests.documented import VERBS, Description
from tests.infra.source import ROOT
from tests.states import EXCHANGE, REVOKE, Holder, headers


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An app on an empty database, which is enough for its description."""
    folder = tmp_path_factory.mktemp("description")
    with opened(settings(folder, f"sqlite:///{folder / 'owox.db'}")) as made:
        yield made


@pytest.fixture(scope="module")
def description(app: Flask) -> Description:
    """What ``app`` says about itself."""
    return Description(app.test_client().get("/api/openapi.json").get_json())


def blank(path: str) -> str:
    """A path or a rule without the names of what varies in it."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "*", path)


def routes(app: Flask) -> dict[tuple[str, str], Access]:
    """Every verb and path of the API, with who may use it."""
    found = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {verb.upper() for verb in VERBS}:
            if rule.rule.startswith("/api/"):
                access = declaration(app.view_functions[rule.endpoint])
                assert access is not None
                found[method.lower(), blank(rule.rule)] = access
    return found


def test_every_route_is_described_and_nothing_else(app: Flask, description: Description):
    described = {(verb, blank(path)) for verb, path in description.operations()}

    assert described == set(routes(app))


def test_nothing_of_it_is_deprecated(app: Flask):
    """T11: what is, has to say in its own answers until when it stays (RFC 8594, RFC 9745), and none of them does."""
    assert '"deprecated"' not in app.test_client().get("/api/openapi.json").text


def test_security_and_headers_are_those_that_each_route_declares(app: Flask, description: Description):
    by_key = [{"X-OWOX-Authorization": []}, {"Basic": []}, {"Bearer": []}, {"Cookie": []}]
    for verb, path in description.operations():
        access = routes(app)[verb, blank(path)]
        named = description.parameters(verb, path)
        guarded, takes_keys = access.kind is Kind.API, access.kind is Kind.API and access.keys

        expected = by_key if takes_keys else [{"Cookie": []}] if guarded else []
        expected = [*expected, {"Terminal": []}] if access.terminals else expected
        assert description.operation(verb, path)["security"] == expected, path
        assert ("X-OWOX-Api-Key-Id" in named) == (takes_keys or path in (EXCHANGE, REVOKE)), path
        assert ("X-OWOX-Project-Id" in named) == guarded, path
        assert ("X-CSRFToken" in named) == (guarded and verb != "get"), path
    assert description.parameters("post", EXCHANGE)["X-OWOX-Api-Key-Id"]["required"]


def test_it_is_valid_openapi_in_both_notations(app: Flask, description: Description):
    answer = app.test_client().get("/api/openapi.yaml")

    validate(description.document)
    assert yaml.safe_load(answer.text) == description.document
    assert answer.mimetype == "text/yaml"
    assert description.document["openapi"] == "3.0.3"
    assert description.document["info"]["title"] == "OWOX Data Marts API"
    assert description.document["info"]["version"] == "1.0"


def test_no_example_is_a_usable_key(description: Description):
    text = json.dumps(description.document)

    assert [secret for secret in re.findall(r"owox_sec_\w+", text) if keys.is_secret(secret)] == []
    assert re.findall(r"owox_key_\w{20,}|owox_at_\w{20,}", text) == []


def test_nothing_of_it_is_loaded_before_it_is_asked_for(tmp_path: Path):
    script = (
        "import sys; from owox.factory import create_app; from owox.settings import load; app = create_app(load());"
        "before = 'flasgger' in sys.modules; status = app.test_client().get('/api/openapi.json').status_code;"
        "print(before, 'flasgger' in sys.modules, status, 'flasgger' in str(app.url_map))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={"OWOX_INSTANCE": str(tmp_path)}, cwd=ROOT
    )

    assert done.stdout.split() == ["False", "True", "200", "False"], done.stderr


def test_the_cookie_is_named_as_the_browser_gets_it(tmp_path: Path):
    """The __Host- prefix is for https only."""
    given = settings(tmp_path, f"sqlite:///{tmp_path / 'owox.db'}", PUBLIC_ORIGIN="https://owox.example")
    with opened(given) as app:
        document = app.test_client().get("/api/openapi.json", base_url="https://owox.example").get_json()

    assert document["components"]["securitySchemes"]["Cookie"]["name"] == "__Host-owox_sign_in"


def test_each_described_answer_is_tried_below(description: Description):
    assert description.answers() == set(EVERY)


def test_every_answer_is_as_described(stage: Stage, description: Description):
    found = {}
    # What ends alice's key or breaks the storage comes last.
    for verb, path, status in sorted(EVERY, key=lambda each: (each[1] == ONE_KEY, each[2] in {204, 409, 424})):
        answer = ANSWERS[verb, path][status](stage, verb, path)
        problems = description.problems(verb, path, answer)
        if status >= 400:
            problems += contract.problems(contract_project.REFUSAL, answer.get_json())
        if problems or answer.status_code != status:
            found[verb, path, status] = (answer.status, problems)

    assert not found, "\n".join(f"{where}: {what}" for where, what in found.items())


def test_refusals_with_more_to_say_are_described_too(stage: Stage, description: Description):
    errors = {
        "a broken rule": as_visitor(stage, "post", KEYS, json={"name": "", "expiresAt": 1, "role": "admin"}),
        "an unknown column": with_key(stage, "get", ROWS, query_string={"column": "nothing"}),
    }
    described = {name: description.problems("get", ROWS, answer) for name, answer in errors.items()}
    as_visitor(stage, "delete", ONE_KEY)
    revoked = call(
        stage,
        "get",
        "/api/auth/context",
        headers=headers("basic", Holder(stage["alice"].key_id, stage["alice"].secret)),
    )

    assert described == {"a broken rule": [], "an unknown column": []}
    assert description.problems("get", "/api/auth/context", revoked) == []
    assert revoked.get_json()["code"] == "API_KEY_REVOKED"

"""The API's description says all that the API does, and nothing that it does not do."""

import json
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from flask import Flask
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from owox import keys
from owox.access import Access, Kind, declaration
from owox.factory import create_app
from owox.models import Storage
from tests.cast import Stage, opened, settings
from tests.documented import VERBS, Description
from tests.infra.source import ROOT
from tests.states import EXCHANGE, Holder, basic, headers

KEYS = "/api/project-member-api-keys"
ONE_KEY = f"{KEYS}/{{apiKeyId}}"
ROWS = "/api/external/http-data/data-marts/{dataMartId}.ndjson"
BY_KEY = [("get", f"/api/{name}") for name in ("auth/context", "data-marts", "data-storages", "data-destinations")]
BY_KEY.append(("get", ROWS))
BY_COOKIE = [("get", KEYS), ("post", KEYS), ("patch", ONE_KEY), ("delete", ONE_KEY)]
OPEN = [("get", f"/api/{name}") for name in ("openapi.json", "openapi.yaml", "swagger-ui")]
Answer = Callable[[Stage, str, str], TestResponse]


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


def test_security_and_headers_are_those_that_each_route_declares(app: Flask, description: Description):
    by_key = [{"X-OWOX-Authorization": []}, {"Basic": []}, {"Bearer": []}, {"Cookie": []}]
    for verb, path in description.operations():
        access = routes(app)[verb, blank(path)]
        named = description.parameters(verb, path)
        guarded, takes_keys = access.kind is Kind.API, access.kind is Kind.API and access.keys

        expected = by_key if takes_keys else [{"Cookie": []}] if guarded else []
        assert description.operation(verb, path)["security"] == expected, path
        assert ("X-OWOX-Api-Key-Id" in named) == (takes_keys or path == EXCHANGE), path
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


def holder(stage: Stage, name: str) -> Holder:
    """Somebody's key, exchanged."""
    person = stage[name]
    sent = {"x-owox-api-key-id": person.key_id}
    answer = stage.app.test_client().post(EXCHANGE, headers=sent, json={"apiKeySecret": person.secret})
    return Holder(person.key_id, person.secret, answer.get_json()["accessToken"])


def call(stage: Stage, verb: str, path: str, **options: object) -> TestResponse:
    """Make one call; what varies in the path is alice's key and a data mart that everybody may read."""
    path = path.format(apiKeyId=stage["alice"].key_id, dataMartId=stage.cast.marts["Orders"])
    client = options.pop("client", None) or stage.app.test_client()
    if verb in {"post", "patch"}:
        body = {"apiKeySecret": stage["alice"].secret} if path == EXCHANGE else {"name": "renamed"}
        options = {"json": body} | options if "data" not in options else options
    answer: TestResponse = client.open(path, method=verb.upper(), **options)
    return answer


def as_visitor(
    stage: Stage, verb: str, path: str, sent: dict[str, str] | None = None, **options: object
) -> TestResponse:
    """A call with alice's cookie and with the token that the documentation page has for her."""
    client = stage.visitor("alice")
    page = client.get("/api/swagger-ui").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token
    return call(stage, verb, path, client=client, headers={"X-CSRFToken": token[1], **(sent or {})}, **options)


def with_key(stage: Stage, verb: str, path: str, **options: object) -> TestResponse:
    """A call with alice's key."""
    return call(stage, verb, path, headers=headers("basic", holder(stage, "alice")), **options)


def with_another_id(stage: Stage, verb: str, path: str) -> TestResponse:
    """A token beside another key's ID."""
    sent = headers("own token", holder(stage, "alice")) | {"x-owox-api-key-id": stage["bob"].key_id}
    return call(stage, verb, path, headers=sent)


def once_too_often(stage: Stage, verb: str, path: str) -> TestResponse:
    """A wrong secret until it is too much, from an address of its own."""
    sent = {"x-owox-api-key-id": keys.mint().key_id}
    wrong = {"json": {"apiKeySecret": "wrong"}, "headers": sent}
    if path != EXCHANGE:
        wrong = {"headers": {"Authorization": basic(f"{keys.mint().key_id}:wrong".encode())}}
    place = {"REMOTE_ADDR": f"10.0.0.{secrets.randbelow(250)}"}
    answers = (call(stage, verb, path, environ_base=place, **wrong) for _ in range(40))
    return next(answer for answer in answers if answer.status_code != 401)


def without_database(stage: Stage, verb: str, path: str) -> TestResponse:
    """An app whose database is out of reach."""
    folder = Path(str(stage.app.extensions["owox"].settings.instance))
    away = create_app(settings(folder, "postgresql+psycopg://127.0.0.1:1/nothing"))
    sent = headers("basic", Holder(stage["alice"].key_id, stage["alice"].secret))
    if path == EXCHANGE:
        sent = {"x-owox-api-key-id": stage["alice"].key_id}
    return call(stage, verb, path, client=away.test_client(), headers=sent)


def of_a_revoked_key(stage: Stage, verb: str, path: str) -> TestResponse:
    """A change of a key that is over."""
    as_visitor(stage, "delete", ONE_KEY)
    return as_visitor(stage, verb, path)


def of_a_broken_storage(stage: Stage, verb: str, path: str) -> TestResponse:
    """Rows out of a file that is not there."""
    with stage.session() as session:
        session.query(Storage).update({Storage.config: {"path": "/nowhere/shop.duckdb"}})
    return with_key(stage, verb, path)


def sent_as(content_type: str, size: int) -> Answer:
    """A body of a size and a type."""
    options = {"data": b'"' + b"x" * size + b'"', "content_type": content_type}
    return lambda stage, verb, path: as_visitor(stage, verb, path, **options)


TWICE: dict[int, Answer] = {
    400: lambda stage, verb, path: call(
        stage, verb, path, headers={"Authorization": "Bearer a", "x-owox-authorization": "Bearer b"}
    ),
    401: call,
    429: once_too_often,
    503: without_database,
}
STRANGER: dict[int, Answer] = {
    404: lambda stage, verb, path: as_visitor(stage, verb, path, {"X-OWOX-Project-Id": stage["charlie"].project_id})
}
BODY: dict[int, Answer] = {413: sent_as("application/json", 70_000), 415: sent_as("text/plain", 1)}
ANSWERS: dict[tuple[str, str], dict[int, Answer]] = {
    **{each: TWICE | STRANGER | {200: with_key, 403: with_another_id} for each in BY_KEY},
    **{each: TWICE | STRANGER | {200: as_visitor, 403: with_key} for each in BY_COOKIE},
    **{
        each: {200: call, 400: lambda stage, verb, path: call(stage, verb, path, headers={"Host": "elsewhere.example"})}
        for each in OPEN
    },
    ("post", EXCHANGE): {
        200: lambda stage, verb, path: call(stage, verb, path, headers={"x-owox-api-key-id": stage["alice"].key_id}),
        400: lambda stage, verb, path: call(stage, verb, path, json={"other": 1}),
        401: call,
        429: once_too_often,
        503: without_database,
    }
    | BODY,
}
ANSWERS["post", KEYS] |= BODY | {201: ANSWERS["post", KEYS].pop(200)}
ANSWERS["patch", ONE_KEY] |= BODY | {409: of_a_revoked_key}
ANSWERS["delete", ONE_KEY] |= {204: ANSWERS["delete", ONE_KEY].pop(200)}
ANSWERS["get", ROWS] |= {
    424: of_a_broken_storage,
    505: lambda stage, verb, path: with_key(stage, verb, path, environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"}),
}
EVERY = [(verb, path, status) for (verb, path), statuses in ANSWERS.items() for status in statuses]


def test_each_described_answer_is_tried_below(description: Description):
    assert description.answers() == set(EVERY)


def test_every_answer_is_as_described(stage: Stage, description: Description):
    found = {}
    for verb, path, status in sorted(EVERY, key=lambda each: each[2] in {204, 409, 424}):
        answer = ANSWERS[verb, path][status](stage, verb, path)
        problems = description.problems(verb, path, answer)
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

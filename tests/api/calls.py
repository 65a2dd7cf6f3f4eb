"""Calls of the API that provoke one answer each, to be compared with the API's description."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from owox import keys
from owox.factory import create_app
from owox.models import Run, RunStatus, Storage
from owox.models.base import new_id
from tests.cast import Stage, settings
from tests.states import EXCHANGE, REVOKE, Holder, basic, headers

KEYS = "/api/project-member-api-keys"
ONE_KEY = f"{KEYS}/{{apiKeyId}}"
DEVICE_AUTHORIZATION = "/api/auth/device-authorization"
DEVICE_TOKEN = "/api/auth/device-token"
END_TERMINAL = "/api/auth/terminal-sign-in/end"
IN_THE_BODY = (EXCHANGE, REVOKE, END_TERMINAL)  # where no header shows who calls
Answer = Callable[[Stage, str, str], TestResponse]


def holder(stage: Stage, name: str) -> Holder:
    """Somebody's key, exchanged."""
    person = stage[name]
    sent = {"x-owox-api-key-id": person.key_id}
    answer = stage.app.test_client().post(EXCHANGE, headers=sent, json={"apiKeySecret": person.secret})
    return Holder(person.key_id, person.secret, answer.get_json()["accessToken"])


def call(stage: Stage, verb: str, path: str, **options: object) -> TestResponse:
    """Make one call; what varies in the path is alice's key and a data mart that everybody may read."""
    body = {"json": BODIES[verb, path](stage)} if (verb, path) in BODIES and "data" not in options else {}
    mart = stage.cast.marts["Orders"]
    run = a_run(stage, mart) if "{runId}" in path else ""
    path = path.format(apiKeyId=stage["alice"].key_id, dataMartId=mart, runId=run, reportId=mart)
    client = options.pop("client", None) or stage.app.test_client()
    options = body | options
    answer: TestResponse = client.open(path, method=verb.upper(), **options)
    return answer


def a_run(stage: Stage, mart_id: str, status: RunStatus = RunStatus.RUNNING, name: str = "bob", **more: Any) -> str:
    """A read of a data mart that somebody began; return its id."""
    begun = {"created_at": datetime.now(UTC), "query": {"format": "ndjson", "columns": ["id"]}}
    run = Run(id=new_id(), project_id=stage[name].project_id, data_mart_id=mart_id, member_id=stage[name].member_id,
              status=status, **(begun | more))  # fmt: skip
    with stage.session() as session:
        session.add(run)
    return run.id


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
    name = "managementToken" if path == END_TERMINAL else "apiKeySecret"
    wrong = {"json": {name: "wrong"}, "headers": sent}
    if path not in IN_THE_BODY:
        wrong = {"headers": {"Authorization": basic(f"{keys.mint().key_id}:wrong".encode())}}
    place = {"REMOTE_ADDR": f"10.0.0.{secrets.randbelow(250)}"}
    answers = (call(stage, verb, path, environ_base=place, **wrong) for _ in range(40))
    return next(answer for answer in answers if answer.status_code != 401)


def without_database(stage: Stage, verb: str, path: str) -> TestResponse:
    """An app whose database is out of reach."""
    folder = Path(str(stage.app.extensions["owox"].settings.instance))
    away = create_app(settings(folder, "postgresql+psycopg://127.0.0.1:1/nothing"))
    sent = headers("basic", Holder(stage["alice"].key_id, stage["alice"].secret))
    if path in IN_THE_BODY:
        sent = {"x-owox-api-key-id": stage["alice"].key_id}
    return call(stage, verb, path, client=away.test_client(), headers=sent)


def of_a_revoked_key(stage: Stage, verb: str, path: str) -> TestResponse:
    """A change of a key that is over."""
    as_visitor(stage, "delete", ONE_KEY)
    return as_visitor(stage, verb, path)


def twice(stage: Stage, verb: str, path: str) -> TestResponse:
    """A call whose repetition is not possible."""
    mart = stage.cast.marts["Orders"]
    path = path.format(dataMartId=mart, runId=a_run(stage, mart))
    with_key(stage, verb, path)
    return with_key(stage, verb, path)


def of_another_key(stage: Stage, verb: str, path: str) -> TestResponse:
    """An end of a key that no other call needs."""
    return as_visitor(stage, verb, path.replace("{apiKeyId}", stage.more("alice").key_id))


def of_a_rotated_key(stage: Stage, verb: str, path: str) -> TestResponse:
    """A rotation of a key that has a successor."""
    path = path.replace("{apiKeyId}", stage.more("alice").key_id)
    as_visitor(stage, verb, path)
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
READ = TWICE | STRANGER | {200: with_key, 403: with_another_id}
BODIES: dict[tuple[str, str], Callable[[Stage], dict[str, object]]] = {
    ("post", EXCHANGE): lambda stage: {"apiKeySecret": stage["alice"].secret},
    ("post", DEVICE_AUTHORIZATION): lambda stage: {},
    ("post", DEVICE_TOKEN): lambda stage: {"deviceCode": "t" * 43},
    ("post", REVOKE): lambda stage: {"apiKeySecret": stage["alice"].secret},
    ("post", END_TERMINAL): lambda stage: {"managementToken": "owox_mgmt_x"},
    ("post", KEYS): lambda stage: {"name": "renamed"},
    ("patch", ONE_KEY): lambda stage: {"name": "renamed"},
}

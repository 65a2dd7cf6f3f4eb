"""The answers of the calls whose body is the credential, and how each is provoked."""

from werkzeug.test import TestResponse

from tests.api import actors
from tests.api.calls import BODY, END_TERMINAL, Answer, call, once_too_often, without_database
from tests.cast import Stage
from tests.states import EXCHANGE, REVOKE


def of_alices_key(stage: Stage, verb: str, path: str) -> TestResponse:
    """With both parts of a key."""
    return call(stage, verb, path, headers={"x-owox-api-key-id": stage["alice"].key_id})


def of_one_more_key(stage: Stage, verb: str, path: str) -> TestResponse:
    """With both parts of a key that no other call needs."""
    person = stage.more("alice")
    sent = {"x-owox-api-key-id": person.key_id}
    return call(stage, verb, path, headers=sent, json={"apiKeySecret": person.secret})


def of_a_terminal(stage: Stage, verb: str, path: str) -> TestResponse:
    """With the token of a sign-in that lasts."""
    token = actors.by_terminal(stage, "alice").headers["Authorization"].split()[1]
    return call(stage, verb, path, json={"managementToken": token})


def with_another_member(stage: Stage, verb: str, path: str) -> TestResponse:
    """With a body that holds something else."""
    return call(stage, verb, path, json={"other": 1})


REFUSED: dict[int, Answer] = {
    400: with_another_member,
    401: call,
    429: once_too_often,
    503: without_database,
} | BODY
CREDENTIAL_ANSWERS: dict[tuple[str, str], dict[int, Answer]] = {
    ("post", EXCHANGE): REFUSED | {200: of_alices_key},
    ("post", REVOKE): REFUSED | {204: of_one_more_key},
    ("post", END_TERMINAL): REFUSED | {204: of_a_terminal},
}

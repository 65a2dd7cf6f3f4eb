"""The answers of the calls about members, and how each is provoked."""

from uuid import uuid4

from werkzeug.test import TestResponse

from tests.api.calls import BODY, TWICE, Answer, as_visitor, with_key
from tests.cast import Stage
from tests.people import joined

MEMBERS = "/api/members"
ONE_MEMBER = f"{MEMBERS}/{{userId}}"


def of_a_member(answer: Answer) -> Answer:
    """The same answer, about somebody who has just joined."""
    return lambda stage, verb, path: answer(stage, verb, path.replace("{userId}", joined(stage)))


def inviting(email: str = "") -> Answer:
    """An invitation of a new address, or of this one."""

    def send(stage: Stage, verb: str, path: str) -> TestResponse:
        body = {"email": email or f"{uuid4()}@example.com", "role": "viewer"}
        return as_visitor(stage, verb, path, json=body)

    return send


def in_charlies_project(stage: Stage, verb: str, path: str) -> TestResponse:
    """In a project that alice is no member of."""
    return as_visitor(stage, verb, path, {"X-OWOX-Project-Id": stage["charlie"].project_id})


def changing(stage: Stage, verb: str, path: str) -> TestResponse:
    """Another role for somebody."""
    return as_visitor(stage, verb, path, json={"role": "editor"})


REFUSED: dict[int, Answer] = TWICE | {403: with_key, 404: in_charlies_project}
OF_ONE = {status: of_a_member(answer) for status, answer in REFUSED.items()}
MEMBER_ANSWERS: dict[tuple[str, str], dict[int, Answer]] = {
    ("get", MEMBERS): REFUSED | {200: as_visitor},
    ("post", f"{MEMBERS}/invite"): REFUSED | BODY | {202: inviting(), 409: inviting("bob@example.com")},
    ("put", ONE_MEMBER): OF_ONE | {200: of_a_member(changing)} | {each: of_a_member(BODY[each]) for each in BODY},
    ("delete", ONE_MEMBER): OF_ONE | {204: of_a_member(as_visitor)},
}

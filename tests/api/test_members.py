"""The members' routes (contract.md 6.5): what they answer, and what they refuse."""

import pytest

from owox.roles import Role
from tests.api import actors
from tests.cast import Stage, end_membership
from tests.people import invitation_id, newcomer, roles
from tests.states import basic

MEMBERS = "/api/members"
INVITE = f"{MEMBERS}/invite"
WHOLE = {"roleScope": "entire_project", "contextIds": []}
NO_ROLE = "role must be one of the following values: viewer, editor, admin."
NO_EMAIL = "email must be an e-mail address of at most 254 characters."


def messages(answer) -> list[str]:
    """The broken rules that an answer names."""
    return [error["message"] for error in answer.get_json()["details"]["errors"]]


def test_every_member_sees_who_is_there(shared_stage: Stage):
    """Z7: no more than the contract says."""
    listed = actors.by_cookie(shared_stage, "vera").send("GET", MEMBERS).get_json()

    assert listed == [
        {"userId": shared_stage[name].member_id, "email": f"{name}@example.com", "displayName": name.title(),
         "role": role, **WHOLE}
        for name, role in (("alice", "admin"), ("bob", "editor"), ("vera", "viewer"))
    ]  # fmt: skip


def test_an_invitation_is_a_link_that_is_told_once(stage: Stage):
    """L11."""
    alice = actors.by_cookie(stage, "alice")

    answer = alice.send("POST", INVITE, json={"email": " Dan@example.com", "role": "editor", **WHOLE})

    told = answer.get_json()
    path = told["magicLink"].removeprefix(stage.services.settings.public_origin)
    assert (answer.status_code, told["kind"], told["email"], told["role"]) == (
        202, "magic-link", "dan@example.com", "editor",
    )  # fmt: skip
    assert answer.headers["Cache-Control"] == "no-store"
    assert told["expiresAt"].endswith("Z")
    assert stage.app.test_client().get(path).status_code == 200
    again = alice.send("POST", INVITE, json={"email": "dan@example.com", "role": "viewer"})
    assert again.status_code == 409
    assert invitation_id(stage, "dan@example.com")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["email must be a string.", NO_ROLE]),
        ({"email": 7, "role": "viewer"}, ["email must be a string."]),
        ({"email": "dan", "role": "viewer"}, [NO_EMAIL]),
        ({"email": "x" * 251 + "@b.c", "role": "viewer"}, [NO_EMAIL]),
        ({"email": "d@e.f", "role": "owner"}, [NO_ROLE]),
        ({"email": "d@e.f", "role": ["admin"]}, [NO_ROLE]),
        ({"email": "d@e.f", "role": None}, [NO_ROLE]),
        (
            {"email": "d@e.f", "role": "viewer", "roleScope": "selected_contexts", "contextIds": ["x"]},
            [
                "roleScope must be entire_project: this server has no contexts.",
                "contextIds must be empty: this server has no contexts.",
            ],
        ),
        ({"email": "d@e.f", "role": "viewer", "projectId": "x"}, ["property projectId should not exist."]),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused_with_all_of_them(body, expected: list[str], shared_stage: Stage):
    """Z6, I9."""
    alice = actors.by_cookie(shared_stage, "alice")

    answer = alice.send("POST", INVITE, json=body)

    assert answer.status_code == 400
    assert messages(answer) == expected
    if "email" in body and len(expected) == 1 and expected[0] in (NO_ROLE,):
        changed = {name: value for name, value in body.items() if name != "email"}
        path = f"{MEMBERS}/{shared_stage['vera'].member_id}"
        assert messages(alice.send("PUT", path, json=changed)) == expected


def test_a_new_role_acts_on_the_next_request(stage: Stage):
    """K15, Z5."""
    alice, bob = actors.by_cookie(stage, "alice"), stage["bob"]
    headers = {"Authorization": basic(f"{bob.key_id}:{bob.secret}".encode())}

    answer = alice.send("PUT", f"{MEMBERS}/{bob.member_id}", json={"role": "viewer", **WHOLE})

    context = stage.app.test_client().get("/api/auth/context", headers=headers).get_json()
    assert answer.get_json() == {"userId": bob.member_id, "role": "viewer", **WHOLE, "roleStatus": "ok"}
    assert context["roles"] == ["viewer"]


def test_removing_ends_the_keys_and_may_be_repeated(stage: Stage):
    """K11, Z5."""
    alice, bob = actors.by_cookie(stage, "alice"), stage["bob"]
    headers = {"Authorization": basic(f"{bob.key_id}:{bob.secret}".encode())}

    answers = [alice.send("DELETE", f"{MEMBERS}/{bob.member_id}") for _ in range(2)]

    assert [(answer.status_code, answer.data) for answer in answers] == [(204, b"")] * 2
    assert stage.app.test_client().get("/api/auth/context", headers=headers).status_code == 401
    assert "Bob" not in roles(stage)


def test_nobody_changes_or_removes_themselves(stage: Stage):
    """Z8, contract.md 6.5: also where another admin is left."""
    newcomer(stage, Role.ADMIN)
    alice, path = actors.by_cookie(stage, "alice"), f"{MEMBERS}/{stage['alice'].member_id}"

    answers = [alice.send("PUT", path, json={"role": "viewer"}), alice.send("DELETE", path)]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert roles(stage)["Alice"] == "admin"


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_strangers_look_like_nobody(method: str, stage: Stage):
    """Z2."""
    alice, sent = actors.by_cookie(stage, "alice"), {"json": {"role": "viewer"}} if method == "PUT" else {}
    told = set()

    for member_id in (stage["charlie"].member_id, "nobody", "00000000-0000-0000-0000-000000000000"):
        answer = alice.send(method, f"{MEMBERS}/{member_id}", **sent)
        told.add((answer.status_code, answer.get_json()["message"]))

    assert told == {(404, "There is no such member in this project.")}


def test_the_role_of_someone_who_left_cannot_be_changed(stage: Stage):
    alice, path = actors.by_cookie(stage, "alice"), f"{MEMBERS}/{stage['bob'].member_id}"
    assert alice.send("PUT", path, json={"role": "admin"}).status_code == 200
    end_membership(stage, "bob")

    answer = alice.send("PUT", path, json={"role": "admin"})

    assert answer.status_code == 404
    assert roles(stage) == {"Alice": "admin", "Vera": "viewer"}

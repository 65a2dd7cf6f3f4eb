"""What an invitation's link shows, to strangers, to its own member and to others."""

import pytest

from owox.roles import Role
from tests.cast import Stage, counts, end_membership
from tests.people import invited, roles
from tests.states import basic
from tests.web.browsing import fields, visit

DAN = "dan@example.com"
TYPED = {"name": "Dan", "password": "five green words in a row", "time_zone": "Europe/Kyiv"}
BAD = {
    "name": {"": "Enter your name.", "x" * 101: "at most 100", "a\nb": "control characters"},
    "password": {"": "Enter a password.", "short": "at least 15", "dandandandandan": "easy to guess"},
}


def link(stage: Stage, email: str, role: Role = Role.EDITOR) -> str:
    """The path of a new invitation."""
    return f"/invitations/{invited(stage, email, role)}"


def test_a_newcomer_chooses_a_password_and_is_in(stage: Stage):
    client, address = stage.app.test_client(), link(stage, DAN)
    page = client.get(address)

    answer = client.post(address, data=fields(page) | TYPED)

    assert "Shop" in page.text
    assert "Technical User" in page.text
    assert (answer.status_code, answer.location) == (303, f"/projects/{stage.cast.project_id}")
    assert client.get(answer.location).status_code == 200
    assert roles(stage)["Dan"] == "editor"
    assert stage.app.test_client().get(address).status_code == 404


def test_a_bad_value_is_named_and_the_link_lives_on(stage: Stage):
    client, address, before = stage.app.test_client(), link(stage, DAN), counts(stage)

    for field, values in BAD.items():
        for value, said in values.items():
            answer = client.post(address, data=fields(client.get(address)) | TYPED | {field: value})
            assert answer.status_code == 422, value
            assert said in answer.text, value
            assert fields(answer)["password"] == ""
    assert counts(stage) == before


def test_whoever_has_an_account_signs_in_first_and_then_joins_without_old_keys(stage: Stage):
    """Z5: added again, a member starts without keys."""
    end_membership(stage, "bob")
    bob, address, client = stage["bob"], link(stage, "bob@example.com", Role.VIEWER), stage.app.test_client()

    asked = client.get(address)
    premature = client.post(address, data=fields(client.get("/sign-in")) | TYPED)
    signing_in = fields(client.get("/sign-in", query_string={"next": address}))
    entered = client.post("/sign-in", data=signing_in | {"email": bob.email, "password": bob.password})
    offered = client.get(entered.location)
    joined = client.post(address, data=fields(offered))

    assert "Sign in with it" in asked.text
    assert "password" not in fields(asked)
    assert premature.status_code == 403
    assert entered.location == address
    assert "Join as <bdi>Bob</bdi>" in offered.text
    assert (joined.status_code, roles(stage)["Bob"]) == (303, "viewer")
    keys = client.get(f"/projects/{stage.cast.project_id}/settings/api-keys?status=all")
    assert "You have no API key yet" in keys.text
    old = {"Authorization": basic(f"{bob.key_id}:{bob.secret}".encode())}
    assert stage.app.test_client().get("/api/auth/context", headers=old).status_code == 401


@pytest.mark.parametrize("email", [DAN, "charlie@example.com"])
def test_another_member_is_told_to_sign_out_and_gets_nothing(email: str, stage: Stage):
    address, vera = link(stage, email, Role.ADMIN), visit(stage, "vera")
    page = vera.get(address)
    token = fields(page)["csrf_token"]

    answer = vera.client.post(address, data=TYPED | {"csrf_token": token})
    out = vera.client.post("/sign-out", data={"csrf_token": token, "next": address})

    assert "You are signed in as vera@example.com" in page.text
    assert answer.status_code == 403
    assert roles(stage)["Vera"] == "viewer"
    assert (out.status_code, out.location) == (303, address)
    assert vera.get(address).status_code == 200


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_signing_out_leads_to_no_foreign_place(target: str, stage: Stage):
    """L12."""
    vera = visit(stage, "vera")

    assert vera.post("/sign-out", next=target).location == "/"


def test_an_account_made_meanwhile_is_asked_for_its_sign_in(stage: Stage):
    client, address = stage.app.test_client(), link(stage, DAN)
    form = fields(client.get(address)) | TYPED
    other = link_elsewhere(stage)
    second = stage.app.test_client()
    second.post(other, data=fields(second.get(other)) | TYPED)

    answer = client.post(address, data=form)

    assert answer.status_code == 403
    assert "Sign in with it" in answer.text
    assert "Dan" not in roles(stage)


def link_elsewhere(stage: Stage) -> str:
    """An invitation of the same address to charlie's project."""
    return f"/invitations/{invited(stage, DAN, Role.VIEWER, by='charlie')}"

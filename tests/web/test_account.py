"""My account: name, password, sign-ins, projects."""

import re
import secrets

import pytest

from owox.services.throttle import SIGN_IN_FAILURES
from tests.cast import Stage, end_membership
from tests.states import basic
from tests.throttled import waits
from tests.web.browsing import elements, fields, visit

NEW = secrets.token_urlsafe(24)


def cookie(client) -> str:
    """The value of a browser's sign-in."""
    found = client.get_cookie("owox_sign_in")
    return found.value if found else ""


def sign_ins(answer) -> list[str]:
    """The addresses that end one sign-in each, in the order of the page."""
    found = [each.get("action") or "" for tag, each in elements(answer) if tag == "form"]
    return [each for each in found if "/sign-ins/" in each and not each.endswith("/sign-ins/end")]


def test_the_page_shows_who_one_is_and_where(shared_stage: Stage):
    vera = visit(shared_stage, "vera")

    page = vera.get(f"/account?project={vera.project_id}")

    assert fields(page)["name"] == "Vera"
    assert "vera@example.com" in page.text
    assert "Business User · 1 active API key" in page.text
    assert vera.keys in page.text
    assert 'aria-label="Project menu"' in page.text
    assert "Members" not in page.text


@pytest.mark.parametrize("project", ["", "nowhere", "of charlie"])
def test_a_foreign_project_in_the_address_counts_as_none(project: str, shared_stage: Stage):
    """Z2."""
    wanted = shared_stage["charlie"].project_id if project == "of charlie" else project

    page = visit(shared_stage, "vera").get("/account", query_string={"project": wanted})

    assert page.status_code == 200
    assert "Shop" in page.text
    assert "Elsewhere" not in page.text


def test_whoever_is_in_no_project_still_has_an_account(stage: Stage):
    end_membership(stage, "bob")
    bob = visit(stage, "bob")

    page = bob.get("/account")

    assert page.status_code == 200
    assert "bob@example.com" in page.text
    assert "/account" in bob.get("/").text


def test_a_new_name_is_shown_everywhere(stage: Stage):
    vera = visit(stage, "vera")

    answer = vera.client.post("/account/name", data=fields(vera.get("/account")) | {"name": " Vera K. "})

    assert (answer.status_code, answer.location) == (303, "/account?done=renamed")
    page = vera.get(answer.location)
    assert "Your name is changed." in page.text
    assert fields(page)["name"] == "Vera K."


@pytest.mark.parametrize(("name", "said"), [("", "Enter your name."), ("x" * 101, "at most 100"), ("a\nb", "control")])
def test_a_bad_name_is_said_at_the_field_which_has_the_focus(name: str, said: str, shared_stage: Stage):
    vera = visit(shared_stage, "vera")

    answer = vera.client.post("/account/name", data=fields(vera.get("/account")) | {"name": name})

    assert answer.status_code == 422
    assert said in answer.text
    assert re.findall(r'autofocus id="(\w+)"', answer.text) == ["name"]


def test_a_new_password_ends_other_sign_ins_and_copies_of_this_one(stage: Stage):
    """L5, L6, L9: keys go on, and the page said so."""
    vera, elsewhere, person = visit(stage, "vera"), stage.visitor("vera"), stage["vera"]
    page, before = vera.get("/account"), cookie(vera.client)

    answer = vera.client.post("/account/password", data=fields(page) | {"current": person.password, "new": NEW})

    copy = stage.app.test_client()
    copy.set_cookie("owox_sign_in", before)
    key = {"Authorization": basic(f"{person.key_id}:{person.secret}".encode())}
    assert "Your API keys do not depend on the password" in page.text
    assert answer.status_code == 303
    assert "Your password is changed" in vera.get(answer.location).text
    assert cookie(vera.client) != before
    assert elsewhere.get("/account").status_code == 303
    assert copy.get("/account").status_code == 303
    assert copy.get("/api/auth/context", headers=key).status_code == 200
    assert enter(stage, person.email, person.password).status_code == 422
    assert enter(stage, person.email, NEW).status_code == 303


def enter(stage: Stage, email: str, password: str):
    """Try to sign in."""
    client = stage.app.test_client()
    return client.post("/sign-in", data=fields(client.get("/sign-in")) | {"email": email, "password": password})


@pytest.mark.parametrize(
    ("current", "new", "said"),
    [
        ("wrong wrong wrong", NEW, "This is not your current password."),
        ("", NEW, "Enter your current password."),
        (None, "", "Enter a new password."),
        (None, "short", "at least 15"),
        (None, "x" * 257, "at most 256"),
        (None, "veraveraveravera", "easy to guess"),
    ],
    ids=lambda value: "another password" if value == NEW else None,
)
def test_a_bad_password_is_said_at_the_field_and_changes_nothing(
    current: str | None, new: str, said: str, stage: Stage
):
    """L2, L9."""
    vera, person = visit(stage, "vera"), stage["vera"]
    typed = {"current": person.password if current is None else current, "new": new}

    answer = vera.client.post("/account/password", data=fields(vera.get("/account")) | typed)

    assert answer.status_code == 422
    assert said in answer.text
    assert (fields(answer)["current"], fields(answer)["new"]) == ("", "")
    assert vera.get("/account").status_code == 200
    assert enter(stage, person.email, person.password).status_code == 303


def test_guessing_the_old_password_is_slowed_down_like_signing_in(stage: Stage):
    """L4: they share a count."""
    vera, person = visit(stage, "vera"), stage["vera"]
    form = fields(vera.get("/account")) | {"new": NEW}
    for _ in range(SIGN_IN_FAILURES[0]):
        assert vera.client.post("/account/password", data=form | {"current": "wrong"}).status_code == 422

    answer = vera.client.post("/account/password", data=form | {"current": person.password})

    assert answer.status_code == 429
    assert waits(answer, "sign-in", *SIGN_IN_FAILURES) > 0
    assert "too many failed attempts" in answer.text
    assert enter(stage, person.email, person.password).status_code == 429


def test_one_signs_out_of_another_browser(stage: Stage):
    """L6."""
    other, vera = stage.visitor("vera"), visit(stage, "vera")
    page = vera.get("/account")
    newest, oldest = sign_ins(page)

    answer = vera.post(oldest)

    assert page.text.count("This browser") == 1
    assert (answer.status_code, answer.location) == (303, f"/account?project={vera.project_id}&done=ended")
    assert other.get("/account").status_code == 303
    assert sign_ins(vera.get("/account")) == [newest]
    assert vera.post(newest).location == "/sign-in"
    assert vera.get("/account").status_code == 303


def test_one_signs_out_everywhere(stage: Stage):
    """L6: this browser too; nobody else."""
    others, vera, bob = [stage.visitor("vera") for _ in range(2)], visit(stage, "vera"), visit(stage, "bob")

    answer = vera.post("/account/sign-ins/end")

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert [each.get("/account").status_code for each in (*others, vera.client)] == [303] * 3
    assert bob.get("/account").status_code == 200


def test_other_members_sign_ins_are_as_good_as_absent(stage: Stage):
    """Z2."""
    alice, bob = visit(stage, "alice"), visit(stage, "bob")
    own = sign_ins(bob.get("/account"))[0]

    assert alice.post(own).status_code == 404
    assert alice.post("/account/sign-ins/nothing/end").status_code == 404
    assert bob.get("/account").status_code == 200

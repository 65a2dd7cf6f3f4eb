"""Signing in and out: nothing is told to strangers, nothing of theirs is believed."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from owox.services.throttle import SIGN_IN_FAILURES
from tests.cast import Stage, disable
from tests.throttled import waits
from tests.web.browsing import csrf, fields, visit

FOREIGN = [
    "//evil.example", "///evil.example", "/////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "/%2f%2fevil.example", "/%5cevil.example", "%2f%2fevil.example", "https://evil.example", "https:evil.example",
    "http:/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "evil.example", "",
    "/ok\r\nSet-Cookie: a=b", "/ok\nX: y", "/ok%0d%0aX:%20y", "/\t/evil.example", "/ /evil.example", " /ok", "/ok ",
    "/\x00", "/.//evil.example", "/..//evil.example", "/./../", "/@evil.example", "/ok//evil.example", "/ok#frag",
    "/ok;x", "/ok?a=//e\\", "/é", "/ok?x=é", "mailto:a@b", "?next=/ok", "#x", "ftp://evil.example", "/" + "a" * 600,
    "/" + "a" * 400 + "!", "/" + "a/" * 200 + "!",
]  # fmt: skip
OWN = [
    "/",
    "/projects/abc/",
    "/projects/abc-1",
    "/projects/abc/settings/api-keys",
    "/projects/abc/settings/api-keys?q=a%20b&status=all",
]


def sign_in(client: FlaskClient, email: str, password: str, **more: str) -> TestResponse:
    """Fill in the sign-in form and send it."""
    form = fields(client.get("/sign-in"))
    return client.post("/sign-in", data=form | {"email": email, "password": password} | more)


def readable(answer: TestResponse) -> str:
    """A page without what differs each time."""
    return re.sub(r'(nonce|content|value)="[^"]*"', "", answer.text)


def test_right_password_signs_in(stage: Stage):
    """L8: the cookie is for this host alone, and no script reads it."""
    client, alice = stage.app.test_client(), stage["alice"]

    answer = sign_in(client, " Alice@Example.COM ", alice.password, time_zone="Europe/Kiev")

    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("owox_sign_in="))
    assert (answer.status_code, answer.location) == (303, "/")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert client.get("/").location == f"/projects/{alice.project_id}"
    assert "Europe/Kyiv" in client.get(f"/projects/{alice.project_id}/settings").text


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "x" * 300, "\x00"])
def test_a_zone_that_is_none_counts_as_utc(zone: str, shared_stage: Stage):
    client, alice = shared_stage.app.test_client(), shared_stage["alice"]

    answer = sign_in(client, alice.email, alice.password, time_zone=zone)

    assert answer.status_code == 303
    assert "(UTC)" in client.get(f"/projects/{alice.project_id}/settings").text


def test_nobody_learns_who_has_an_account(stage: Stage):
    """L3: unknown address, wrong password and disabled member get the same page."""
    disable(stage, "bob")
    tries = {
        "alice@example.com": "a wrong password it is",
        "bob@example.com": stage["bob"].password,
        "nobody@example.com": "a wrong password it is",
        "no address": "a wrong password it is",
        "a\x00b@example.com": "a wrong password it is",
    }

    answers = [sign_in(stage.app.test_client(), email, password) for email, password in tries.items()]

    assert {answer.status_code for answer in answers} == {422}
    assert len({readable(answer) for answer in answers}) == 1
    assert "Email or password is wrong." in answers[0].text


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("", "x", "Enter your e-mail address."),
        ("alice@example.com", "", "Enter your password."),
        ("", "", "Enter your"),
    ],
)
def test_an_empty_field_is_named(email: str, password: str, said: str, shared_stage: Stage):
    answer = sign_in(shared_stage.app.test_client(), email, password)

    assert answer.status_code == 422
    assert said in answer.text
    assert fields(answer)["email"] == email
    assert fields(answer)["password"] == ""


def test_failures_are_slowed_down_and_keep_what_was_typed(stage: Stage):
    """L4: case and blanks make no new address."""
    client = stage.app.test_client()
    for spelling in (
        "alice@example.com",
        "ALICE@example.com",
        " alice@example.com",
        "Alice@Example.com",
        "alice@EXAMPLE.com",
    ):
        assert sign_in(client, spelling, "wrong wrong wrong").status_code == 422

    answer = sign_in(client, "alice@example.com", stage["alice"].password)

    assert answer.status_code == 429
    assert waits(answer, "sign-in", *SIGN_IN_FAILURES) > 0
    assert "too many failed attempts" in answer.text
    assert fields(answer)["email"] == "alice@example.com"
    assert fields(answer)["password"] == ""


@pytest.mark.parametrize("path", FOREIGN)
def test_a_foreign_next_leads_to_the_start_page(path: str, shared_stage: Stage):
    """L12, W9: and as soon as any other."""
    client, alice = shared_stage.app.test_client(), shared_stage["alice"]

    assert fields(client.get("/sign-in", query_string={"next": path}))["next"] == "/"
    assert sign_in(client, alice.email, alice.password, next=path).location == "/"
    assert client.get("/sign-in", query_string={"next": path}).location == "/"


@pytest.mark.parametrize("path", OWN)
def test_an_own_next_is_where_one_arrives(path: str, shared_stage: Stage):
    client, alice = shared_stage.app.test_client(), shared_stage["alice"]
    asked = fields(client.get("/sign-in", query_string={"next": path}))["next"]

    answer = sign_in(client, alice.email, alice.password, next=asked)

    assert answer.location == path


def test_signing_in_never_takes_over_a_value_that_came_in(stage: Stage):
    """L5: a new value each time, and the earlier sign-in of this browser ends."""
    client = stage.app.test_client()
    client.set_cookie("owox_sign_in", "planted")
    sign_in(client, stage["alice"].email, stage["alice"].password)
    first = client.get_cookie("owox_sign_in")

    token = csrf(client.get(f"/projects/{stage['alice'].project_id}"))
    typed = {"email": stage["bob"].email, "password": stage["bob"].password, "csrf_token": token}
    client.post("/sign-in", data=typed)
    second = client.get_cookie("owox_sign_in")

    assert first is not None
    assert second is not None
    assert len({"planted", first.value, second.value}) == 3
    old = stage.app.test_client()
    old.set_cookie("owox_sign_in", first.value)
    assert old.get("/").location == "/sign-in"


def test_signing_out_ends_copies_of_the_cookie_too(stage: Stage):
    """L6."""
    alice = visit(stage, "alice")
    cookie = alice.client.get_cookie("owox_sign_in")
    assert cookie is not None

    answer = alice.post("/sign-out")

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    copy = stage.app.test_client()
    copy.set_cookie("owox_sign_in", cookie.value)
    assert copy.get(alice.keys).status_code == 303


@pytest.mark.parametrize("token", [None, "", "nonsense", "of bob", "of nobody"])
def test_a_form_without_its_own_token_changes_nothing(token: str | None, stage: Stage):
    """W1: missing, damaged, another member's, one from before the sign-in."""
    alice, bob, before = visit(stage, "alice"), visit(stage, "bob"), stage.key_count()
    tokens = {"of bob": csrf(bob.get(bob.keys)), "of nobody": csrf(stage.app.test_client().get("/sign-in"))}
    sent = {} if token is None else {"csrf_token": tokens.get(token, token)}

    answers = [
        alice.client.post(f"{alice.keys}/create", data={"name": "x", "form_token": "a" * 32, **sent}),
        alice.client.post(f"{alice.keys}/{stage['alice'].key_id}/revoke", data=sent),
        alice.client.post(f"{alice.keys}/{stage['alice'].key_id}/rename", data={"name": "x", **sent}),
        alice.client.post(f"{alice.keys}/{stage['alice'].key_id}/replace", data={"form_token": "a" * 32, **sent}),
        alice.client.post("/sign-out", data=sent),
        alice.client.post("/sign-in", data={"email": "a@b", "password": "x", **sent}),
    ]

    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert stage.key_count() == before
    assert stage.key(stage["alice"].key_id).revoked_at is None
    assert alice.get(alice.keys).status_code == 200

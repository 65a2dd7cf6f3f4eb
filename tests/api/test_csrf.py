"""Changes by cookie need the token of that very sign-in; without it nothing happens."""

import re

import pytest

from tests.api import actors
from tests.api.matrix import BODIES, EXPECTED
from tests.api.matrix.keys import API_KEYS
from tests.cast import Stage, opened, settings

# Below /api/auth/ what stands in the body is the credential itself, or none is needed: no cookie is read there.
CHANGES = [(method, rule) for method, rule in EXPECTED if method != "GET" and not rule.startswith("/api/auth/")]


def in_head(page: str) -> str:
    """The token in a page's head."""
    found = re.search(r'<meta name="csrf-token" content="([^"]+)">', page)
    assert found
    return found[1]


def path_of(rule: str, stage: Stage, key_id: str) -> str:
    """A route about alice's project and a key of hers."""
    filled = rule.replace("<project_id>", stage.cast.project_id).replace("<key_id>", key_id)
    return filled.replace("<token>", "t" * 43)


@pytest.mark.parametrize(("method", "rule"), CHANGES, ids=[" ".join(route) for route in CHANGES])
def test_a_change_without_its_own_token_is_forbidden_and_does_nothing(method: str, rule: str, shared_stage: Stage):
    """W1, T6: missing, empty, damaged, another member's, and an earlier sign-in's."""
    alice = shared_stage.more("alice")
    earlier = actors.form_token(shared_stage, shared_stage.visitor("alice"))
    foreign = actors.form_token(shared_stage, shared_stage.visitor("bob"))
    browser = shared_stage.visitor("alice")
    own = actors.form_token(shared_stage, browser)
    before = shared_stage.key_count()

    for token in (None, "", "x", own[:-1], own + "x", foreign, earlier, alice.secret):
        headers = {} if token is None else {"X-CSRFToken": token}
        answer = browser.open(
            path_of(rule, shared_stage, alice.key_id), method=method, headers=headers, **BODIES.get((method, rule), {})
        )
        assert answer.status == "403 Forbidden", token
        assert "This form belongs to another sign-in" in answer.text

    key = shared_stage.key(alice.key_id)
    assert (shared_stage.key_count(), key.name, key.revoked_at) == (before, "another", None)
    assert browser.get("/api/auth/context").status_code == 200


def test_the_token_in_the_head_of_every_page_opens_the_key_routes(stage: Stage):
    """W1: the header is X-CSRFToken."""
    browser = stage.visitor("vera")
    home = f"/projects/{stage.cast.project_id}"
    headers = {"X-CSRFToken": in_head(browser.get(home).text)}

    created = browser.post(API_KEYS, json={"name": "x"}, headers=headers)
    path = f"{API_KEYS}/{created.get_json()['apiKeyId']}"
    renamed = browser.patch(path, json={"name": "y"}, headers=headers)
    revoked = browser.delete(path, headers=headers)

    assert (created.status_code, renamed.status_code, revoked.status_code) == (201, 200, 204)
    assert renamed.get_json()["name"] == "y"


def test_a_token_lasts_as_long_as_the_sign_in_and_ends_with_it(stage: Stage):
    """W1, L6."""
    browser = stage.visitor("vera")
    headers = {"X-CSRFToken": in_head(browser.get(f"/projects/{stage.cast.project_id}").text)}
    kept = browser.get_cookie("owox_sign_in")
    assert kept is not None

    assert browser.post("/sign-out", headers=headers).status_code == 303
    copied = stage.app.test_client()
    copied.set_cookie("owox_sign_in", kept.value)

    assert copied.post(API_KEYS, json={"name": "x"}, headers=headers).status_code == 401
    assert stage.key_count() == 5


def test_a_header_credential_needs_no_token(stage: Stage):
    """W1: no foreign page can make a browser send one."""
    bob = stage["bob"]
    body = {"apiKeySecret": bob.secret}

    answer = stage.app.test_client().post(
        "/api/auth/api-keys/exchange", headers={"x-owox-api-key-id": bob.key_id}, json=body
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_simple_request_from_a_foreign_page_is_forbidden(content_type: str, stage: Stage):
    """W1, W2."""
    headers = {"Origin": "https://evil.example", "Content-Type": content_type}

    answer = stage.visitor("alice").post(API_KEYS, data=b'{"name":"x"}', headers=headers)

    assert answer.status_code in {403, 415}
    assert stage.key_count() == 5


def test_cookies_are_kept_from_scripts_and_foreign_sites(stage: Stage):
    """L8."""
    client = stage.app.test_client()
    page = client.get("/sign-in")
    alice = stage["alice"]
    sent = {"email": alice.email, "password": alice.password, "csrf_token": in_head(page.text)}

    answer = client.post("/sign-in", data=sent)

    assert answer.status_code == 303
    cookies = [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    assert cookies
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie


def test_over_https_cookies_are_pinned_to_this_very_host(stage: Stage, tmp_path):
    """L8, W6: the __Host- prefix, Secure, and a year of HTTPS only."""
    alice, origin = stage["alice"], "https://keys.example.com"

    with opened(settings(tmp_path, stage.url, PUBLIC_ORIGIN=origin)) as app:
        client = app.test_client()
        page = client.get("/sign-in", base_url=origin)
        sent = {"email": alice.email, "password": alice.password, "csrf_token": in_head(page.text)}
        answer = client.post("/sign-in", base_url=origin, data=sent, headers={"Referer": f"{origin}/sign-in"})
        signed_in = client.get("/api/auth/context", base_url=origin)

    given = [cookie for cookie in answer.headers.getlist("Set-Cookie") if "Max-Age=0" not in cookie]
    assert signed_in.get_json()["email"] == alice.email
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    for cookie in [*page.headers.getlist("Set-Cookie"), *given]:
        assert cookie.startswith(("__Host-owox_form=", "__Host-owox_sign_in="))
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie

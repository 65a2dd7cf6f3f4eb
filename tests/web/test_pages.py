"""What every page has: its headers, its two bodies, and who may see it."""

import re

import pytest
from flask import Flask

from tests.cast import Stage, end_membership
from tests.web.browsing import HTMX, elements, fields, visit

POLICY = re.compile(
    r"default-src 'none'; script-src 'self' 'nonce-([\w-]{24})'; style-src 'self'; img-src 'self' data:; "
    r"font-src 'self'; connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; "
    r"frame-ancestors 'none'"
)
PAGES = ["", "/settings", "/settings/api-keys", "/settings/api-keys/create"]


def rules(app: Flask) -> list[tuple[str, str]]:
    """Every method and address pattern of the dashboard inside a project."""
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/projects/")
        for method in sorted(rule.methods or ())
        if method in {"GET", "POST"}
    ]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_carries_a_strict_policy_and_is_kept_nowhere(path: str, shared_stage: Stage):
    """W3, W6, W7."""
    alice = visit(shared_stage, "alice")

    answers = [alice.get(alice.home + path) for _ in range(2)]

    nonces = set()
    for answer in answers:
        found = POLICY.fullmatch(answer.headers["Content-Security-Policy"])
        assert found
        nonces.add(found[1])
        assert answer.headers["Cache-Control"] == "no-store"
        assert {"Cookie", "HX-Request"} <= set(answer.headers["Vary"].split(", "))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        marked = [found.get("hx-nonce") or found.get("nonce") for _, found in elements(answer)]
        assert set(filter(None, marked)) == {found[1]}
    assert len(nonces) == 2


@pytest.mark.parametrize("path", ["/settings/api-keys", "/settings/api-keys/create"])
def test_htmx_gets_the_part_alone(path: str, shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    part, page = alice.get(alice.home + path, headers=HTMX), alice.get(alice.home + path)

    assert "<html" not in part.text
    assert "<html" in page.text
    assert "HX-Request" in part.headers["Vary"]
    assert POLICY.fullmatch(part.headers["Content-Security-Policy"])


@pytest.mark.parametrize("path", ["/settings/api-keys", "/settings/all-api-keys", "/members", ""])
@pytest.mark.parametrize(
    ("asked", "shown"),
    [("", ""), ("?q=&page=1&done=revoked", ""), ("?page=99&q=a+%26+%C3%BC", "?q=a+%26+%C3%BC"), ("?sort=bogus", "")],
)
def test_a_list_has_one_address_however_it_was_asked_for(path: str, asked: str, shown: str, shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    part, page = (alice.get(alice.home + path + asked, headers=headers) for headers in (HTMX, None))

    assert part.headers["HX-Replace-Url"] == alice.home + path + shown
    assert "HX-Replace-Url" not in page.headers


@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_every_role_sees_the_project_and_its_own_keys(name: str, shared_stage: Stage):
    person = visit(shared_stage, name)

    answers = [person.get(person.home + path) for path in PAGES]

    assert [answer.status_code for answer in answers] == [200] * len(PAGES)
    assert f"{name}&#39;s key" in answers[2].text
    assert all(f"{other}&#39;s key" not in answers[2].text for other in {"alice", "bob", "vera"} - {name})


def test_data_marts_are_those_of_the_role(shared_stage: Stage):
    seen = {name: visit(shared_stage, name) for name in ("alice", "bob", "vera")}

    texts = {name: each.get(each.home).text for name, each in seen.items()}

    assert "Admins only" in texts["alice"]
    assert "Admins only" not in texts["bob"]
    assert "Owned by bob" in texts["bob"]
    assert "Kept by editors" not in texts["vera"]
    assert f"owox-ctl data-marts stream {shared_stage.cast.marts['Orders']}" in texts["vera"]
    assert "DuckDB" in texts["vera"]


def test_signed_out_people_are_sent_to_the_sign_in_and_back(shared_stage: Stage):
    client, home = shared_stage.app.test_client(), f"/projects/{shared_stage['alice'].project_id}"

    answer = client.get(f"{home}/settings/api-keys?status=all")

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=")
    assert fields(client.get(answer.location))["next"] == f"{home}/settings/api-keys?status=all"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_signed_out_htmx_is_told_to_go_to_the_sign_in(method: str, shared_stage: Stage):
    """W10: no sign-in page inside a part of another."""
    address = f"/projects/{shared_stage['alice'].project_id}/settings/api-keys/create"

    answer = shared_stage.app.test_client().open(address, method=method, headers=HTMX)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"].startswith("/sign-in")
    assert answer.text == ""


@pytest.mark.parametrize(
    ("page", "then"),
    [("/account", "/account"), ("//evil.example/x", "/"), ("javascript:alert(1)", "/"), ("", "/")],
)
def test_who_signs_in_again_after_a_button_is_back_on_its_page(page: str, then: str, shared_stage: Stage):
    """W9, W10: whatever htmx says, it is a page of ours."""
    client = shared_stage.app.test_client()
    current = {"HX-Current-URL": f"http://localhost{page}" if page.startswith("/") else page}

    answer = client.post("/account/name", headers=HTMX | current)

    assert fields(client.get(answer.headers["HX-Redirect"]))["next"] == then


def test_strangers_get_the_same_nothing_everywhere(stage: Stage):
    """Z1, Z2: charlie of another project tries every address; a project that does not exist looks the same."""
    charlie, alice = visit(stage, "charlie"), stage["alice"]
    tried = rules(stage.app)
    token = fields(charlie.get(f"{charlie.keys}/create"))["csrf_token"]

    for method, rule in tried:
        texts = set()
        for project_id in (alice.project_id, "00000000-0000-4000-8000-000000000000", "x"):
            address = rule.replace("<project_id>", project_id).replace("<key_id>", alice.key_id)
            data = {"csrf_token": token, "name": "x", "form_token": "a" * 32} if method == "POST" else None
            answer = charlie.client.open(address, method=method, data=data)
            assert answer.status_code == 404, (method, address)
            texts.add(re.sub(r'(nonce|content)="[^"]*"|request [\w-]+', "", answer.text))
        assert len(texts) == 1, (method, rule)
    assert len(tried) >= 10
    assert stage.key(alice.key_id).revoked_at is None


def test_other_members_keys_are_as_good_as_absent(stage: Stage):
    """Z2: also for an admin of the same project."""
    alice, bob = visit(stage, "alice"), stage["bob"]
    absent = "pmk_" + "A" * 22

    for act in ("rename", "revoke", "replace"):
        for key_id in (bob.key_id, absent, "nonsense", "pmk_%00"):
            answer = alice.post(f"{alice.keys}/{key_id}/{act}", name="x", form_token="a" * 32)
            assert answer.status_code == 404, (act, key_id)
    assert stage.key(bob.key_id).revoked_at is None
    assert stage.key(bob.key_id).name == "bob's key"


def test_someone_who_left_is_out_with_the_next_request(stage: Stage):
    """Z5, L6: signed out, and once signed in again in no project."""
    bob = visit(stage, "bob")
    assert bob.get(bob.keys).status_code == 200

    end_membership(stage, "bob")

    assert bob.get(bob.keys).status_code == 303
    again = visit(stage, "bob")
    assert again.get(again.keys).status_code == 404
    start = again.get("/")
    assert start.status_code == 403
    assert "You are in no project" in start.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/sign-in", 405)])
def test_errors_are_pages_that_say_what_to_do(method: str, path: str, status: int, shared_stage: Stage):
    answer = shared_stage.app.test_client().open(path, method=method)

    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert f"Error {status}" in answer.text
    assert POLICY.fullmatch(answer.headers["Content-Security-Policy"])


def test_a_body_that_is_too_large_is_refused(shared_stage: Stage):
    """I1."""
    answer = shared_stage.app.test_client().post("/sign-in", data={"email": "x" * 70_000})

    assert answer.status_code == 413
    assert "Error 413" in answer.text


def test_htmx_gets_errors_as_a_dialog(shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    answer = alice.get(f"{alice.keys}/nonsense/revoke", headers=HTMX)

    assert answer.status_code == 404
    assert answer.text.lstrip().startswith("<dialog")
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#dialog", "beforeend")


def test_a_page_that_shows_what_is_gone_reads_itself_anew_and_is_not_asked_again_by_the_answer(shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    opened = alice.get(f"{alice.keys}/nonsense/revoke", headers=HTMX | {"HX-Target": "div#dialog"})
    read = alice.get(f"{alice.home}/storages/nonsense", headers=HTMX | {"HX-Target": "div#storage"})

    assert (opened.status_code, opened.headers["HX-Trigger"]) == (404, "out-of-date")
    assert (read.status_code, "HX-Trigger" in read.headers) == (404, False)


def test_what_programs_are_told_is_put_in_words_for_people(shared_stage: Stage):
    bob = visit(shared_stage, "bob")

    unknown = bob.get(f"{bob.home}/data-marts/{shared_stage['charlie'].member_id}", headers=HTMX)
    forbidden = bob.get(f"{bob.home}/members", headers=HTMX)
    damaged = bob.client.post("/account/name", headers=HTMX)

    assert "projectId" not in unknown.text
    assert "<p>Access denied. Required role: Project Admin.</p>" in forbidden.text
    assert "This page is out of date" in damaged.text
    assert "Ask an admin" not in damaged.text

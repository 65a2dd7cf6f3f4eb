"""The door of a terminal's sign-in: API keys are managed through it, and nothing else."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from owox.access import declaration
from owox.models import AuditEvent, SignIn
from owox.services.throttle import KEY_FAILURES
from tests.api import actors
from tests.api.calls import END_TERMINAL
from tests.api.matrix.keys import API_KEYS
from tests.cast import Stage
from tests.states import CONTEXT, Holder, headers
from tests.web.browsing import visit


def bearer(stage: Stage, name: str = "bob") -> dict[str, str]:
    """The header of somebody's new sign-in."""
    return actors.by_terminal(stage, name).headers


def test_only_the_routes_of_a_members_own_keys_open_it(shared_stage: Stage):
    """K14, Z1: whatever route is added is closed."""
    app = shared_stage.app
    opened = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if (access := declaration(app.view_functions[rule.endpoint])) and access.terminals
    }

    assert opened == {API_KEYS, f"{API_KEYS}/<key_id>", f"{API_KEYS}/<key_id>/rotate"}


def test_a_key_lives_its_whole_life_from_a_terminal_without_cookie_or_form_token(stage: Stage):
    """W1: no page can make a browser send the header."""
    client, sent = stage.app.test_client(use_cookies=False), bearer(stage)

    made = client.post(API_KEYS, json={"name": "CI"}, headers=sent)
    one = f"{API_KEYS}/{made.get_json()['apiKeyId']}"
    renamed = client.patch(one, json={"name": "CI of the shop"}, headers=sent)
    successor = client.post(f"{one}/rotate", json={"overlapSeconds": 3600}, headers=sent)
    revoked = client.delete(one, headers=sent)
    listed = client.get(API_KEYS, headers=sent)

    statuses = [answer.status_code for answer in (made, renamed, successor, revoked, listed)]
    assert statuses == [201, 200, 201, 204, 200]
    names = [key["name"] for key in listed.get_json()]
    assert names == ["CI of the shop", "bob's key"]
    secret = successor.get_json()["apiKeySecret"]
    key = headers("basic", Holder(successor.get_json()["apiKeyId"], secret))
    assert client.get(CONTEXT, headers=key).status_code == 200
    assert client.get(API_KEYS, headers=key).status_code == 403


def test_what_is_done_from_a_terminal_is_on_record_as_the_members(stage: Stage):
    """U1."""
    answer = stage.app.test_client().post(API_KEYS, json={"name": "CI"}, headers=bearer(stage))

    page = visit(stage, "alice").get(f"/projects/{stage.cast.project_id}/activity").text
    assert answer.status_code == 201
    assert "Signed in from a terminal, to manage their API keys" in page
    assert answer.get_json()["apiKeyId"] in page


def test_other_routes_tell_a_right_token_apart_from_a_wrong_one(shared_stage: Stage):
    """contract.md 2.4: 403 for whoever is known and may not, the one 401 for everybody else."""
    client, sent = shared_stage.app.test_client(), bearer(shared_stage)
    wrong = {"Authorization": sent["Authorization"][:-1] + ("a" if sent["Authorization"][-1] != "a" else "b")}
    own_header = {"x-owox-authorization": sent["Authorization"], "x-owox-api-key-id": shared_stage["bob"].key_id}

    known, unknown = client.get(CONTEXT, headers=sent), client.get(CONTEXT, headers=wrong)

    assert (known.status_code, unknown.status_code) == (403, 401)
    assert known.get_json()["message"] == "A terminal's sign-in is for managing API keys and nothing else"
    assert client.get(API_KEYS, headers=wrong).get_json()["message"] == "Authentication failed"
    assert client.get(API_KEYS, headers=own_header).status_code == 401


def test_two_credentials_at_once_are_a_bad_request(shared_stage: Stage):
    """T1."""
    both = bearer(shared_stage) | {"x-owox-authorization": "Bearer x"}

    assert shared_stage.app.test_client().get(API_KEYS, headers=both).status_code == 400


def test_beside_it_the_cookie_is_ignored(stage: Stage):
    """Z3: keys are made for the terminal's member, and a wrong token is not saved by a good cookie."""
    browser, sent = stage.visitor("alice"), bearer(stage)

    made = browser.post(API_KEYS, json={"name": "bob's"}, headers=sent)
    wrong = browser.get(API_KEYS, headers={"Authorization": "Bearer owox_mgmt_x"})

    assert made.status_code == 201
    names = [key["name"] for key in browser.get(API_KEYS).get_json()]
    assert names == ["alice's key"]
    assert wrong.status_code == 401


def test_the_token_as_a_cookie_opens_nothing(stage: Stage):
    """T6."""
    client = stage.app.test_client()
    client.set_cookie("owox_sign_in", bearer(stage)["Authorization"].split()[1])

    assert client.get(API_KEYS).status_code == 401
    assert client.get("/account").status_code == 303


def test_guessing_is_slowed_down_and_an_ended_sign_in_is_no_guess(stage: Stage):
    """K7: the same count as for keys."""
    client, place = stage.app.test_client(), {"REMOTE_ADDR": "192.0.2.77"}
    ended = actors.by_terminal(stage, "bob", since=datetime(2020, 1, 1, tzinfo=UTC)).headers

    over = {client.get(API_KEYS, headers=ended, environ_base=place).status_code for _ in range(2 * KEY_FAILURES[0])}
    wrong = {"Authorization": "Bearer owox_mgmt_x"}
    guesses = [client.get(API_KEYS, headers=wrong, environ_base=place) for _ in range(KEY_FAILURES[0] + 1)]

    assert over == {401}
    assert [answer.status_code for answer in guesses] == [401] * KEY_FAILURES[0] + [429]
    assert client.get(API_KEYS, headers=bearer(stage), environ_base=place).status_code == 200


def test_my_account_shows_the_terminal_and_signs_it_out(stage: Stage):
    """L6."""
    sent, bob = bearer(stage), visit(stage, "bob")
    client = stage.app.test_client()
    with Session(stage.engine) as session:
        row = session.query(SignIn).filter(SignIn.membership_id == stage["bob"].membership_id).one()

    page = bob.get("/account").text

    assert "Terminal for API keys in <bdi>Shop</bdi>" in page
    assert client.get(API_KEYS, headers=sent).status_code == 200
    assert bob.post(f"/account/sign-ins/{row.id}/end").status_code == 303
    assert client.get(API_KEYS, headers=sent).status_code == 401
    assert "Terminal for API keys in <bdi>Shop" not in bob.get("/account").text


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_scheme_is_known_in_any_case(scheme: str, shared_stage: Stage):
    token = bearer(shared_stage)["Authorization"].split()[1]

    answer = shared_stage.app.test_client().get(API_KEYS, headers={"Authorization": f"{scheme} {token}"})

    assert answer.status_code == 200


def test_its_token_ends_it_at_once_and_once_on_record(stage: Stage):
    """L6, U1: also a second time, and a wrong one ends nothing."""
    actor = actors.by_terminal(stage, "bob")
    token = actor.headers["Authorization"].split()[1]
    client = stage.app.test_client()

    wrong = client.post(END_TERMINAL, json={"managementToken": token[:-1]})
    before = client.get(API_KEYS, headers=actor.headers)
    ends = [client.post(END_TERMINAL, json={"managementToken": token}).status_code for _ in range(2)]

    with Session(stage.engine) as session:
        events = session.query(AuditEvent).filter(AuditEvent.action == "terminal_sign_in.end").all()
    assert (wrong.status_code, before.status_code, ends) == (401, 200, [204, 204])
    assert client.get(API_KEYS, headers=actor.headers).status_code == 401
    assert [event.member_id for event in events] == [stage["bob"].member_id]

"""A terminal asks by JSON, and fetches by JSON what a member approved."""

import logging

import pytest
from werkzeug.test import TestResponse

from owox.services.device_authorizations import OPEN_MOST
from owox.services.throttle import KEY_FAILURES, TERMINAL_REQUESTS
from tests import terminals
from tests.api.calls import DEVICE_AUTHORIZATION, DEVICE_TOKEN
from tests.cast import Stage
from tests.documented import Description
from tests.states import basic
from tests.throttled import waits

ADDRESS = "192.0.2.1"


def ask(stage: Stage, body: object = None, address: str = ADDRESS, agent: str = "a terminal") -> TestResponse:
    """Ask for a key."""
    place = {"REMOTE_ADDR": address, "HTTP_USER_AGENT": agent}
    return stage.app.test_client().post(DEVICE_AUTHORIZATION, environ_base=place, json=body or {})


def fetch(stage: Stage, device_code: object, address: str = ADDRESS) -> TestResponse:
    """Fetch what came of it."""
    place = {"REMOTE_ADDR": address}
    return stage.app.test_client().post(DEVICE_TOKEN, json={"deviceCode": device_code}, environ_base=place)


def test_a_terminal_asks_waits_and_gets_a_key_that_works(stage: Stage):
    """T2: the one answer with the secret is kept by no cache."""
    asked = ask(stage, {"purpose": "key", "name": "CI", "client": "my tool"})
    told = asked.get_json()
    begun = terminals.Begun(told["userCode"], told["deviceCode"])
    waiting = fetch(stage, begun.device_code)
    terminals.approve(stage, begun, "bob")

    got = fetch(stage, begun.device_code)

    origin = stage.services.settings.public_origin
    assert told == {
        "deviceCode": begun.device_code,
        "userCode": begun.user_code,
        "verificationUri": f"{origin}/terminal",
        "verificationUriComplete": f"{origin}/terminal?code={begun.user_code}",
        "expiresIn": 600,
        "interval": 2,
    }
    assert (waiting.status_code, waiting.get_json()["code"]) == (400, "AUTHORIZATION_PENDING")
    key = got.get_json()
    assert (got.status_code, got.headers["Cache-Control"]) == (200, "no-store")
    assert (key["purpose"], key["name"], key["expiresAt"], key["projectTitle"]) == ("key", "CI", None, "Shop")
    assert key["member"]["email"] == "bob@example.com"
    sent = {"Authorization": basic(f"{key['apiKeyId']}:{key['apiKeySecret']}".encode())}
    context = stage.app.test_client().get("/api/auth/context", headers=sent).get_json()
    assert (context["projectId"], context["userId"]) == (key["projectId"], key["member"]["userId"])


def test_everything_has_a_default(stage: Stage):
    for body in ({}, {"purpose": None, "name": None, "client": None}):
        code = ask(stage, body, agent="curl/8").get_json()["userCode"]
        request = terminals.found(stage, code)
        assert (request.purpose, request.name, request.client) == ("key", "Terminal", "curl/8")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"purpose": "everything"}, "purpose must be one of"),
        ({"purpose": 1}, "purpose must be a string."),
        ({"name": ""}, "name should not be empty."),
        ({"name": "x" * 101}, "name must be shorter than or equal to 100 characters."),
        ({"name": "a\nb"}, "name must not contain control characters."),
        ({"client": "x" * 201}, "client must be shorter than or equal to 200 characters."),
        ({"client": ["x"]}, "client must be a string."),
        ({"member": "alice"}, "property member should not exist."),
    ],
)
def test_what_breaks_a_rule_is_refused_and_leaves_nothing(body: dict[str, object], said: str, shared_stage: Stage):
    """I9, Z6."""
    answer = ask(shared_stage, body, address=f"10.3.0.{len(said)}")

    assert answer.status_code == 400
    assert said in str(answer.get_json()["details"]["errors"])


def test_what_a_terminal_says_of_itself_is_kept_as_one_line(stage: Stage):
    """U5."""
    code = ask(stage, {"client": "a\r\nb \u202e\x1b[31mc"}).get_json()["userCode"]

    assert terminals.found(stage, code).client == "a b [31mc"


@pytest.mark.parametrize("code", ["", "x", "t" * 43, "t" * 50_000, "ключ", "\ufffd"])
def test_an_unknown_device_code_is_told_as_expired(code: str, shared_stage: Stage):
    """K4: unknown, expired and used cannot be told apart."""
    answer = fetch(shared_stage, code, address=f"10.4.0.{len(code) % 250}")

    assert (answer.status_code, answer.get_json()["code"]) == (400, "EXPIRED_TOKEN")
    assert "errorDetails" not in answer.get_json()


@pytest.mark.parametrize("code", [None, 1, ["x"], {}])
def test_a_device_code_that_is_no_text_breaks_a_rule(code: object, shared_stage: Stage):
    answer = fetch(shared_stage, code)

    assert answer.get_json()["details"] == {"errors": [{"message": "deviceCode must be a string."}]}


def test_guesses_of_device_codes_are_slowed_down_and_the_right_one_passes(stage: Stage):
    """T8: together with those of every other credential."""
    told = ask(stage).get_json()
    terminals.approve(stage, terminals.Begun(told["userCode"], told["deviceCode"]))

    guesses = [fetch(stage, f"guess {at}").status_code for at in range(KEY_FAILURES[0] + 1)]
    right = fetch(stage, told["deviceCode"])

    assert guesses == [400] * KEY_FAILURES[0] + [429]
    assert right.status_code == 200


def test_one_address_cannot_ask_without_end(stage: Stage):
    """T8, API4: first by what is open, then by how often; and no address is in another's way."""
    most, seconds = TERMINAL_REQUESTS
    answers = [ask(stage) for _ in range(most + 1)]
    too_open, too_often = answers[OPEN_MOST], answers[most]

    assert [answer.status_code for answer in answers] == [200] * OPEN_MOST + [429] * (most + 1 - OPEN_MOST)
    assert "Too many open requests from this address. Wait " in too_open.get_json()["message"]
    assert "Too many requests from this address. Wait " in too_often.get_json()["message"]
    assert waits(too_open, "open-requests", OPEN_MOST, None) > 0
    assert waits(too_often, "terminal", most, seconds) > 0
    assert ask(stage, address="192.0.2.2").status_code == 200


def test_no_log_holds_a_code_or_a_secret(stage: Stage, caplog: pytest.LogCaptureFixture):
    """U4: whether it goes well or not."""
    caplog.set_level(logging.DEBUG)
    told = ask(stage).get_json()
    fetch(stage, told["deviceCode"])
    terminals.approve(stage, terminals.Begun(told["userCode"], told["deviceCode"]))
    secret = fetch(stage, told["deviceCode"]).get_json()["apiKeySecret"]
    refused = fetch(stage, told["deviceCode"]).text

    assert told["deviceCode"] not in caplog.text + refused
    assert secret not in caplog.text + refused


@pytest.mark.parametrize("sent", [{}, {"data": "{}", "content_type": "text/plain"}, {"data": {"name": "x"}}])
def test_what_a_page_of_others_can_send_asks_for_nothing(sent: dict[str, object], stage: Stage):
    """W1: nor does it use up what the address of whoever looks at it may ask for."""
    place = {"REMOTE_ADDR": ADDRESS}
    client = stage.app.test_client()

    answers = [client.post(DEVICE_AUTHORIZATION, environ_base=place, **sent) for _ in range(TERMINAL_REQUESTS[0] + 1)]

    assert {answer.status_code for answer in answers} == {415}
    assert ask(stage).status_code == 200


def test_a_cookie_or_a_key_makes_no_difference(stage: Stage):
    """Z6, W1: whoever asks is nobody, so that no page of others can ask in a member's name."""
    alice = stage.visitor("alice")
    told = alice.post(DEVICE_AUTHORIZATION, json={}).get_json()

    answer = alice.post(DEVICE_TOKEN, json={"deviceCode": told["deviceCode"]})

    assert answer.get_json()["code"] == "AUTHORIZATION_PENDING"


def test_a_terminal_that_asks_to_manage_keys_gets_a_token_for_that_alone(stage: Stage):
    """K14: as described, and no key to anything else."""
    told = ask(stage, {"purpose": "manage"}).get_json()
    terminals.approve(stage, terminals.Begun(told["userCode"], told["deviceCode"]), "vera")

    got = fetch(stage, told["deviceCode"])

    description = Description(stage.app.test_client().get("/api/openapi.json").get_json())
    assert description.problems("post", DEVICE_TOKEN, got) == []
    assert got.get_json()["member"]["email"] == "vera@example.com"
    sent = {"Authorization": f"Bearer {got.get_json()['managementToken']}"}
    client = stage.app.test_client()
    assert client.get("/api/project-member-api-keys", headers=sent).status_code == 200
    assert client.get("/api/data-marts", headers=sent).status_code == 403

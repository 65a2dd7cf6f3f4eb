"""Credentials that are not what they should be, at every door."""

import base64

import pytest

from owox import keys
from owox.access.doors import _basic
from tests.cast import Stage
from tests.states import CONTEXT, EXCHANGE, Holder, basic, headers, knock

ADDRESS = iter(range(1, 60_000))


def elsewhere() -> dict[str, str]:
    """An address that has not failed before."""
    number = next(ADDRESS)
    return {"REMOTE_ADDR": f"10.2.{number // 250}.{number % 250}"}


def authorized(stage: Stage, value: str | bytes) -> tuple[int, dict]:
    """What comes of a value of the Authorization header."""
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    environ = {**elsewhere(), "HTTP_AUTHORIZATION": text}
    answer = stage.app.test_client().get(CONTEXT, environ_overrides=environ)
    return answer.status_code, answer.get_json()


BAD_HEADERS = {
    "empty": "",
    "blank": "   ",
    "empty bearer": "Bearer",
    "blank bearer": "Bearer   ",
    "empty basic": "Basic",
    "bearer parameters": "Bearer a=b",
    "bearer parameters with a token": 'Bearer realm="x", token="y"',
    "no base64": "Basic !!!",
    "basic without colon": basic(b"user"),
    "basic colon only": basic(b":"),
    "basic that is not UTF-8": basic(b"\xff\xfe:\xff"),
    "basic with NUL": basic(b"pmk_\0:owox_sec_\0"),
    "digest": 'Digest username="x"',
    "unknown scheme": "Key abc",
    "no scheme": "abc",
    "comma": ",",
    "two bearers": "Bearer abc, Bearer def",
    "bytes": b"Bearer \xff\xfe\x80",
    "bytes as a scheme": b"\xff\xff abc",
    "emoji in UTF-8": "Bearer 🔑".encode(),
    "8 KB": "Bearer " + "x" * 8192,
    "8 KB of combined value": "Bearer owox_key_" + "A" * 8192,
    "8 KB of token": "Bearer owox_at_" + "A" * 8192,
    "8 KB of base64": "Basic " + "QUFB" * 2048,
    "deep combined value": "Bearer owox_key_" + base64.urlsafe_b64encode(b"[" * 40_000).decode(),
    "combined value of nothing": "Bearer owox_key_",
    "tabs": "Bearer\tabc",
}


@pytest.mark.parametrize("value", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_header_that_holds_no_credential_is_refused(value: str | bytes, shared_stage: Stage):
    """T5, K7: 401, never 500, and no key is looked up by an empty name."""
    status, body = authorized(shared_stage, value)

    assert status == 401
    assert body["message"].startswith("Authentication failed")
    assert body["error"] == "Unauthorized"


def test_no_credential_at_all_is_challenged_without_an_error_code(shared_stage: Stage):
    """T3: RFC 6750, section 3."""
    client = shared_stage.app.test_client()

    bare = client.get(CONTEXT, environ_overrides=elsewhere())
    wrong = client.get(CONTEXT, headers={"Authorization": "Bearer x"}, environ_overrides=elsewhere())

    assert bare.headers["WWW-Authenticate"] == 'Bearer realm="owox"'
    assert wrong.headers["WWW-Authenticate"] == 'Bearer realm="owox", error="invalid_token"'
    assert bare.status == wrong.status == "401 Unauthorized"


@pytest.mark.parametrize(
    "alter",
    [
        lambda text: text + "x", lambda text: text[:-1], lambda text: text * 2, lambda text: f'"{text}"',
        lambda text: f"'{text}'", lambda text: text.swapcase(), lambda text: text + "=", lambda text: text + "\x00",
        lambda text: text[:9] + "!" + text[9:], lambda text: "x" + text, lambda text: text + " " + text,
    ],
)  # fmt: skip
@pytest.mark.parametrize("door", ["bearer token", "basic", "combined"])
def test_a_damaged_credential_is_refused(door: str, alter, shared_stage: Stage):
    """K7, T5."""
    person = shared_stage.more("bob")
    client = shared_stage.app.test_client()
    token = knock(client, "exchange", Holder(person.key_id, person.secret)).get_json()["accessToken"]
    scheme, value = headers(door, Holder(person.key_id, person.secret, token))["Authorization"].split(" ")

    status, _ = authorized(shared_stage, f"{scheme} {alter(value)}")

    assert authorized(shared_stage, f"{scheme} {value}")[0] == 200
    assert status == 401


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "BeArEr"])
def test_a_scheme_is_known_in_any_case(scheme: str, shared_stage: Stage):
    alice = shared_stage["alice"]
    combined = keys.combine("http://127.0.0.1:8000", alice.key_id, alice.secret)

    assert authorized(shared_stage, f"{scheme} {combined}")[0] == 200
    assert (
        authorized(shared_stage, basic(f"{alice.key_id}:{alice.secret}".encode()).replace("Basic", "BASIC"))[0] == 200
    )


def test_a_secret_goes_with_its_own_id_only(shared_stage: Stage):
    """K2, T6: a digest is bound to its key's ID."""
    alice, bob = shared_stage["alice"], shared_stage["bob"]

    assert authorized(shared_stage, basic(f"{alice.key_id}:{bob.secret}".encode()))[0] == 401
    assert authorized(shared_stage, basic(f"{bob.key_id}:{alice.secret}".encode()))[0] == 401


def test_a_combined_value_of_another_server_is_refused_with_a_hint(shared_stage: Stage):
    foreign = keys.mint()

    status, body = authorized(
        shared_stage, "Bearer " + keys.combine("https://owox.example.com", foreign.key_id, foreign.secret)
    )

    assert status == 401
    assert body["message"] == (
        "Authentication failed. This key says that it belongs to https://owox.example.com; "
        "this server is http://127.0.0.1:8000."
    )
    assert foreign.secret not in str(body)


def test_a_key_of_this_server_works_whatever_origin_its_combined_value_was_made_with(shared_stage: Stage):
    alice = shared_stage["alice"]

    moved = keys.combine("https://old-name.example.com", alice.key_id, alice.secret)

    assert authorized(shared_stage, f"Bearer {moved}")[0] == 200


def test_a_hint_repeats_no_markup_or_line_break(shared_stage: Stage):
    """U5, W8: the origin in it is the text of whoever sent it."""
    foreign = keys.mint()

    for origin in ("https://<script>", "https://x\r\nSet-Cookie: a=b", "https://a b", "javascript:alert(1)"):
        _, body = authorized(shared_stage, "Bearer " + keys.combine(origin, foreign.key_id, foreign.secret))
        assert body["message"] == "Authentication failed. The combined value is damaged: copy it again, whole."


def test_two_credentials_at_once_are_a_bad_request(shared_stage: Stage):
    """T1."""
    alice = shared_stage["alice"]
    client = shared_stage.app.test_client()
    token = knock(client, "exchange", Holder(alice.key_id, alice.secret)).get_json()["accessToken"]
    holder = Holder(alice.key_id, alice.secret, token)

    for door in ("bearer token", "basic", "combined"):
        both = headers("own token", holder) | headers(door, holder)
        answer = client.get(CONTEXT, headers=both)
        assert answer.status_code == 400
        assert answer.get_json()["message"] == "Send one credential only: x-owox-authorization or Authorization."


def test_the_same_header_twice_is_refused(shared_stage: Stage):
    """T1, T5."""
    alice = shared_stage["alice"]
    value = headers("basic", Holder(alice.key_id, alice.secret))["Authorization"]

    assert authorized(shared_stage, f"{value},{value}")[0] == 401
    assert authorized(shared_stage, f"{value}, {value}")[0] == 401


def test_a_header_credential_means_that_the_cookie_is_ignored(stage: Stage):
    """Z3: a wrong key is not saved by a good cookie, and a key has no more rights beside one."""
    browser, bob = stage.visitor("alice"), stage["bob"]
    wrong = {"Authorization": basic(f"{bob.key_id}:{stage['vera'].secret}".encode())}
    right = {"Authorization": basic(f"{bob.key_id}:{bob.secret}".encode())}

    assert browser.get(CONTEXT, headers=wrong).status_code == 401
    assert browser.get(CONTEXT, headers=right).get_json()["email"] == "bob@example.com"
    assert browser.get("/api/project-member-api-keys", headers=right).status_code == 403


def test_a_credential_in_the_address_opens_nothing(shared_stage: Stage):
    """T1."""
    alice = shared_stage["alice"]
    client = shared_stage.app.test_client()
    token = knock(client, "exchange", Holder(alice.key_id, alice.secret)).get_json()["accessToken"]
    query = {"access_token": token, "token": token, "apiKeyId": alice.key_id, "apiKeySecret": alice.secret}

    assert client.get(CONTEXT, query_string=query).status_code == 401
    assert client.post(EXCHANGE, query_string=query, json={}).status_code == 400


@pytest.mark.parametrize("name", ["owox_sign_in", "owox_form", "session"])
@pytest.mark.parametrize("value", ["", "x", "é", "a" * 4000, '"', "owox_at_x", "w" * 43])
def test_a_made_up_cookie_opens_nothing(name: str, value: str, shared_stage: Stage):
    """T5, L5."""
    cookie = {"HTTP_COOKIE": f"{name}={value}".encode().decode("latin-1")}

    assert shared_stage.app.test_client().get(CONTEXT, environ_overrides=cookie).status_code == 401
    assert shared_stage.app.test_client().get("/", environ_overrides=cookie).status_code == 303


@pytest.mark.parametrize("value", ["", "!!!", "QQ", "QUFB QUFB", "QUFB\n", "=", "QUFB====", "QQ=", "QR==", "é", "\x00"])
def test_base64_is_read_exactly(value: str):
    """K7: junk that a lenient reader skips would make many texts of one key."""
    assert _basic(value) == ("", "")

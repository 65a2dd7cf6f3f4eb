"""Sign-in by way of the browser, from the side of whoever asks: patient with a server in trouble, and discreet."""

import json
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from owox import keys
from owox.client import device
from owox.client.device import BEGIN, FETCH, Authorization, DeviceSignIn
from owox.client.errors import ApiError, AuthError, ConfigError, NetworkError
from tests.infra.faulty import FaultyServer, answer

DEVICE_CODE = "device-code-of-the-test"
BEGUN = {
    "deviceCode": DEVICE_CODE, "userCode": "BCDF-GHJK", "verificationUri": "https://owox.example/terminal",
    "verificationUriComplete": "https://owox.example/terminal?code=BCDF-GHJK", "expiresIn": 600, "interval": 2,
}  # fmt: skip
MEMBER = {"userId": "u", "fullName": "Alice", "email": "alice@example.com", "avatar": None}


def refused(code: str) -> bytes:
    """The answer to a fetch that gets nothing."""
    return answer(400, {"message": "No.", "code": code, "path": FETCH}, phrase="Bad Request")


def fetched(minted: keys.Minted, **other: object) -> bytes:
    """The answer that holds a key."""
    key = {"apiKeyId": minted.key_id, "apiKeySecret": minted.secret, "name": "CI", "expiresAt": None}
    place = {"purpose": "key", "projectId": "p", "projectTitle": "Shop", "member": MEMBER}
    return answer(200, key | place | other)


@pytest.fixture
def sign_in(faulty: FaultyServer) -> Iterator[DeviceSignIn]:
    """Sign-in at the server that misbehaves."""
    faulty.on(BEGIN, answer(200, BEGUN))
    with DeviceSignIn(f"{faulty.origin}/") as sign_in:
        yield sign_in


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each pause was to be; the sign-in's clock goes on by that, and nobody waits."""
    pauses: list[float] = []
    # The module's own clock: threads of other tests sleep by the real one.
    clock = SimpleNamespace(sleep=pauses.append, monotonic=lambda: sum(pauses))
    monkeypatch.setattr(device, "time", clock)
    return pauses


def test_what_is_asked_and_what_is_shown(sign_in: DeviceSignIn, faulty: FaultyServer):
    asked = sign_in.begin(name="CI", client="a test")

    assert (asked.user_code, asked.uri, asked.expires_in) == ("BCDF-GHJK", "https://owox.example/terminal", 600)
    assert json.loads(faulty.asked[-1].body) == {"purpose": "key", "name": "CI", "client": "a test"}
    assert faulty.asked[-1].headers["user-agent"].startswith("owox-python/")
    assert DEVICE_CODE not in repr(asked)


def test_it_waits_at_the_interval_and_five_seconds_longer_when_told_to_slow_down(
    sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float], minted: keys.Minted
):
    """RFC 8628, 3.5."""
    pending, slow = refused("AUTHORIZATION_PENDING"), refused("SLOW_DOWN")
    faulty.on(FETCH, pending, slow, pending, slow, fetched(minted))

    key = sign_in.wait(sign_in.begin())

    assert (key["apiKeyId"], key["apiKeySecret"], key["projectTitle"]) == (minted.key_id, minted.secret, "Shop")
    assert slept == [2, 2, 7, 7, 12]
    assert {asked.body for asked in faulty.asked[1:]} == {
        json.dumps({"deviceCode": DEVICE_CODE}, separators=(",", ":")).encode()
    }


def test_a_server_that_wants_no_pause_is_given_one(
    sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float], minted: keys.Minted
):
    faulty.on(BEGIN, answer(200, BEGUN | {"interval": 0}))
    faulty.on(FETCH, refused("AUTHORIZATION_PENDING"), fetched(minted))

    sign_in.wait(sign_in.begin())

    assert slept == [1, 1]


@pytest.mark.parametrize(
    "trouble",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        answer(503, {"message": "busy"}),
        answer(502, None, "Content-Type: text/html"),
        answer(429, {"message": "wait"}),
        answer(302, None, "Location: http://network.example/sign-in"),
        answer(200, None, "Content-Type: text/html"),
    ],
)
def test_a_call_that_is_lost_is_made_again(
    trouble: bytes, sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float], minted: keys.Minted
):
    faulty.on(FETCH, trouble, refused("AUTHORIZATION_PENDING"), trouble, fetched(minted))

    assert sign_in.wait(sign_in.begin())["apiKeyId"] == minted.key_id


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("ACCESS_DENIED", "The request was denied", "Somebody denied it in the browser, or"),
        ("EXPIRED_TOKEN", "The code was not approved in time, or was used already", "Start again for a new code."),
    ],
)
def test_no_for_an_answer_ends_it(
    code: str, message: str, hint: str, sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float]
):
    faulty.on(FETCH, refused("AUTHORIZATION_PENDING"), refused(code))

    with pytest.raises(AuthError, match=message) as caught:
        sign_in.wait(sign_in.begin())

    assert (caught.value.code, len(slept)) == (code, 2)
    assert str(caught.value.hint).startswith(hint)


def test_a_code_that_is_over_after_a_lost_answer_may_have_made_a_key(
    sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float]
):
    """T9: the answer that was lost may have been the one with the key."""
    faulty.on(FETCH, b"", refused("EXPIRED_TOKEN"))

    with pytest.raises(AuthError) as caught:
        sign_in.wait(sign_in.begin())

    assert "if a new API key was never used, revoke it" in str(caught.value.hint)


def test_it_waits_no_longer_than_the_code_is_good(sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float]):
    faulty.on(FETCH, refused("AUTHORIZATION_PENDING"))

    with pytest.raises(AuthError, match="not approved in time"):
        sign_in.wait(sign_in.begin())

    assert sum(slept) == 600


def test_a_server_that_is_gone_to_the_end_is_a_network_error(
    sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float]
):
    asked = sign_in.begin()
    faulty.close()

    with pytest.raises(NetworkError, match="Check its address and network") as caught:
        sign_in.wait(asked)

    assert sum(slept) == 600
    assert "The code has run out meanwhile. Start again for a new code." in str(caught.value.hint)
    assert "if a new API key was never used, revoke it" in str(caught.value.hint)


@pytest.mark.parametrize(
    "other",
    [
        {"purpose": "manage"},
        {"apiKeySecret": None},
        {"apiKeyId": 1},
        {"expiresAt": "soon"},
        {"member": None},
        {"projectTitle": None},
    ],
)
def test_an_answer_of_another_shape_is_refused_without_repeating_it(
    other: dict[str, object], sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float], minted: keys.Minted
):
    """U4: it may hold the secret."""
    faulty.on(FETCH, fetched(minted, **other))

    with pytest.raises(ApiError, match="unexpected response shape") as caught:
        sign_in.wait(sign_in.begin())

    assert minted.secret not in f"{caught.value} {caught.value.as_json()}"
    assert caught.value.details is None


@pytest.mark.parametrize(("status", "code"), [(400, "SOMETHING"), (401, None), (403, None), (302, None)])
def test_a_refusal_that_repeats_the_device_code_does_not_tell_it(
    status: int, code: str | None, sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float]
):
    """U4."""
    faulty.on(
        FETCH, answer(status, {"message": f"{DEVICE_CODE} is odd", "code": code, "details": {"was": DEVICE_CODE}})
    )

    with pytest.raises(ApiError) as caught:
        sign_in.wait(sign_in.begin())

    assert DEVICE_CODE not in f"{caught.value} {caught.value.as_json()}"


@pytest.mark.parametrize(
    "said",
    [
        answer(200, {}),
        answer(200, BEGUN | {"interval": "2"}),
        answer(200, BEGUN | {"interval": 10**400}),
        answer(200, BEGUN | {"expiresIn": 10**12}),
        answer(200, [BEGUN]),
        answer(200, BEGUN, "Content-Type: text/html"),
        answer(404, {"message": "Not Found"}),
    ],
)
def test_another_server_than_ours_is_said(said: bytes, sign_in: DeviceSignIn, faulty: FaultyServer):
    faulty.on(BEGIN, said)

    with pytest.raises(ApiError) as caught:
        sign_in.begin()

    assert faulty.origin in str(caught.value.hint)


@pytest.mark.parametrize(
    "origin", ["", "owox.example", "ftp://owox.example", "https://u:password@owox.example", "https://x/y"]
)
def test_an_address_that_is_none_is_a_config_error(origin: str):
    with pytest.raises(ConfigError, match="http or https") as caught:
        DeviceSignIn(origin)

    assert "password" not in str(caught.value)


def test_what_was_begun_can_be_kept_and_fetched_later(sign_in: DeviceSignIn, faulty: FaultyServer, minted: keys.Minted):
    faulty.on(FETCH, refused("AUTHORIZATION_PENDING"), fetched(minted))
    asked = Authorization("key", "BCDF-GHJK", "https://x", "https://x", 600, 2, DEVICE_CODE)

    with pytest.raises(ApiError) as caught:
        sign_in.fetch(asked)

    assert caught.value.code == "AUTHORIZATION_PENDING"
    assert sign_in.fetch(asked)["apiKeySecret"] == minted.secret


@pytest.mark.parametrize("seconds", [10**30, -1, "900", None])
def test_a_management_sign_in_without_a_sensible_end_is_refused(
    seconds: object, sign_in: DeviceSignIn, faulty: FaultyServer, slept: list[float]
):
    place = {"purpose": "manage", "projectId": "p", "projectTitle": "Shop", "member": MEMBER}
    faulty.on(FETCH, answer(200, place | {"managementToken": "t", "managementTokenExpiresIn": seconds}))

    with pytest.raises(ApiError, match="unexpected response shape"):
        sign_in.wait(sign_in.begin("manage"))

"""Managing keys with a terminal's token: what is asked, what comes back, and what is never said."""

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from owox import keys
from owox.client import ApiError, AuthError, Client, ConfigError
from owox.client.management import Management
from tests.client.test_refusals import everything_in
from tests.infra.faulty import EXCHANGE, FaultyServer, answer

KEYS = "/api/project-member-api-keys"
REVOKE = "/api/auth/api-keys/revoke"
ID = "pmk_" + "x" * 22
AT = "2026-11-25T10:15:00.000Z"
KEY = {"apiKeyId": ID, "name": "CI", "expiresAt": None, "createdAt": AT, "lastAuthenticatedAt": None}
MADE = KEY | {"apiKeySecret": "owox_sec_made", "apiKey": "owox_key_made"}
GONE = answer(204)

Ask = Callable[[Management], Any]
# What is asked, as which request, with which body, what the server answers, and what comes back.
CALLS: dict[str, tuple[Ask, str, Any, bytes, Any]] = {
    "list": (lambda m: m.list_keys(), f"GET {KEYS}", None, answer(200, [KEY]), [KEY]),
    "list of all": (lambda m: m.list_keys(revoked=True), f"GET {KEYS}?includeRevoked=true", None, answer(200, []), []),
    "create": (lambda m: m.create_key("CI"), f"POST {KEYS}", {"name": "CI"}, answer(201, MADE), MADE),
    "create for a time": (
        lambda m: m.create_key("CI", expires_at=AT), f"POST {KEYS}", {"name": "CI", "expiresAt": AT},
        answer(201, MADE), MADE,
    ),
    "rename": (lambda m: m.rename_key(ID, "CI"), f"PATCH {KEYS}/{ID}", {"name": "CI"}, answer(200, KEY), KEY),
    "rotate": (
        lambda m: m.rotate_key(ID), f"POST {KEYS}/{ID}/rotate", {"overlapSeconds": 0}, answer(201, MADE), MADE,
    ),
    "rotate for ever": (
        lambda m: m.rotate_key(ID, expires_at=None, overlap_seconds=3600), f"POST {KEYS}/{ID}/rotate",
        {"overlapSeconds": 3600, "expiresAt": None}, answer(201, MADE), MADE,
    ),
    "revoke": (lambda m: m.revoke_key(ID), f"DELETE {KEYS}/{ID}", None, GONE, None),
}  # fmt: skip


@pytest.fixture
def token() -> str:
    """A token made for this test."""
    return "owox_mgmt_" + secrets.token_urlsafe(32)


@pytest.fixture
def management(faulty: FaultyServer, token: str) -> Iterator[Management]:
    """A client of the misbehaving server."""
    with Management(f"{faulty.origin}/", token) as management:
        yield management


@pytest.mark.parametrize("name", CALLS)
def test_a_call_sends_the_token_and_returns_what_the_server_says(
    faulty: FaultyServer, management: Management, token: str, name: str
):
    ask, request, body, told, expected = CALLS[name]
    faulty.on(request.split(" ")[1].partition("?")[0], told)

    got = ask(management)

    (asked,) = faulty.asked
    assert f"{asked.method} {asked.target}" == request
    assert asked.headers["authorization"] == f"Bearer {token}"
    assert {"cookie", "x-owox-api-key-id", "x-owox-authorization"}.isdisjoint(asked.headers)
    assert (json.loads(asked.body) if asked.body else None) == body
    assert got == expected


def test_the_sign_in_ends_by_its_token_in_the_body(faulty: FaultyServer, management: Management, token: str):
    faulty.on("/api/auth/terminal-sign-in/end", GONE)

    management.end()

    assert json.loads(faulty.asked[0].body) == {"managementToken": token}
    assert "authorization" not in faulty.asked[0].headers


@pytest.mark.parametrize(
    ("status", "kind", "hint"),
    [(401, AuthError, "sign in again"), (404, ApiError, "Check the API Key ID"), (409, ApiError, None),
     (500, ApiError, "Try again later"), (307, ApiError, "Redirects are never followed")],
)  # fmt: skip
def test_a_refusal_says_what_to_do_and_no_token(
    faulty: FaultyServer, management: Management, token: str, status: int, kind: type[ApiError], hint: str | None
):
    """U4."""
    made = keys.mint()
    faulty.on(KEYS, answer(status, {"message": f"No: {token} {made.secret}", "details": {"sent": token}}))

    with pytest.raises(kind) as caught:
        management.list_keys()

    assert (hint is None and caught.value.hint is None) or (hint or "nothing") in (caught.value.hint or "")
    assert token not in everything_in(caught.value)
    assert made.secret not in everything_in(caught.value)


@pytest.mark.parametrize("told", [[], {}, KEY, MADE | {"createdAt": "yesterday"}, None])
def test_an_answer_of_another_shape_is_refused_and_not_repeated(
    faulty: FaultyServer, management: Management, told: object
):
    """U4: it may hold a secret that nobody has seen yet."""
    faulty.on(KEYS, answer(201, told))

    with pytest.raises(ApiError, match="unexpected response shape") as caught:
        management.create_key("CI")

    assert (caught.value.details, "owox_sec_made" in everything_in(caught.value)) == (None, False)


@pytest.mark.parametrize("key_id", ["", ".", "..", "a/b", "a%2fb", "a\\b", "x" * 256, "\ud800"])
def test_an_id_that_could_lead_elsewhere_is_not_sent(faulty: FaultyServer, management: Management, key_id: str):
    with pytest.raises(ConfigError, match="Invalid OWOX API Key ID"):
        management.revoke_key(key_id)

    assert faulty.asked == []


@pytest.mark.parametrize("token", ["", "owox_mgmt_\n", "owox_mgmt_é"])
def test_a_token_that_no_header_can_hold_is_refused(token: str):
    with pytest.raises(ConfigError):
        Management("http://127.0.0.1", token)


def test_a_key_revokes_itself_by_its_secret_without_an_exchange(
    faulty: FaultyServer, client: Client, minted: keys.Minted
):
    faulty.on(REVOKE, GONE)

    client.auth.revoke_key()

    (asked,) = faulty.asked
    assert (asked.method, asked.target, json.loads(asked.body)) == ("POST", REVOKE, {"apiKeySecret": minted.secret})
    assert asked.headers["x-owox-api-key-id"] == minted.key_id


def test_after_that_the_client_has_no_token_left(faulty: FaultyServer, client: Client):
    faulty.on(REVOKE, GONE)
    client.authenticate()
    client.auth.revoke_key()
    faulty.on(EXCHANGE, answer(401, {"message": "This API key was revoked.", "code": "API_KEY_REVOKED"}))

    with pytest.raises(AuthError, match="This API key was revoked"):
        client.data_marts.list()


def test_a_secret_that_is_wrong_revokes_nothing_and_says_so(faulty: FaultyServer, client: Client):
    faulty.on(REVOKE, answer(401, {"message": "Unauthorized"}, phrase="Unauthorized"))

    with pytest.raises(AuthError, match="401 Unauthorized"):
        client.auth.revoke_key()

    assert len(faulty.asked) == 1

"""What the client makes of a refusal, and what it never says."""

from typing import Any

import pytest

from owox import keys
from owox.client import ApiError, AuthError, Client
from tests.infra.faulty import EXCHANGE, MARTS, FaultyServer, answer


def everything_in(error: BaseException) -> str:
    return f"{error!s} {error!r} {vars(error)} {error.__context__ if not error.__suppress_context__ else ''}"


def test_a_second_401_is_the_answer(faulty: FaultyServer, client: Client):
    faulty.on(MARTS, answer(401, {"message": "Authentication failed"}, phrase="Unauthorized"))

    with pytest.raises(
        AuthError, match=r"^OWOX API request failed with 401 Unauthorized: Authentication failed"
    ) as caught:
        client.data_marts.list()

    assert caught.value.status == 401
    assert len(faulty.asked) == 4


@pytest.mark.parametrize("status", [403, 404, 409, 429, 500, 503])
def test_no_other_status_is_tried_again(faulty: FaultyServer, client: Client, status: int):
    faulty.on(MARTS, answer(status, {"message": "No", "code": "NO", "details": {"why": 1}}))

    with pytest.raises(ApiError) as caught:
        client.data_marts.list()

    assert not isinstance(caught.value, AuthError)
    assert (caught.value.status, caught.value.code, caught.value.details) == (status, "NO", {"why": 1})
    assert len(faulty.asked) == 2


@pytest.mark.parametrize(
    ("status", "hint"),
    [(400, None), (403, "An admin of the project can give them another role"), (404, "Check the ID and the server"),
     (429, None), (500, "Try again later"), (503, "Try again later")],
)  # fmt: skip
def test_a_refusal_says_what_to_do_where_the_server_does_not(
    faulty: FaultyServer, client: Client, status: int, hint: str | None
):
    faulty.on(MARTS, answer(status, {"message": "Wait 7 seconds."}))

    with pytest.raises(ApiError) as caught:
        client.data_marts.list()

    assert (hint is None and caught.value.hint is None) or (hint or "") in (caught.value.hint or "")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_is_not_followed(faulty: FaultyServer, client: Client, status: int):
    faulty.on(MARTS, answer(status, None, "Location: /elsewhere"))

    with pytest.raises(ApiError, match=f"failed with {status}"):
        client.data_marts.list()

    assert [asked.target for asked in faulty.asked] == [EXCHANGE, MARTS]


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_any_failure_of_the_exchange_is_an_auth_error(faulty: FaultyServer, client: Client, status: int):
    faulty.on(EXCHANGE, answer(status, {"message": "Unauthorized"}))

    with pytest.raises(AuthError) as caught:
        client.data_marts.list()

    assert caught.value.status == status
    assert len(faulty.asked) == 1


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("API_KEY_REVOKED", "This API key was revoked on 25 Nov 2026, 10:15 UTC. Create a new one in "),
        ("API_KEY_EXPIRED", "This API key expired on 25 Nov 2026, 10:15 UTC. Create a new one in "),
        ("API_KEY_REPLACED", "This API key was replaced on 25 Nov 2026, 10:15 UTC. Use the one that replaced it; "),
        ("API_KEY_SUSPENDED", "This API key was suspended on 25 Nov 2026, 10:15 UTC. Resume it in "),
    ],
)
def test_the_holder_of_an_ended_key_is_told_when_and_what_to_do(
    faulty: FaultyServer, client: Client, code: str, sentence: str
):
    body = {"message": "Unauthorized", "code": code, "details": {"at": "2026-11-25T11:15:00.000+01:00"}}
    faulty.on(EXCHANGE, answer(401, body, phrase="Unauthorized"))

    with pytest.raises(AuthError) as caught:
        client.authenticate()

    assert (caught.value.hint or "").startswith(sentence)
    assert "Project settings -> My API Keys" in str(caught.value)


@pytest.mark.parametrize("at", [None, "", "soon", 7, [], "9999-12-31T23:59:59-12:00"])
def test_an_unreadable_moment_is_left_out(faulty: FaultyServer, client: Client, at: object):
    faulty.on(EXCHANGE, answer(401, {"code": "API_KEY_REVOKED", "details": {"at": at}}))

    with pytest.raises(AuthError, match=r"This API key was revoked\. Create"):
        client.authenticate()


@pytest.mark.parametrize(
    "body", [None, {}, {"accessToken": ""}, {"accessToken": 7}, {"accessToken": "a\r\nb"}, "token", []]
)
def test_an_exchange_without_a_usable_token_is_an_auth_error(faulty: FaultyServer, client: Client, body: Any):
    faulty.on(EXCHANGE, answer(200, body))

    with pytest.raises(AuthError, match="did not include an access token"):
        client.authenticate()


def test_what_a_server_repeats_of_secret_and_token_is_hidden(faulty: FaultyServer, client: Client, minted: keys.Minted):
    """U4"""
    echo = {"message": f"bad {minted.secret} token-of-the-test", "details": [minted.secret]}
    faulty.on(MARTS, answer(400, echo))
    with pytest.raises(ApiError) as refused:
        client.data_marts.list()
    faulty.on(MARTS, answer(200, minted.secret))
    with pytest.raises(ApiError) as strange:
        client.data_marts.list()

    for caught in (refused, strange):
        assert minted.secret not in everything_in(caught.value)
        assert "token-of-the-test" not in everything_in(caught.value)


def test_neither_client_nor_credentials_show_the_secret(client: Client, minted: keys.Minted):
    """U4"""
    client.authenticate()

    assert minted.secret not in f"{client!r} {client.credentials!r}"
    assert minted.key_id in repr(client)


@pytest.mark.parametrize("errors", [[{"message": "name must be a string."}, {"message": 7}, "x"], 5, None])
def test_an_error_as_text_names_each_bad_value(faulty: FaultyServer, client: Client, errors: Any):
    body = {"message": "Request validation failed", "details": {"errors": errors}}
    faulty.on(MARTS, answer(400, body, phrase="Bad Request"))

    with pytest.raises(ApiError) as caught:
        client.data_marts.list()

    first, *more = str(caught.value).splitlines()
    assert first == "OWOX API request failed with 400 Bad Request: Request validation failed"
    assert more == (["name must be a string."] if isinstance(errors, list) else [])

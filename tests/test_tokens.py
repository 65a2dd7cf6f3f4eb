"""Access tokens: how long they live, and what is not one."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import Signer

from owox import keys
from owox.tokens import LIFETIME_SECONDS, PREFIX, Statement, Tokens, is_token

NOW = datetime(2026, 11, 25, 10, 0, 0, 250_000, tzinfo=UTC)
SECRET_KEY = secrets.token_urlsafe(48)
TOKENS = Tokens([SECRET_KEY])
KEY_ID = keys.mint().key_id


def test_a_token_says_which_key_it_is_for_and_when_it_ends():
    """T2."""
    token, seconds = TOKENS.issue(KEY_ID, None, NOW)

    assert is_token(token)
    assert seconds == LIFETIME_SECONDS == 900
    assert TOKENS.read(token, NOW) == Statement(KEY_ID, int(NOW.timestamp()) + 900)


@pytest.mark.parametrize(("left", "seconds"), [(60, 60), (900, 900), (901, 900), (1, 1)])
def test_a_token_never_outlives_its_key(left: int, seconds: int):
    """K8."""
    expires_at = NOW.replace(microsecond=0) + timedelta(seconds=left)

    token, told = TOKENS.issue(KEY_ID, expires_at, NOW)

    assert told == seconds
    assert TOKENS.read(token, expires_at - timedelta(milliseconds=1)) or seconds < left
    assert TOKENS.read(token, expires_at) is None


def test_a_token_of_a_key_with_less_than_a_second_left_is_never_valid_for_longer():
    """K8: the last second does not make a token endless."""
    token, seconds = TOKENS.issue(KEY_ID, NOW + timedelta(milliseconds=500), NOW)

    assert seconds == 0
    assert TOKENS.read(token, NOW + timedelta(milliseconds=500)) is None


def test_a_token_ends_at_its_very_second():
    """K8."""
    token, _ = TOKENS.issue(KEY_ID, None, NOW)
    end = NOW.replace(microsecond=0) + timedelta(seconds=900)

    assert TOKENS.read(token, end - timedelta(milliseconds=1))
    assert TOKENS.read(token, end) is None


def test_a_token_of_an_older_secret_key_is_read_and_new_ones_are_signed_with_the_newest():
    """K18."""
    newest = secrets.token_urlsafe(48)
    rotated = Tokens([newest, SECRET_KEY])
    old, _ = TOKENS.issue(KEY_ID, None, NOW)

    fresh, _ = rotated.issue(KEY_ID, None, NOW)

    assert rotated.read(old, NOW)
    assert TOKENS.read(fresh, NOW) is None
    assert Tokens([newest]).read(fresh, NOW)
    assert Tokens([newest]).read(old, NOW) is None


def test_a_token_altered_at_any_place_is_none():
    token, _ = TOKENS.issue(KEY_ID, None, NOW)

    for at, char in enumerate(token):
        altered = token[:at] + ("A" if char != "A" else "B") + token[at + 1 :]
        assert TOKENS.read(altered, NOW) is None


@pytest.mark.parametrize(
    "alter",
    [
        lambda token: token[:-1], lambda token: token * 2, lambda token: token + "\n", lambda token: " " + token,
        lambda token: token.removeprefix(PREFIX), lambda token: PREFIX + token, lambda token: token + "é",
        lambda token: token + "=",
        lambda token: token.upper(), lambda token: token + "\0", lambda _: "", lambda _: PREFIX,
        lambda _: PREFIX + "..",
    ],
)  # fmt: skip
def test_what_is_not_exactly_a_token_is_none(alter):
    """K7, T5."""
    token, _ = TOKENS.issue(KEY_ID, None, NOW)

    assert TOKENS.read(alter(token), NOW) is None


@pytest.mark.parametrize("statement", ["", ".", "x.1", f"{KEY_ID}.1", f"{KEY_ID}.9999999999999999999.1", KEY_ID,
                                       f"{KEY_ID}.-1", f"{KEY_ID}.1e99", "pmk_x.9999999999"],
                         ids=lambda text: text.replace(KEY_ID, "ID"))  # fmt: skip
def test_a_signed_statement_of_another_form_is_none(statement: str):
    """T6, T10."""
    assert TOKENS.read(PREFIX + TOKENS._signer.sign(statement).decode(), NOW) is None


def test_a_signature_made_with_the_same_secret_for_another_purpose_is_none():
    """T6."""
    statement = f"{KEY_ID}.{int(NOW.timestamp()) + 900}"

    assert TOKENS.read(PREFIX + Signer(SECRET_KEY, salt="cookie").sign(statement).decode(), NOW) is None


@given(st.text() | st.text().map(lambda text: PREFIX + text) | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_is_read_without_an_error(text: str):
    """T5."""
    assert TOKENS.read(text, NOW) is None

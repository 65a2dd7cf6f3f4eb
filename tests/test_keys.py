"""The core: what a key looks like, what is stored of it, and when it is accepted."""

import os
import re
from collections import Counter
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from owox import keys
from owox.keys import Facts, State

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
BASE62 = "0-9A-Za-z"


def test_a_key_has_the_documented_format():
    """K6."""
    minted = keys.mint()

    assert re.fullmatch(r"pmk_[A-Za-z0-9_-]{22}", minted.key_id)
    assert re.fullmatch(rf"owox_sec_[{BASE62}]{{49}}", minted.secret)
    assert len(minted.secret) == keys.SECRET_LENGTH == 58


def test_every_minted_key_is_recognised_and_none_comes_twice():
    """K1, K6."""
    minted = [keys.mint() for _ in range(5_000)]

    assert all(keys.is_key_id(key.key_id) and keys.is_secret(key.secret) for key in minted)
    assert len({key.secret for key in minted}) == len({key.key_id for key in minted}) == len(minted)


def test_each_position_of_a_secret_is_spread_evenly():
    """K1: chi-square over 62 characters; 150 at 61 degrees of freedom comes by chance once in a thousand million."""
    count = 4_000
    bodies = [keys.mint().secret[9:52] for _ in range(count)]
    expected = count / 62

    for position in range(43):
        seen = Counter(body[position] for body in bodies)
        chi_square = sum((seen[char] - expected) ** 2 / expected for char in keys._BASE62)
        assert chi_square < 150, f"position {position}: {chi_square:.0f}"


def test_ids_and_secrets_come_from_the_operating_systems_random_source(monkeypatch: pytest.MonkeyPatch):
    """K1: with that source gone there is no key."""

    def gone(_size: int) -> bytes:
        raise OSError("no random source")

    monkeypatch.setattr(os, "urandom", gone)
    monkeypatch.setattr("random._urandom", gone)
    monkeypatch.setattr("secrets.token_bytes", gone)

    with pytest.raises(OSError, match="no random source"):
        keys.mint()


def test_a_secret_with_any_one_character_altered_is_no_secret():
    """K6: the checksum sees every typo, before a database is asked."""
    secret = keys.mint().secret

    for at, char in enumerate(secret):
        for other in ("0", "z", "l" if char != "l" else "1"):
            if other != char:
                assert not keys.is_secret(secret[:at] + other + secret[at + 1 :])


def test_a_secret_with_two_neighbours_exchanged_is_no_secret():
    """K6."""
    secret = keys.mint().secret

    for at in range(len(secret) - 1):
        swapped = secret[:at] + secret[at + 1] + secret[at] + secret[at + 2 :]
        assert swapped == secret or not keys.is_secret(swapped)


@pytest.mark.parametrize(
    "alter",
    [
        lambda text: text + "\n", lambda text: "\n" + text, lambda text: text + "\0", lambda text: text + " ",
        lambda text: " " + text, lambda text: text[:-1], lambda text: text * 2, lambda text: text.upper(),
        lambda text: text[:-1] + "\u0663", lambda text: text[:-1] + "\uff11", lambda text: text.replace("_", "-"),
        lambda text: "\u043e" + text[1:], lambda text: f'"{text}"', lambda text: "", lambda text: text + "\u200b",
    ],
)  # fmt: skip
def test_ids_and_secrets_are_matched_whole_and_in_ascii_only(alter):
    """K7."""
    minted = keys.mint()

    assert not keys.is_key_id(alter(minted.key_id))
    assert not keys.is_secret(alter(minted.secret))


@given(st.text() | st.text(keys._BASE62, min_size=49, max_size=49).map(lambda text: "owox_sec_" + text))
def test_no_random_text_is_taken_for_a_secret(text: str):
    """K6: one in 62 to the 6th, 57 thousand million, by chance."""
    assert not keys.is_secret(text)


def test_the_stored_digest_is_of_the_documented_form_and_matches_only_its_own_key():
    """K2."""
    one, other = keys.mint(), keys.mint()
    stored = keys.digest(one.key_id, one.secret)

    assert re.fullmatch(r"v1\$[0-9a-f]{64}", stored)
    assert one.secret not in stored
    assert keys.matches(stored, one.key_id, one.secret)
    assert not keys.matches(stored, one.key_id, other.secret)
    assert not keys.matches(stored, other.key_id, one.secret)
    assert not keys.matches("", one.key_id, one.secret)


def test_a_digest_is_compared_with_text_of_any_alphabet():
    """K3, T5: no comparison fails on text that is not ASCII."""
    assert not keys.matches("v1$abc", "pmk_ü", "sécret")


def test_a_secret_is_hidden_from_what_programs_print():
    """U4."""
    minted = keys.mint()
    parts = keys.parse_combined(keys.combine("https://owox.example.com", minted.key_id, minted.secret))

    assert minted.secret not in repr(minted) + str(minted) + repr(parts) + f"{parts}"


def test_a_key_without_events_is_active():
    assert keys.judge(Facts(), NOW) == (State.ACTIVE, None)


@pytest.mark.parametrize(
    ("away", "state"),
    [
        (timedelta(milliseconds=1), State.ACTIVE),
        (timedelta(0), State.EXPIRED),
        (timedelta(milliseconds=-1), State.EXPIRED),
        (timedelta(days=365 * 7000), State.ACTIVE),
    ],
)
def test_a_key_ends_at_the_very_instant_of_its_expiry(away: timedelta, state: State):
    """K8."""
    expires_at = NOW + away

    assert keys.judge(Facts(expires_at=expires_at), NOW) == (state, expires_at if state is State.EXPIRED else None)


@pytest.mark.parametrize(
    ("away", "state"), [(1, State.ACTIVE), (0, State.REPLACED), (-1, State.REPLACED), (604_800_000, State.ACTIVE)]
)
def test_a_replaced_key_goes_on_until_the_very_instant_at_which_its_overlap_ends(away: int, state: State):
    """K8, K12."""
    ends_at = NOW + timedelta(milliseconds=away)

    assert keys.judge(Facts(overlap_ends_at=ends_at), NOW) == (state, ends_at if state is State.REPLACED else None)


def test_a_key_ends_by_itself_at_the_earlier_of_expiry_and_overlap():
    early, late = NOW + timedelta(hours=1), NOW + timedelta(hours=2)

    ends = {
        (expires, overlap): Facts(expires_at=expires, overlap_ends_at=overlap).ends_at
        for expires in (None, early, late)
        for overlap in (None, early, late)
    }

    assert ends == {
        (None, None): None, (None, early): early, (None, late): late, (early, None): early, (early, early): early,
        (early, late): early, (late, None): late, (late, early): early, (late, late): late,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("left", "soon"), [(timedelta(days=14, milliseconds=1), False), (timedelta(days=14), True), (timedelta(0), True)]
)
def test_a_key_ends_soon_in_its_last_14_days(left: timedelta, soon: bool):
    assert keys.ends_soon(NOW + left, NOW) is soon
    assert keys.ends_soon(None, NOW) is False


@pytest.mark.parametrize(
    ("field", "state"),
    [
        ("revoked_at", State.REVOKED),
        ("membership_ended_at", State.MEMBERSHIP_ENDED),
        ("member_disabled_at", State.OWNER_DISABLED),
        ("overlap_ends_at", State.REPLACED),
        ("expires_at", State.EXPIRED),
        ("suspended_at", State.SUSPENDED),
    ],
)
def test_each_event_ends_a_key_since_its_own_instant(field: str, state: State):
    since = NOW - timedelta(hours=3)

    assert keys.judge(Facts(**{field: since}), NOW) == (state, since)


def test_of_two_ends_the_one_that_cannot_be_undone_is_told():
    order = ["revoked_at", "membership_ended_at", "member_disabled_at", "overlap_ends_at", "expires_at", "suspended_at"]
    states = dict(zip(order, (State.REVOKED, State.MEMBERSHIP_ENDED, State.OWNER_DISABLED, State.REPLACED,
                              State.EXPIRED, State.SUSPENDED), strict=True))  # fmt: skip

    for first, second in combinations(order, 2):
        facts = Facts(**{first: NOW - timedelta(minutes=1), second: NOW - timedelta(days=1)})
        assert keys.judge(facts, NOW)[0] is states[first]

    assert {field.name for field in fields(Facts)} == set(order)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.timezones()))
def test_expiry_does_not_depend_on_the_time_zone_it_is_written_in(now: datetime, expires_at: datetime):
    """K9."""
    state, _ = keys.judge(Facts(expires_at=expires_at), now)

    assert state is (State.EXPIRED if now >= expires_at else State.ACTIVE)

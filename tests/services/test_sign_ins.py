"""Signing in: slowed down after failures, the same for everyone unknown, over when it should be."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from owox.models import SignIn
from owox.services import sign_ins
from owox.services.errors import Refused, Throttled
from owox.services.throttle import SIGN_IN_FAILURES, SIGN_IN_FAILURES_ACCOUNT, SIGN_IN_FAILURES_ADDRESS, Throttle
from tests.cast import OPERATOR, Stage, disable

NOW = datetime.now(UTC)
MOST = SIGN_IN_FAILURES[0]


def attempt(stage: Stage, throttle: Throttle, email: str, password: str, address: str = "192.0.2.1") -> str:
    """What comes of one try: ``in``, ``refused`` or ``wait``."""
    with stage.session() as session:
        try:
            sign_ins.check_password(session, email, password, throttle, address)
        except Refused:
            return "refused"
        except Throttled as throttled:
            return "wait" if throttled.retry_after in range(1, 3601) else "wait for ever"
    return "in"


def test_the_right_password_signs_in(stage: Stage):
    """L2: the whole of it counts, and nothing is trimmed."""
    alice, throttle = stage["alice"], Throttle()

    assert attempt(stage, throttle, "  ALICE@example.com ", alice.password) == "in"
    for wrong in (alice.password + " ", alice.password[:-1], alice.password.swapcase(), "", alice.password * 10):
        assert attempt(stage, Throttle(), alice.email, wrong) == "refused"


@pytest.mark.parametrize("email", ["nobody@example.com", "", "not an address", "\0", "a" * 5000, "bob@example.com"])
def test_unknown_damaged_and_disabled_are_refused_alike(email: str, stage: Stage):
    """L3."""
    disable(stage, "bob")

    assert attempt(stage, Throttle(), email, stage["bob"].password) == "refused"


def test_the_sixth_failure_waits_and_so_does_the_right_password_from_there(stage: Stage):
    """L4."""
    alice, throttle = stage["alice"], Throttle()
    tries = [attempt(stage, throttle, alice.email, "wrong password") for _ in range(MOST + 1)]

    assert tries == ["refused"] * MOST + ["wait"]
    assert attempt(stage, throttle, alice.email, alice.password) == "wait"
    assert attempt(stage, throttle, alice.email, alice.password, "198.51.100.1") == "in"
    assert attempt(stage, throttle, stage["bob"].email, stage["bob"].password) == "in"


def test_spellings_of_one_address_share_a_count(stage: Stage):
    """L4: no way around it by case or spaces."""
    throttle = Throttle()
    spellings = [
        "alice@example.com",
        "ALICE@example.com",
        " alice@example.com",
        "Alice@Example.com",
        "alice@EXAMPLE.com ",
    ]

    tries = [attempt(stage, throttle, spelling, "wrong password") for spelling in [*spellings, spellings[0]]]

    assert tries == ["refused"] * MOST + ["wait"]


def test_one_network_address_cannot_try_many_people():
    """L4."""
    throttle = Throttle()

    for at in range(SIGN_IN_FAILURES_ADDRESS[0]):
        throttle.sign_in_failed(f"{at}@example.com", "192.0.2.1")

    with pytest.raises(Throttled):
        throttle.check_sign_in("new@example.com", "192.0.2.1")
    throttle.check_sign_in("new@example.com", "192.0.2.2")


def test_one_account_cannot_be_tried_from_many_addresses():
    """L4: at most 100 failures in a row, from anywhere (NIST SP 800-63B-4)."""
    throttle = Throttle()

    for at in range(SIGN_IN_FAILURES_ACCOUNT[0]):
        throttle.sign_in_failed("alice@example.com", f"192.0.2.{at}")

    with pytest.raises(Throttled):
        throttle.check_sign_in("alice@example.com", "198.51.100.1")
    assert SIGN_IN_FAILURES_ACCOUNT[0] <= 100


def test_the_cookies_value_is_new_each_time_and_only_its_hash_is_kept(stage: Stage):
    """L5, K2."""
    with stage.session() as session:
        values = {sign_ins.start(session, stage["alice"].member_id, "UTC", OPERATOR, NOW) for _ in range(5)}
        kept = set(session.scalars(select(SignIn.digest)))

    assert len(values) == len(kept) == 5
    assert not values & kept


@pytest.mark.parametrize(
    ("idle", "age", "lasts"),
    [
        (timedelta(minutes=30) - timedelta(milliseconds=1), timedelta(minutes=40), True),
        (timedelta(minutes=30), timedelta(minutes=40), False),
        (timedelta(0), timedelta(hours=12) - timedelta(milliseconds=1), True),
        (timedelta(0), timedelta(hours=12), False),
    ],
)
def test_a_sign_in_ends_when_idle_and_after_half_a_day(idle: timedelta, age: timedelta, lasts: bool, stage: Stage):
    """L7."""
    start = NOW.replace(microsecond=0)
    with stage.session() as session:
        value = sign_ins.start(session, stage["alice"].member_id, "UTC", OPERATOR, start)
        found = sign_ins.find(session, value, start)
        assert found is not None
        sign_ins.touch(session, found.sign_in_id, start + age - idle)

        assert (sign_ins.find(session, value, start + age) is not None) is lasts


def test_signing_out_and_disabling_end_a_sign_in_at_once(stage: Stage):
    """L6."""
    alice, bob = stage.visitor("alice"), stage.visitor("bob")
    with stage.session() as session:
        value = sign_ins.start(session, stage["alice"].member_id, "UTC", OPERATOR, datetime.now(UTC))
        found = sign_ins.find(session, value, datetime.now(UTC))
        assert found is not None
        sign_ins.end(session, found.sign_in_id, OPERATOR, datetime.now(UTC))
        assert sign_ins.find(session, value, datetime.now(UTC)) is None
    disable(stage, "bob")

    assert alice.get("/api/auth/context").status_code == 200
    assert bob.get("/api/auth/context").status_code == 401


@pytest.mark.parametrize(
    "value", ["", "x", "\ud800", "\0", "é" * 5000, pytest.param(secrets.token_urlsafe(32), id="random")]
)
def test_a_made_up_value_belongs_to_nobody(value: str, stage: Stage):
    """T5."""
    with stage.session() as session:
        assert sign_ins.find(session, value, NOW) is None

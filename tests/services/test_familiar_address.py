"""Strangers who guess at somebody's password do not lock them out of where they always sign in."""

from datetime import UTC, datetime

import pytest

from owox.services import sign_ins, terminal_sign_ins
from owox.services.errors import Refused, Throttled
from owox.services.throttle import SIGN_IN_FAILURES_ACCOUNT, Throttle
from tests.cast import OPERATOR, Stage


def test_owner_signs_in_from_a_familiar_address_while_strangers_guess(stage: Stage) -> None:
    """L4: the limit for the account holds everywhere else, for the right password too."""
    alice, throttle = stage["alice"], Throttle()
    with stage.session() as session:
        sign_ins.start(session, alice.member_id, "UTC", OPERATOR, datetime.now(UTC))
    for at in range(SIGN_IN_FAILURES_ACCOUNT[0]):
        throttle.sign_in_failed(alice.email, f"192.0.2.{at}")

    with stage.session() as session:
        at_home = sign_ins.check_password(session, alice.email, alice.password, throttle, OPERATOR.address)
        with pytest.raises(Throttled):
            sign_ins.check_password(session, alice.email, alice.password, throttle, "198.51.100.7")

    assert at_home == alice.member_id


def test_terminal_makes_no_address_familiar(stage: Stage) -> None:
    """L4: whoever signed it in has shown no password there."""
    alice, throttle = stage["alice"], Throttle()
    with stage.session() as session:
        terminal_sign_ins.begin(session, alice.membership_id, OPERATOR, datetime.now(UTC))
    for at in range(SIGN_IN_FAILURES_ACCOUNT[0]):
        throttle.sign_in_failed(alice.email, f"192.0.2.{at}")

    with stage.session() as session, pytest.raises(Throttled):
        sign_ins.check_password(session, alice.email, alice.password, throttle, OPERATOR.address)


def test_familiar_address_may_fail_no_more_often_than_any_other(stage: Stage) -> None:
    """L4: five wrong passwords in five minutes, then none is looked at."""
    alice, throttle = stage["alice"], Throttle()
    with stage.session() as session:
        sign_ins.start(session, alice.member_id, "UTC", OPERATOR, datetime.now(UTC))
        for _ in range(5):
            with pytest.raises(Refused):
                sign_ins.check_password(session, alice.email, "wrong", throttle, OPERATOR.address)

        with pytest.raises(Throttled):
            sign_ins.check_password(session, alice.email, alice.password, throttle, OPERATOR.address)

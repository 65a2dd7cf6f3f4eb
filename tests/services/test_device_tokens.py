"""What a terminal fetches: once, decided at that moment, and never stored before."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from owox import keys
from owox.models import ApiKey, SignIn
from owox.roles import Role
from owox.services import device_tokens, terminal_sign_ins
from owox.services.device_authorizations import Purpose
from owox.services.device_tokens import INTERVAL, Fetched, Refusal
from owox.services.keys import Created
from tests import terminals
from tests.cast import OPERATOR, Stage, change_role, disable, end_membership

NOW = datetime.now(UTC).replace(microsecond=0)
MOMENT = timedelta(milliseconds=1)


def test_what_was_approved_is_fetched_once_and_works(stage: Stage):
    """K1: the secret is made when it is fetched, by the one maker of keys."""
    begun = terminals.asked(stage, "build-machine", at=NOW)
    before = stage.key_count()

    waiting = terminals.fetch(stage, begun, NOW)
    terminals.approve(stage, begun, at=NOW, expires_at=NOW + timedelta(days=30))
    at_approval = stage.key_count()
    got = terminals.fetch(stage, begun, NOW)
    again = terminals.fetch(stage, begun, NOW + INTERVAL)

    assert waiting is Refusal.PENDING
    assert at_approval == before
    assert isinstance(got, Fetched)
    assert isinstance(got.made, Created)
    stored = stage.key(got.made.key.id)
    assert (stored.name, stored.expires_at) == ("build-machine", NOW + timedelta(days=30))
    assert stored.membership_id == stage["alice"].membership_id
    assert keys.matches(stored.digest, stored.id, got.made.secret)
    assert (got.member.email, got.project.title) == ("alice@example.com", "Shop")
    assert (again, stage.key_count()) == (Refusal.EXPIRED, before + 1)


def test_neither_the_device_code_nor_a_secret_is_stored(stage: Stage):
    """K2: a copy of the database gives nobody the key that waits to be fetched, nor one that was."""
    begun = terminals.asked(stage)
    terminals.approve(stage, begun)
    got = terminals.fetch(stage, begun)

    assert isinstance(got, Fetched)
    with Session(stage.engine) as session:
        rows = session.execute(text("SELECT * FROM device_authorization")).all()
        events = session.execute(text("SELECT * FROM audit_event")).all()
    kept = f"{rows} {events}"
    assert hashlib.sha256(begun.device_code.encode()).hexdigest() in kept
    assert begun.device_code not in kept
    assert got.made.secret not in kept
    assert begun.device_code not in repr(begun)
    assert got.made.secret not in repr(got)


def test_polling_faster_than_the_interval_is_slowed_down(stage: Stage):
    begun = terminals.asked(stage, at=NOW)
    moments = [NOW, NOW + INTERVAL - MOMENT, NOW + INTERVAL, NOW + INTERVAL, NOW + 2 * INTERVAL]

    answers = [terminals.fetch(stage, begun, at) for at in moments]

    pending, slow = Refusal.PENDING, Refusal.SLOW_DOWN
    assert answers == [pending, slow, pending, slow, pending]


@pytest.mark.parametrize("end", [end_membership, disable])
def test_a_member_who_is_gone_meanwhile_gets_nothing(end: object, stage: Stage):
    """Z5, K15: what a key may do is decided when it is made, not when it was approved."""
    begun = terminals.asked(stage)
    terminals.approve(stage, begun, "bob")
    before = stage.key_count()
    assert callable(end)
    end(stage, "bob")

    answers = [terminals.fetch(stage, begun) for _ in range(2)]

    assert answers == [Refusal.DENIED] * 2
    assert stage.key_count() == before


def test_a_role_that_changed_meanwhile_is_that_of_the_key(stage: Stage):
    """K15."""
    begun = terminals.asked(stage)
    terminals.approve(stage, begun, "bob")
    change_role(stage, "bob", Role.VIEWER)
    got = terminals.fetch(stage, begun)
    assert isinstance(got, Fetched)

    context = stage.app.test_client().get("/api/auth/context", auth=(got.made.key.id, got.made.secret))

    assert context.get_json()["roles"] == ["viewer"]


def test_an_expiry_that_came_before_the_fetch_gives_no_key(stage: Stage):
    """K8."""
    begun = terminals.asked(stage, at=NOW)
    terminals.approve(stage, begun, at=NOW, expires_at=NOW + timedelta(minutes=1))

    assert terminals.fetch(stage, begun, NOW + timedelta(minutes=1)) is Refusal.EXPIRED


@pytest.mark.parametrize("count", [8])
def test_of_fetches_at_the_same_moment_one_gets_the_key(count: int, stage: Stage):
    """D4, S11, K17: there is one key, whichever fetch is first."""
    begun = terminals.asked(stage)
    terminals.approve(stage, begun)
    before = stage.key_count()

    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda _: terminals.fetch(stage, begun), range(count)))

    got = [each for each in answers if isinstance(each, Fetched)]
    assert len(got) == 1
    assert set(answers) - set(got) == {Refusal.EXPIRED}
    assert stage.key_count() == before + 1
    assert stage.key(got[0].made.key.id).name == "laptop"


def test_a_failure_while_the_key_is_made_takes_nothing_and_can_be_tried_again(stage: Stage):
    """S1, T9: claim, key and record stand or fall together."""
    begun = terminals.asked(stage)
    terminals.approve(stage, begun)
    with Session(stage.engine) as session:
        session.connection(execution_options={"owox_begin": "BEGIN IMMEDIATE"})
        device_tokens.fetch(session, begun.device_code, OPERATOR, datetime.now(UTC))
        session.rollback()

    with Session(stage.engine) as session:
        assert session.scalar(select(ApiKey.id).where(ApiKey.name == "laptop")) is None
    assert isinstance(terminals.fetch(stage, begun), Fetched)


def test_leave_to_manage_keys_begins_when_it_is_fetched(stage: Stage):
    """A row among the member's sign-ins, for 15 minutes; no key is made."""
    begun = terminals.asked(stage, purpose=Purpose.MANAGE, at=NOW)
    terminals.approve(stage, begun, "bob", at=NOW)
    before, signed_in = stage.key_count(), sign_in_count(stage)

    got = terminals.fetch(stage, begun, NOW + timedelta(minutes=5))
    again = terminals.fetch(stage, begun, NOW + timedelta(minutes=5))

    assert isinstance(got, Fetched)
    assert isinstance(got.made, terminal_sign_ins.Begun)
    assert got.made.expires_at == NOW + timedelta(minutes=20)
    with Session(stage.engine) as session:
        terminal = terminal_sign_ins.find(session, got.made.token, NOW + timedelta(minutes=6))
    assert (terminal.caller.email, terminal.caller.project_title) == ("bob@example.com", "Shop")
    assert (again, stage.key_count(), sign_in_count(stage)) == (Refusal.EXPIRED, before, signed_in + 1)
    assert got.made.token not in repr(got)


def sign_in_count(stage: Stage) -> int:
    """How many sign-ins there are, of browsers and terminals."""
    with Session(stage.engine) as session:
        return len(session.scalars(select(SignIn.id)).all())


@pytest.mark.parametrize("end", [end_membership, disable])
def test_no_terminal_is_signed_in_for_a_member_who_is_gone_meanwhile(end: object, stage: Stage):
    """Z5."""
    begun = terminals.asked(stage, purpose=Purpose.MANAGE)
    terminals.approve(stage, begun, "bob")
    before = sign_in_count(stage)
    assert callable(end)
    end(stage, "bob")

    assert terminals.fetch(stage, begun) is Refusal.DENIED
    assert sign_in_count(stage) == before

"""A terminal's request: found by its short code alone, and answered once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import AuditEvent
from owox.services import device_authorizations
from owox.services.device_authorizations import LIFETIME, OPEN_MOST
from owox.services.device_tokens import Fetched, Refusal
from owox.services.errors import Conflict, Invalid, NotFound, Throttled
from owox.services.user_codes import ALPHABET
from tests import terminals
from tests.cast import Stage
from tests.people import acting
from tests.services.acts import outcome

NOW = datetime.now(UTC).replace(microsecond=0)
MOMENT = timedelta(milliseconds=1)


def test_codes_are_long_enough_and_made_of_the_alphabet(stage: Stage):
    """K1: 256 bits for the terminal; 20 to the power of 8 for people, without vowels and digits."""
    begun = [terminals.asked(stage, address=f"198.51.100.{at}") for at in range(30)]

    assert {len(each.device_code) for each in begun} == {43}
    assert len({each.device_code for each in begun} | {each.user_code for each in begun}) == 60
    assert all(set(each.user_code.replace("-", "", 1)) <= set(ALPHABET) for each in begun)
    assert {(len(each.user_code), each.user_code[4]) for each in begun} == {(9, "-")}
    assert set("AEIOUY0123456789") & set(ALPHABET) == set()


@pytest.mark.parametrize("change", [str, str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} ",
                                    lambda code: code.replace("-", " "), lambda code: "-".join(code)])  # fmt: skip
def test_a_code_is_found_however_it_is_typed(change: object, stage: Stage):
    begun = terminals.asked(stage)
    assert callable(change)

    assert terminals.found(stage, change(begun.user_code)).user_code == begun.user_code


@pytest.mark.parametrize("typed", ["", "BCDF", "BCDFGHJKL", "AEIOUAEI", "%", "B" * 200, "ßßßß", "BCDFGHJ\u212a",
                                   "\0" * 8, "' OR 1=1", "\ud800"])  # fmt: skip
def test_text_that_is_no_code_finds_nothing(typed: str, stage: Stage):
    """K7, I4."""
    terminals.asked(stage)

    with pytest.raises(NotFound):
        terminals.found(stage, typed)


def test_a_request_lasts_ten_minutes_to_the_moment(stage: Stage):
    """K8: for whoever types the code and for whoever fetches."""
    open_one, approved = terminals.asked(stage, at=NOW), terminals.asked(stage, at=NOW)
    terminals.approve(stage, approved, at=NOW)
    last, over = NOW + LIFETIME - MOMENT, NOW + LIFETIME

    at_last = terminals.found(stage, open_one.user_code, at=last)
    pending = terminals.fetch(stage, open_one, last)
    with pytest.raises(NotFound):
        terminals.found(stage, open_one.user_code, at=over)

    assert (at_last.expires_at, pending) == (over, Refusal.PENDING)
    assert [terminals.fetch(stage, each, over) for each in (open_one, approved)] == [Refusal.EXPIRED] * 2


def test_requests_that_are_over_go_when_the_next_one_comes(stage: Stage):
    old = terminals.asked(stage, at=NOW - LIFETIME)
    recent = terminals.asked(stage, at=NOW - LIFETIME + MOMENT)

    terminals.asked(stage, at=NOW)

    assert terminals.row_of(stage, old) is None
    assert terminals.row_of(stage, recent) is not None
    assert terminals.fetch(stage, old) is Refusal.UNKNOWN


def test_denied_stays_denied(stage: Stage):
    begun = terminals.asked(stage)
    terminals.deny(stage, begun)

    with pytest.raises(NotFound):
        terminals.approve(stage, begun)

    assert [terminals.fetch(stage, begun) for _ in range(2)] == [Refusal.DENIED] * 2


def test_the_first_answer_counts(stage: Stage):
    """Z2: nobody finds what another member approved, nor answers it."""
    begun = terminals.asked(stage)
    request = terminals.found(stage, begun.user_code, "bob")
    terminals.approve(stage, begun, "alice")

    with pytest.raises(NotFound):
        terminals.found(stage, begun.user_code, "bob")
    with pytest.raises(Conflict):
        deny_found(stage, request)
    mine = terminals.found(stage, begun.user_code, "alice").approved
    got = terminals.fetch(stage, begun)

    assert mine is not None
    assert (mine.project_title, mine.name, mine.fetched) == ("Shop", "laptop", False)
    assert isinstance(got, Fetched)
    assert got.member.email == "alice@example.com"


def deny_found(stage: Stage, request: device_authorizations.Request) -> None:
    """Bob's late no."""
    with stage.session() as session:
        device_authorizations.deny(session, request, acting(stage, "bob"), datetime.now(UTC))


def test_of_answers_at_the_same_moment_one_counts(stage: Stage):
    """S11."""
    begun = terminals.asked(stage)

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda who: outcome(lambda: terminals.approve(stage, begun, who)), ["alice", "bob"] * 2))

    assert ends.count("done") == 1
    assert set(ends) <= {"done", "Conflict", "NotFound"}


def test_one_address_has_so_many_requests_open_and_others_are_not_in_its_way(stage: Stage):
    """T8."""
    begun = [terminals.asked(stage, at=NOW) for _ in range(OPEN_MOST)]

    with pytest.raises(Throttled) as refused:
        terminals.asked(stage, at=NOW + timedelta(minutes=1))
    terminals.asked(stage, address="198.51.100.1", at=NOW)
    terminals.approve(stage, begun[0], at=NOW)
    terminals.fetch(stage, begun[0], NOW)
    terminals.asked(stage, at=NOW)

    assert refused.value.retry_after == 540


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\nb"])
def test_a_name_that_no_key_can_have_is_refused_at_once(name: str, stage: Stage):
    with pytest.raises(Invalid):
        terminals.asked(stage, name)


def test_every_act_is_on_record_with_who_and_from_where(stage: Stage):
    """U1, U4: the member answers from their browser, the key is made from the terminal."""
    approved, denied = terminals.asked(stage), terminals.asked(stage)
    terminals.approve(stage, approved)
    terminals.deny(stage, denied)
    got = terminals.fetch(stage, approved)
    assert isinstance(got, Fetched)

    with Session(stage.engine) as session:
        query = select(AuditEvent).where(AuditEvent.member_id == stage["alice"].member_id).order_by(AuditEvent.at)
        events = {event.action: event for event in session.scalars(query)}

    assert events["terminal.approve"].details == {
        "purpose": "key", "terminal": "owox-ctl", "terminal_address": terminals.ADDRESS, "name": "laptop",
        "expires_at": None,
    }  # fmt: skip
    assert events["terminal.deny"].details["terminal_address"] == terminals.ADDRESS
    made = events["api_key.create"]
    assert (made.api_key_id, made.address, made.project_id) == (
        got.made.key.id, terminals.ADDRESS, stage.cast.project_id
    )  # fmt: skip

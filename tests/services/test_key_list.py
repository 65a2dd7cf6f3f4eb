"""The list of keys: its states are those of the core, its search finds what one typed, its pages add up."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from owox import keys as core
from owox.keys import State
from owox.services import key_list, keys
from owox.services.key_list import PAGE_SIZE, Filter, Sort
from owox.services.keys import KeyInfo
from owox.services.paging import Page
from tests.cast import OPERATOR, Stage

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)
PAST, AHEAD = NOW - timedelta(days=1), NOW + timedelta(days=1)


def listed(stage: Stage, **wanted) -> Page[KeyInfo]:
    """One page of bob's keys."""
    with stage.session() as session:
        return key_list.page(session, stage["bob"].membership_id, Filter(**wanted), NOW)


def names(stage: Stage, **wanted) -> list[str]:
    """The names on a page of bob's keys, without the first one that he has anyway."""
    return [key.name for key in listed(stage, **wanted).entries if key.name != "bob's key"]


def test_each_state_lists_exactly_the_keys_that_are_in_it(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """The condition in SQL and the function in the core never disagree."""
    monkeypatch.setattr(key_list, "PAGE_SIZE", 100)
    ends = {
        "revoked_at": (None, PAST),
        "overlap_ends_at": (None, PAST, NOW, AHEAD),
        "expires_at": (None, PAST, NOW, AHEAD),
        "suspended_at": (None, PAST),
    }
    for moments in product(*ends.values()):
        stage.set_key(stage.more("bob").key_id, **dict(zip(ends, moments, strict=True)))

    every = {key.id: key.state for key in listed(stage).entries}
    by_state = {state: {key.id for key in listed(stage, state=state).entries} for state in State}

    assert len(every) == 65
    assert by_state == {state: {key_id for key_id, its in every.items() if its is state} for state in State}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ci", {"CI import", "ci 100%"}), ("IMPORT", {"CI import"}), ("100%", {"ci 100%"}), ("%", {"ci 100%"}),
        ("_", {"under_score"}), ("pmk", set()), ("\\", {"back\\slash"}), ("'", {"o'clock"}), ("nothing", set()),
        ("ärzte", {"ÄRZTE"}), ("Ärz", {"ÄRZTE"}), ("ЗАКАЗЫ", {"Заказы"}), ("strasse", {"Straße"}),
    ],
)  # fmt: skip
def test_search_takes_what_was_typed_as_it_stands(search: str, found: set[str], stage: Stage):
    """I4."""
    for name in ("CI import", "ci 100%", "under_score", "back\\slash", "o'clock", "ÄRZTE", "Заказы", "Straße"):
        stage.more("bob", name)

    assert set(names(stage, search=search)) == found


def test_a_renamed_key_is_found_by_its_new_name_only(stage: Stage):
    key = stage.more("bob", "Ärzte")
    with stage.session() as session:
        keys.rename(session, stage["bob"].membership_id, key.key_id, "Заказы", OPERATOR, NOW)

    assert (names(stage, search="ärzte"), names(stage, search="заказы")) == ([], ["Заказы"])


def test_names_of_any_alphabet_are_in_order(stage: Stage):
    """The same on both databases: no case, by code point."""
    for name in ("zebra", "Émile", "apple", "Zone", "émigré"):
        stage.more("bob", name)

    assert names(stage, sort=Sort.NAME) == ["apple", "zebra", "Zone", "émigré", "Émile"]


@pytest.mark.parametrize("typed", [str, str.lower, str.upper])
def test_search_finds_a_key_by_a_part_of_its_id(typed: Callable[[str], str], stage: Stage):
    """In any case, the same on both databases."""
    wanted = stage.more("bob", "wanted")

    assert names(stage, search=typed(wanted.key_id[3:20])) == ["wanted"]


def test_a_text_too_short_to_mean_an_id_is_looked_for_in_names_only(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """Any three letters are in some ID of a long list by chance."""
    monkeypatch.setattr(core.secrets, "token_bytes", lambda size: base64.urlsafe_b64decode("abCi" * 6)[:size])
    stage.more("bob", "wanted")

    assert [names(stage, search=part) for part in ("c", "ci", "Cia", "Ciab")] == [[], [], [], ["wanted"]]


@pytest.mark.parametrize("sort", Sort)
def test_every_order_is_kept_over_pages(sort: Sort, stage: Stage):
    for number in range(5):
        key = stage.more("bob", f"key {number}", expires_at=None if number % 2 else AHEAD + timedelta(hours=number))
        stage.set_key(
            key.key_id,
            created_at=NOW - timedelta(hours=number),
            last_used_at=None if number < 2 else PAST,
            overlap_ends_at=AHEAD + timedelta(minutes=90) if number in (1, 2) else None,
        )

    page = [key for key in listed(stage, sort=sort).entries if key.name != "bob's key"]

    far = datetime.max.replace(tzinfo=UTC)
    column = {
        "created": lambda key: key.created_at, "name": lambda key: key.name.lower(),
        "expires": lambda key: key.ends_at or far, "used": lambda key: key.last_used_at or NOW - timedelta(days=999),
    }[sort.removeprefix("-")]  # fmt: skip
    values = [column(key) for key in page]
    assert values == sorted(values, reverse=sort.startswith("-"))


def test_pages_add_up_and_a_number_past_the_end_gives_the_last(stage: Stage):
    for number in range(PAGE_SIZE):
        stage.more("bob", f"key {number}")

    first, second, past = (listed(stage, number=number) for number in (1, 2, 999))

    assert (len(first.entries), len(second.entries), first.total, first.pages) == (PAGE_SIZE, 1, PAGE_SIZE + 1, 2)
    assert past == second
    assert not {key.id for key in first.entries} & {key.id for key in second.entries}
    assert listed(stage, number=-5).number == 1


def test_a_list_holds_nobody_elses_keys(stage: Stage):
    """Z2."""
    assert [key.id for key in listed(stage).entries] == [stage["bob"].key_id]

"""What is found by which words, in whose eyes, and in which order: the same on both databases."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import DataMart, Destination, Storage, StorageOwner
from owox.models.base import new_id
from owox.models.searchable import words
from owox.services import marts, search, storages
from owox.services.search import Hit, Kind, Wanted
from tests.cast import Stage
from tests.services.acts import acting

MARTS = (Kind.DATA_MART,)


def add(stage: Stage, kind: type[DataMart | Storage | Destination], title: str, **more: Any) -> str:
    """One more thing of the project; return its id."""
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "project_id": stage.cast.project_id,
        "created_at": now,
        "modified_at": now,
        "title": title,
    }
    with stage.session() as session:
        if kind is DataMart:
            storage_id = session.scalars(select(Storage.id).where(Storage.title == "Shop file")).one()
            values |= {"storage_id": storage_id, "status": "PUBLISHED", "fields": []}
        else:
            values |= {"type": "DUCKDB" if kind is Storage else "EMAIL", "config": {}}
        thing = kind(id=new_id(), **(values | more))
        session.add(thing)
    return thing.id


def find(stage: Stage, text: str, who: str = "alice", limit: int = 50, **more: Any) -> list[Hit]:
    """What somebody finds."""
    with Session(stage.engine) as session:
        return search.query(session, acting(stage, who).caller, Wanted(text, **more), limit)


def titles(stage: Stage, text: str, who: str = "alice", **more: Any) -> list[str]:
    """Their titles."""
    return [hit.title for hit in find(stage, text, who, **more)]


@pytest.mark.parametrize(
    ("text", "as_words"),
    {
        "  Orders,\t50% off ": "orders , 50 % off",
        "page_views": "page _ views",
        "STRASSE Straße": "strasse strasse",
        "ΣΊΣΥΦΟΣ": "σίσυφοσ",
        "ＦＵＬＬ ﬁne ™": "full fine tm",
        "Е\u0308ж": "ёж",
        "می\u200cخواهم": "میخواهم",
        "売上（月次）": "売上 ( 月次 )",
        "❤\ufe0f🫖": "❤ 🫖",
        "a\0b\x07": "a b",
        "हिन्दी": "हिन्दी",
        "\u200b": "",
    }.items(),
)
def test_words_are_folded_alike_in_every_alphabet(text: str, as_words: str):
    assert words(text) == as_words


@settings(max_examples=300)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_folding_folded_words_changes_nothing(text: str):
    assert words(words(text)) == words(text)


def test_each_place_counts_as_it_is_written_down(stage: Stage):
    add(stage, DataMart, "Invoices", description="of teapots")
    add(stage, DataMart, "Teapots, sold")
    add(stage, DataMart, "Megateapots")
    add(stage, DataMart, "A teapots", description="Teapots and lids")
    add(stage, DataMart, "Teapotsets")
    add(stage, DataMart, "Lids", description="for megateapots")

    found = [(hit.score, hit.title) for hit in find(stage, "TEAPOTS")]
    both = [(hit.score, hit.title) for hit in find(stage, "teapots lids")]

    assert found == [
        (100, "A teapots"), (100, "Teapots, sold"), (80, "Teapotsets"), (60, "Megateapots"), (40, "Invoices"),
        (20, "Lids"),
    ]  # fmt: skip
    assert both == [(70, "A teapots"), (60, "Lids")]


@pytest.mark.parametrize(
    ("title", "typed", "other"),
    [
        ("Заказы за май", "ЗАКАЗЫ", "Закази за май"),
        ("ΠΩΛΉΣΕΙΣ", "πωλήσεις", "ΠΩΛΉΣΗ"),
        ("Straßenverkauf", "STRASSEN", "Stratum"),
        ("ÉTÉ", "été", "ete"),
        ("売上明細", "上明", "売明細上"),
        ("🫖 teapots", "🫖 TE", "🍵 teapots"),
        ("100% cotton", "100%", "100 cotton"),
        ("a_b", "a_b", "axb"),
        ("back\\slash", "k\\s", "backslash"),
        ("50/60", "0/6", "5060"),
        ("O'Brien \"x\"", "o'brien \"", "O Brien x"),
    ],
)  # fmt: skip
def test_what_is_typed_is_meant_as_it_stands(title: str, typed: str, other: str, stage: Stage):
    """I4: neither case nor a wildcard of SQL makes a difference."""
    add(stage, DataMart, title)
    add(stage, DataMart, other)

    assert titles(stage, typed) == [title]


@pytest.mark.parametrize("typed", ["%%", "__", "%_%", "\\\\", "//", "' OR 1=1 --", "\0\0", "\u200b\u200b", "*?"])
def test_nothing_is_found_by_signs_that_stand_nowhere(typed: str, shared_stage: Stage):
    assert find(shared_stage, typed) == []


def test_each_finds_what_their_lists_show(stage: Stage):
    """Z2, Z7."""
    shown = {"available_for_use": True}
    add(stage, Storage, "Shop file two", available_for_use=False)
    owned = add(stage, Storage, "Shop file three", available_for_use=False)
    add(stage, Destination, "File drop", **shown)
    add(stage, Destination, "File vault", available_for_use=False)
    add(stage, DataMart, "Files, deleted", deleted_at=datetime.now(UTC))
    with stage.session() as session:
        session.add(StorageOwner(storage_id=owned, member_id=stage["vera"].member_id))

    found = {who: set(titles(stage, "file", who)) for who in ("vera", "bob", "alice", "charlie")}

    assert found == {
        "vera": {"Shop file three", "File drop"},
        "bob": {"Shop file", "File drop"},
        "alice": {"Shop file", "Shop file two", "Shop file three", "File drop", "File vault"},
        "charlie": set(),
    }
    assert {who: set(titles(stage, "ed", who, kinds=MARTS)) for who in ("vera", "bob")} == {
        "vera": set(), "bob": {"Kept by editors", "Owned by bob"},
    }  # fmt: skip
    assert {who: len(find(stage, "r", who, kinds=MARTS)) for who in ("vera", "bob", "alice")} == {
        who: visible(stage, who, "r") for who in ("vera", "bob", "alice")
    }


def visible(stage: Stage, who: str, letter: str) -> int:
    """How many data marts of somebody's list have a letter in their title."""
    with Session(stage.engine) as session:
        return sum(letter in mart.title.lower() for mart in marts.page(session, acting(stage, who).caller, 0).marts)


def test_drafts_and_kinds_are_left_out_on_demand(shared_stage: Stage):
    assert titles(shared_stage, "draft") == ["Draft"]
    assert titles(shared_stage, "draft", drafts=False) == []
    assert [hit.kind for hit in find(shared_stage, "shop")] == [Kind.DATA_STORAGE]
    assert titles(shared_stage, "shop", kinds=MARTS) == []
    assert titles(shared_stage, "weekly", kinds=(Kind.DATA_DESTINATION,)) == ["Weekly mail"]
    assert find(shared_stage, "shop", kinds=()) == []


def test_the_best_come_first_and_equals_by_title(stage: Stage):
    for title in ("zz lid", "Ä lid", "a lid", "B LID", "_ lid", "lids", "solid"):
        add(stage, DataMart, title)

    assert titles(stage, "lid") == ["_ lid", "a lid", "B LID", "zz lid", "Ä lid", "lids", "solid"]
    assert titles(stage, "lid", limit=2) == ["_ lid", "a lid"]


def test_words_past_the_eighth_are_one(stage: Stage):
    add(stage, DataMart, "a b c d e f g h i j k")

    assert len(Wanted(" ".join("abcdefghijklmnop")).terms) == search.TERMS_MAX
    assert len(titles(stage, "k a b c d e f h i")) == 1
    assert titles(stage, "k a b c d e f i h") == []
    assert Wanted("a A a").terms == ("a",)


def test_a_change_is_found_at_once(stage: Stage):
    """Titles and descriptions of data marts, and titles of storages."""
    by, orders = acting(stage, "alice"), stage.cast.marts["Orders"]
    with stage.session() as session:
        marts.rename(session, by, orders, "Purchases")
        marts.describe(session, by, orders, "All of the ТОВАР")
        file = storages.listed(session, by.caller)[0].storage
        storages.update(session, stage.services.keeper, by, file.id, title="Bought file", config=None)

    assert [titles(stage, text) for text in ("orders", "purchases", "товар", "shop", "bought")] == [
        [], ["Purchases"], ["Purchases"], [], ["Bought file"],
    ]  # fmt: skip
    with stage.session() as session:
        marts.describe(session, by, orders, None)
    assert titles(stage, "товар") == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=300))
def test_any_text_can_be_looked_for(shared_stage: Stage, text: str):
    """I2."""
    assert isinstance(find(shared_stage, text), list)

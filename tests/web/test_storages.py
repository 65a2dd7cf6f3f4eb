"""The pages of storages: the list and what each role finds there."""

import pytest

from tests.api.things import a_storage
from tests.cast import Stage
from tests.web.browsing import elements, visit


@pytest.mark.parametrize(
    ("name", "seen"), [("alice", {"Shop file", "Bob's"}), ("bob", {"Shop file", "Bob's"}), ("vera", set())]
)
def test_the_list_holds_what_the_role_may_see(name: str, seen: set[str], shared_stage: Stage):
    """contract.md 6.4."""
    a_storage(shared_stage)
    someone = visit(shared_stage, name)

    text = someone.get(f"{someone.home}/storages").text.replace("&#39;", "'")

    assert {title for title in ("Shop file", "Bob's") if title in text} == seen
    assert ("You own no storage" in text) is (name == "vera")


def test_a_row_says_what_stands_on_the_storage_and_who_may_use_it(shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    text = " ".join(alice.get(f"{alice.home}/storages").text.split())

    assert "DuckDB" in text
    assert "4 published" in text
    assert "1 draft<" in text
    assert "For use" in text


@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_the_project_menu_leads_there(name: str, shared_stage: Stage):
    someone = visit(shared_stage, name)

    links = {found.get("href") for _, found in elements(someone.get(someone.home))}

    assert {f"{someone.home}/storages", f"{someone.home}/destinations"} <= links

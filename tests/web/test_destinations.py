"""The pages of destinations: the list and what each role finds there."""

import pytest

from tests.api.things import a_destination
from tests.cast import Stage
from tests.web.browsing import visit


@pytest.mark.parametrize(("name", "seen"), [("alice", 2), ("bob", 2), ("vera", 1)])
def test_the_list_holds_what_the_role_may_see(name: str, seen: int, stage: Stage):
    """contract.md 6.4."""
    a_destination(stage)
    someone = visit(stage, name)

    text = someone.get(f"{someone.home}/destinations").text

    assert ("Weekly mail" in text, "Looker Studio" in text) == (True, seen == 2)
    assert f"{seen} destination" in text

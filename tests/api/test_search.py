"""Search over the API, as clients of the contract use it (contract.md 3.7)."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import Destination, Storage
from tests import contract, contract_project
from tests.api.actors import by_key
from tests.api.things import a_mart
from tests.cast import Stage

KINDS = "DATA_MART, DATA_STORAGE, DATA_DESTINATION"


def ask(stage: Stage, who: str = "alice", **query: Any) -> Any:
    """What somebody finds, by their key."""
    answer = by_key(stage, stage[who], who).send("GET", "/api/search", query_string=query)
    assert answer.status_code == 200, answer.text
    assert contract.problems(contract_project.HITS, answer.get_json()) == []
    return answer.get_json()


def test_a_hit_has_every_member_of_the_contract(stage: Stage):
    """Z7: and none more."""
    mart = a_mart(stage, title="Mail orders", description="By mail")
    with Session(stage.engine) as session:
        mail = session.scalars(select(Destination.id)).one()
        file = session.scalars(select(Storage.id)).one()

    found, others = ask(stage, q=" MAIL "), ask(stage, q="shop")

    hit = {"entityType": "DATA_MART", "entityId": mart, "title": "Mail orders", "description": "By mail",
           "finalScore": 100, "kwScore": 100, "vecScore": None}  # fmt: skip
    weekly = hit | {"entityType": "DATA_DESTINATION", "entityId": mail, "title": "Weekly mail", "description": None}
    assert found == [hit, weekly]
    assert list(found[0]) == list(hit)
    assert others == [weekly | {"entityType": "DATA_STORAGE", "entityId": file, "title": "Shop file"}]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"entityTypes": ""}, 0),
        ({"entityTypes": " "}, 0),
        ({"entityTypes": "DATA_MART"}, 1),
        ({"entityTypes": "DATA_STORAGE"}, 0),
        ({"entityTypes": "DATA_STORAGE, DATA_MART,DATA_MART"}, 1),
        ({"excludeDrafts": "true"}, 0),
        ({"excludeDrafts": "false", "limit": "1"}, 1),
        ({"limit": "50"}, 1),
    ],
)
def test_what_is_asked_for_is_what_is_looked_at(query: dict[str, str], found: int, shared_stage: Stage):
    assert len(ask(shared_stage, q="draft", **query)) == found


@pytest.mark.parametrize("q", ["or", "ORDERS", "é" * 256, "  or  ", "🫖🫖", "%_", "'\"", "\0or"])
def test_a_query_of_two_to_256_characters_is_answered(q: str, shared_stage: Stage):
    assert isinstance(ask(shared_stage, q=q), list)


@pytest.mark.parametrize(
    ("q", "message"),
    [
        ("", "Query must be at least 2 characters"),
        (" x ", "Query must be at least 2 characters"),
        (None, "Query must be at least 2 characters"),
        ("x" * 257, "Query must be at most 256 characters"),
    ],
)
def test_a_query_of_another_length_is_refused(q: str | None, message: str, shared_stage: Stage):
    query = {} if q is None else {"q": q}

    answer = by_key(shared_stage, shared_stage["vera"], "vera").send("GET", "/api/search", query_string=query)

    assert (answer.status_code, answer.get_json()["message"]) == (400, message)


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("limit=0", ["limit must not be less than 1."]),
        ("limit=-7", ["limit must not be less than 1."]),
        ("limit=51", ["limit must not be greater than 50."]),
        ("limit=", ["limit must not be greater than 50.", "limit must not be less than 1.",
                    "limit must be an integer number."]),
        ("limit=2.5", ["limit must not be greater than 50.", "limit must not be less than 1.",
                       "limit must be an integer number."]),
        ("limit=1&limit=2", ["limit must be given once."]),
        ("entityTypes=MART", [f"each value in entityTypes must be one of the following values: {KINDS}."]),
        ("entityTypes=DATA_MART,", [f"each value in entityTypes must be one of the following values: {KINDS}."]),
        ("excludeDrafts=1", ["excludeDrafts must be a boolean value."]),
        ("page=2", ["property page should not exist."]),
        ("limit=0&excludeDrafts=x", ["limit must not be less than 1.", "excludeDrafts must be a boolean value."]),
    ],
)  # fmt: skip
def test_a_bad_parameter_is_refused_with_every_rule(query: str, messages: list[str], shared_stage: Stage):
    """I4."""
    answer = by_key(shared_stage, shared_stage["vera"], "vera").send("GET", f"/api/search?q=orders&{query}")

    assert answer.status_code == 400
    assert answer.get_json()["message"] == "Request validation failed"
    assert [error["message"] for error in answer.get_json()["details"]["errors"]] == messages

"""What a server with the demo project sends is accepted by what the contract says of clients."""

from typing import Any

import pytest

from tests import contract
from tests.live.conftest import Live

INSTANT = "2027-01-02T15:04:05.000Z"
USER = {"userId": "u", "fullName": "Bob", "email": "bob@example.com", "avatar": None}
MART = {
    "id": "m", "title": "Orders", "status": "PUBLISHED", "storage": {"type": "AWS_REDSHIFT", "title": "Shop"},
    "description": None, "definitionType": "SQL", "triggersCount": 0, "reportsCount": 0, "createdByUser": USER,
    "businessOwnerUsers": [], "technicalOwnerUsers": [USER], "createdAt": INSTANT, "modifiedAt": INSTANT,
    "contexts": [], "availableForReporting": True, "availableForMaintenance": True, "dataLastUpdated": None,
}  # fmt: skip
BROKEN: dict[str, dict[str, Any]] = {
    "another storage type": {"storage": {"type": "DUCKDB", "title": "Shop"}},
    "no storage title": {"storage": {"type": "AWS_REDSHIFT"}},
    "another status": {"status": "Published"},
    "a null source": {"connectorSourceName": None},
    "a time without an offset": {"createdAt": "2027-01-02T15:04:05"},
    "a day that is none": {"modifiedAt": "2027-02-30T15:04:05Z"},
    "a leap second": {"modifiedAt": "2027-01-02T15:04:60Z"},
    "a negative count": {"reportsCount": -1},
    "a count that is true": {"triggersCount": True},
    "an owner without an id": {"technicalOwnerUsers": [{"email": "bob@example.com"}]},
    "a flag in words": {"availableForReporting": "yes"},
    "another definition": {"definitionType": "QUERY"},
}


def page(*items: dict[str, Any], following: int | None = None, total: int | None = None) -> dict[str, Any]:
    return {"items": list(items), "total": len(items) if total is None else total, "nextOffset": following}


def test_the_validator_accepts_what_the_contract_allows():
    assert contract.page_problems(page(MART, MART | {"createdAt": "2026-01-02T15:04:05.123456+02:00"})) == []
    assert contract.page_problems(page(MART, total=5, following=3), offset=2) == []
    assert contract.page_problems(page(MART | {"more": 1, "createdByUser": None, "definitionType": None})) == []
    assert contract.page_problems(page(total=3), offset=9) == []


@pytest.mark.parametrize("what", BROKEN)
def test_the_validator_refuses_a_data_mart_with(what: str):
    assert len(contract.page_problems(page(MART | BROKEN[what]))) == 1


@pytest.mark.parametrize("name", ["description", "createdByUser", "contexts", "dataLastUpdated", "modifiedAt"])
def test_the_validator_refuses_a_data_mart_without(name: str):
    item = {member: value for member, value in MART.items() if member != name}

    assert contract.page_problems(page(item)) == [f"$.items[0].{name} is missing"]


def test_the_validator_refuses_a_page_that_leads_nowhere():
    older = MART | {"createdAt": "2026-01-02T15:04:05.000Z"}

    assert contract.page_problems(page(MART, total=2)) != []
    assert contract.page_problems(page(MART, following=1)) != []
    assert contract.page_problems(page(older, MART)) != []
    assert contract.page_problems(page(dict(reversed(MART.items())))) != []


def test_clients_accept_everything_that_the_demo_lists(live: Live):
    marts = live.get("/api/data-marts")

    assert contract.page_problems(marts.json()) == []
    assert [mart["status"] for mart in marts.json()["items"]].count("DRAFT") == 1
    assert len(marts.json()["items"]) == marts.json()["total"] == 7
    assert contract.page_problems(live.get("/api/data-marts?offset=3").json(), offset=3) == []
    assert contract.page_problems(live.get("/api/data-marts?offset=9").json(), offset=9) == []
    for owners in ("has_owners", "no_owners"):
        assert contract.page_problems(live.get(f"/api/data-marts?ownerFilter={owners}").json()) == []
    assert contract.problems(contract.STORAGES, live.get("/api/data-storages").json()) == []
    assert contract.problems(contract.DESTINATIONS, live.get("/api/data-destinations").json()) == []
    assert contract.problems(contract.KEY_CONTEXT, live.get("/api/auth/context").json()) == []
    assert {answer.headers["content-type"] for answer in (marts, live.get("/api/auth/context"))} == {"application/json"}

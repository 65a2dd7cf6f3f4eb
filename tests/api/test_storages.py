"""The storage list's one option (contract.md 3.4)."""

from tests.cast import Stage


def test_storages_are_filtered_by_whether_somebody_owns_them(shared_stage: Stage) -> None:
    """The two answers share nothing and together are the whole list."""
    alice = shared_stage.visitor("alice")

    def ids(query: str = "") -> list[str]:
        return sorted(row["id"] for row in alice.get(f"/api/data-storages{query}").json)

    owned, unowned = ids("?ownerFilter=has_owners"), ids("?ownerFilter=no_owners")

    assert ids()
    assert sorted(owned + unowned) == ids()
    assert not set(owned) & set(unowned)


def test_storage_filter_of_another_value_is_refused(shared_stage: Stage) -> None:
    """A 400 with the contract's text; other parameters are ignored."""
    alice = shared_stage.visitor("alice")

    refused = alice.get("/api/data-storages?ownerFilter=nobody")

    assert refused.status_code == 400
    assert refused.json["message"] == "Validation failed (enum string is expected)"
    assert alice.get("/api/data-storages?anything=else").status_code == 200

"""All API Keys: what an admin sees of everybody's keys, and the revoke."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from owox.models import AuditEvent, Member
from tests.cast import Stage, disable, end_membership
from tests.web.browsing import HTMX, SECRET, Visit, elements, visit

STATES = ("active", "suspended", "expired", "replaced", "revoked", "owner_disabled", "membership_ended")


def address(alice: Visit) -> str:
    """Where all keys are."""
    return f"{alice.home}/settings/all-api-keys"


def ids(alice: Visit, query: str = "?status=all") -> set[str]:
    """The keys of the list."""
    answer = alice.get(address(alice) + query)
    assert answer.status_code == 200
    return {(found["id"] or "")[4:] for tag, found in elements(answer) if tag == "tr" and found.get("id")}


def test_an_admin_sees_everybodys_keys_with_their_owners_and_no_other_projects(stage: Stage):
    """Z2, K5."""
    alice = visit(stage, "alice")

    page = alice.get(address(alice))

    assert ids(alice) == {stage[name].key_id for name in ("alice", "bob", "vera")}
    for name in ("alice", "bob", "vera"):
        assert f"{name}@example.com" in page.text
    assert stage["charlie"].key_id not in page.text
    assert not SECRET.search(page.text)
    assert "v1$" not in page.text


def test_each_state_lists_the_keys_that_are_in_it(stage: Stage):
    """K11, Z5: also what the owners' removal and disabling make of them; the first end in the core's order counts."""
    at, alice = datetime.now(UTC) - timedelta(hours=1), visit(stage, "alice")
    made = {state: stage.more("alice", state).key_id for state in STATES[1:5]}
    stage.set_key(made["suspended"], suspended_at=at)
    stage.set_key(made["expired"], expires_at=at, suspended_at=at)
    stage.set_key(made["replaced"], overlap_ends_at=at, expires_at=at)
    stage.set_key(made["revoked"], revoked_at=at)
    made |= {"owner_disabled": stage["bob"].key_id, "membership_ended": stage["vera"].key_id}
    stage.set_key(stage.more("bob", "gone before").key_id, revoked_at=at)
    stage.set_key(stage["vera"].key_id, expires_at=at)
    disable(stage, "bob")
    end_membership(stage, "vera")

    shown = {state: ids(alice, f"?status={state}") for state in STATES}

    expected = {state: {key_id} for state, key_id in made.items()} | {"active": {stage["alice"].key_id}}
    assert {state: shown[state] for state in STATES if state != "revoked"} == {
        state: expected[state] for state in STATES if state != "revoked"
    }
    assert len(shown["revoked"]) == 2
    assert ids(alice) == set.union(*shown.values())
    assert "Owner disabled" in alice.get(f"{address(alice)}?status=owner_disabled").text


@pytest.mark.parametrize(
    ("search", "found"),
    [("bob%27s", "bob"), ("BOB%40EXAMPLE", "bob"), ("Vera", "vera"), ("nobody-at-all", ""), ("%25", ""), ("_", "")],
)
def test_search_looks_at_owners_too(search: str, found: str, shared_stage: Stage):
    """I4."""
    alice = visit(shared_stage, "alice")

    shown = ids(alice, f"?q={search}")

    assert shown == ({shared_stage[found].key_id} if found else set())


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_an_admin_revokes_anothers_key_at_once_and_is_on_record(headers: dict[str, str] | None, stage: Stage):
    """K10, K11, U1."""
    alice, bob, client = visit(stage, "alice"), stage["bob"], stage.app.test_client()
    path = f"{address(alice)}/{bob.key_id}/revoke"
    asked = alice.get(path, headers=headers)

    first = alice.send(path, headers=headers)
    refused = client.get("/api/auth/context", auth=(bob.key_id, bob.secret))
    moment = stage.key(bob.key_id).revoked_at
    late = alice.get(path, headers=headers)
    second = alice.post(path, headers=headers)

    assert "<bdi>Bob</bdi> (bob@example.com)" in asked.text
    assert first.status_code == second.status_code == (303 if headers is None else 200)
    assert refused.status_code == 401
    assert (late.status_code, "This API key is revoked already." in late.text) == (409, True)
    assert (moment is not None, stage.key(bob.key_id).revoked_at) == (True, moment)
    with stage.session() as session:
        query = select(AuditEvent).where(AuditEvent.action == "api_key.revoke", AuditEvent.api_key_id == bob.key_id)
        [event] = session.scalars(query).all()
    assert (event.member_id, event.project_id) == (stage["alice"].member_id, stage.cast.project_id)


@pytest.mark.parametrize("key_id", ["{charlie}", "pmk_" + "x" * 22, "pmk_short", "%00", "x" * 2000])
def test_keys_of_other_projects_and_of_nobody_are_not_there(key_id: str, shared_stage: Stage):
    """I6, Z2: not even for an admin."""
    alice = visit(shared_stage, "alice")
    path = f"{address(alice)}/{key_id.format(charlie=shared_stage['charlie'].key_id)}/revoke"

    answers = [alice.get(path), alice.post(path)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert shared_stage.key(shared_stage["charlie"].key_id).revoked_at is None


def test_only_revoking_is_offered_and_only_to_admins(shared_stage: Stage):
    alice, bob = visit(shared_stage, "alice"), visit(shared_stage, "bob")

    text = alice.get(address(alice)).text

    acts = {found["href"] for tag, found in elements(alice.get(address(alice))) if "pmk_" in (found.get("href") or "")}
    assert {(href or "").rpartition("/")[2] for href in acts} == {"revoke"}
    assert "All API Keys" in text
    assert "All API Keys" not in bob.get(bob.keys).text
    assert bob.get(address(bob)).status_code == 403


def test_names_and_addresses_of_owners_are_only_ever_text(stage: Stage):
    """W8."""
    alice = visit(stage, "alice")
    with stage.session() as session:
        session.get_one(Member, stage["bob"].member_id).name = "<script>alert(1)</script>"

    text = alice.get(address(alice)).text + alice.get(f"{address(alice)}/{stage['bob'].key_id}/revoke").text

    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text

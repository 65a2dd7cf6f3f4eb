"""The page of a data mart, and the dialogs that create, name, share, hand over and delete it."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from owox.models import DataMart, DataMartOwner, Storage
from owox.roles import Role
from tests.api.calls import a_run
from tests.api.things import a_storage
from tests.cast import Stage, change_role, disable, end_membership
from tests.web.browsing import HTMX, csrf, elements, fields, visit
from tests.web.marts import desk

CHANGES = ("details", "sharing", "owners", "delete", "definition", "publish", "unpublish", "refresh", "field")


def owners_of(stage: Stage, mart_id: str) -> set[tuple[str, str]]:
    """Who owns a data mart, as what."""
    with stage.session() as session:
        query = select(DataMartOwner.member_id, DataMartOwner.kind).where(DataMartOwner.data_mart_id == mart_id)
        return {(member_id, kind) for member_id, kind in session.execute(query)}


def shop_file(stage: Stage) -> str:
    """The storage of the cast."""
    with stage.session() as session:
        return session.scalars(select(Storage.id).where(Storage.title == "Shop file")).one()


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_creating_leads_to_the_draft(headers: dict[str, str] | None, stage: Stage):
    bob = visit(stage, "bob")
    address = f"{bob.home}/data-marts/create"
    form = {"csrf_token": csrf(bob.get(bob.home)), "title": " New mart ", "storage": shop_file(stage)}
    form["form_token"] = fields(asked := bob.get(address))["form_token"]

    answer = bob.client.post(address, data=form, headers=headers)

    place = answer.headers["HX-Redirect"] if headers else answer.location
    page = bob.get(place)
    assert answer.status_code == (200 if headers else 303)
    assert "The data mart is created, as a draft." in page.text
    assert all(told in page.text for told in ("<title>New mart", "A draft cannot be read with a key."))
    assert ("shared with every member" in asked.text, "is shared for reporting" in page.text) == (True, True)
    with stage.session() as session:
        mart = session.scalars(select(DataMart).where(DataMart.title == "New mart")).one()
    assert owners_of(stage, mart.id) == {(stage["bob"].member_id, "technical")}
    again = bob.client.post(address, data=form, headers=headers)
    assert (again.headers["HX-Redirect"] if headers else again.location) == place


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": "  "}, "Enter a title."),
        ({"title": "x" * 256}, "at most 255"),
        ({"title": "a\nb"}, "Remove the line breaks"),
        ({"title": "a\0b"}, "Remove the line breaks"),
        ({"storage": ""}, "Choose a storage."),
        ({"storage": "x"}, "Choose a storage."),
        ({"storage": "\0"}, "Choose a storage."),
        ({"storage": str(uuid4())}, "Choose a storage."),
    ],
)
def test_a_bad_value_is_said_at_the_field_and_kept(typed: dict[str, str], said: str, shared_stage: Stage):
    bob = visit(shared_stage, "bob")
    form = {"csrf_token": csrf(bob.get(bob.home)), "title": "Kept", "storage": shop_file(shared_stage)} | typed

    answer = bob.client.post(f"{bob.home}/data-marts/create", data=form)

    assert answer.status_code == 422
    assert said in answer.text
    if "title" not in typed:
        assert 'value="Kept"' in answer.text


def test_only_storages_that_one_may_use_are_offered(stage: Stage):
    """Z2: bob's own, which nobody else may use, and the shared one."""
    bobs = a_storage(stage)
    with stage.session() as session:
        session.add(Storage(project_id=stage.cast.project_id, type="DUCKDB", title="Admins", config={},
                            available_for_use=False, created_at=session.get_one(Storage, bobs).created_at,
                            modified_at=session.get_one(Storage, bobs).created_at))  # fmt: skip
    bob = visit(stage, "bob")

    page = bob.get(f"{bob.home}/data-marts/create")

    offered = {found["value"] for tag, found in elements(page) if tag == "option"}
    assert offered == {bobs, shop_file(stage)}


def test_without_a_storage_the_dialog_says_what_to_do(stage: Stage):
    storage_id = shop_file(stage)
    with stage.session() as session:
        session.get_one(Storage, storage_id).available_for_use = False
    bob = visit(stage, "bob")

    page = bob.get(f"{bob.home}/data-marts/create", headers=HTMX).text

    assert "no storage in this project that you may use" in page
    assert ">Create</button>" not in page


@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_the_page_offers_what_the_role_may_do(name: str, shared_stage: Stage):
    """Orders is shared for both and owned by nobody."""
    at = desk(shared_stage, name, "Orders")
    a_run(shared_stage, at.mart_id)

    links = {found.get("href") or found.get("action") for _, found in elements(at.get())}

    offered = {act for act in CHANGES if any((link or "").partition("?")[0] == f"{at.page}/{act}" for link in links)}
    everything = set(CHANGES) - {"publish"}
    assert offered == {
        "alice": everything,
        "bob": everything - {"sharing", "owners"},
        "vera": set(),
    }[name]  # fmt: skip
    assert any("/cancel" in (link or "") for link in links) is (name != "vera")


@pytest.mark.parametrize(
    ("name", "title", "status"),
    [
        ("bob", "Admins only", 403),
        ("vera", "Kept by editors", 403),
        ("vera", "Draft", 200),
        ("charlie", "Orders", 404),
    ],
)
def test_who_may_not_see_it_gets_the_services_answer(name: str, title: str, status: int, shared_stage: Stage):
    """Z2."""
    at = desk(shared_stage, name, title)

    assert at.get().status_code == status
    assert at.get("runs").status_code == status


@pytest.mark.parametrize("act", CHANGES)
def test_a_change_that_is_not_allowed_is_refused_and_changes_nothing(act: str, stage: Stage):
    """Z1: bob may edit Orders and not rule over it; vera may only look."""
    vera, bob = desk(stage, "vera", "Orders"), desk(stage, "bob", "Orders")
    before = vera.kept.modified_at

    assert vera.post(act, title="x").status_code == 403
    if act in {"sharing", "owners"}:
        assert bob.get(act).status_code == 403
        assert bob.post(act).status_code == 403
        assert bob.kept.modified_at == before
    assert vera.kept.modified_at == before


@pytest.mark.parametrize("act", CHANGES)
def test_a_change_without_the_forms_token_is_refused(act: str, shared_stage: Stage):
    """W1."""
    at = desk(shared_stage, "alice", "Orders")

    answer = at.visit.client.post(f"{at.page}/{act}", data={"title": "x", "kind": "TABLE", "name": "orders"})

    assert answer.status_code == 403
    assert at.kept.title == "Orders"


@pytest.mark.parametrize("act", ["", "details", "definition", "owners", "preview", "runs", "field"])
def test_what_is_not_there_is_not_found(act: str, shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    for mart_id in (str(uuid4()), "x", "%F0%9F%97%9D", "..%2F..", "create%00"):
        assert alice.get(f"{alice.home}/data-marts/{mart_id}/{act}".rstrip("/")).status_code == 404


def test_title_and_description_are_changed_in_one_step(stage: Stage):
    at = desk(stage)

    answer = at.post("details", HTMX, title=" Orders 🧾 ", description=" Line 1\r\nLine <2>\r\n ")

    assert (answer.headers["HX-Reswap"], answer.headers["HX-Trigger"]) == ("delete", "mart-changed")
    assert "Title and description are saved." in answer.text
    assert (at.kept.title, at.kept.description) == ("Orders 🧾", "Line 1\nLine <2>")
    assert "Line 1\nLine &lt;2&gt;" in at.part()
    assert at.post("details", title="Orders", description=" ").location == f"{at.page}?done=details"
    assert at.kept.description is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": ""}, "Enter a title."),
        ({"description": "x" * 10_001}, "at most 10000 characters"),
        ({"description": "a\0b"}, "Remove the NUL character."),
    ],
)
def test_bad_details_are_said_at_the_field_and_kept(typed: dict[str, str], said: str, shared_stage: Stage):
    at = desk(shared_stage)

    answer = at.post("details", **({"title": "Kept title", "description": "Kept text"} | typed))

    assert answer.status_code == 422
    assert said in answer.text
    assert ("Kept text" in answer.text) is ("description" not in typed)
    assert at.kept.title == "Bob's"


@pytest.mark.parametrize(
    ("reporting", "maintenance", "reads", "changes"),
    [
        (True, True, "every member of the project", "every Technical User"),
        (True, False, "every member of the project", ""),
        (False, True, "and Technical Users", "every Technical User"),
        (False, False, "it is not shared", ""),
    ],
)
def test_sharing_does_what_its_words_say(reporting: bool, maintenance: bool, reads: str, changes: str, stage: Stage):
    """Z1: measured by what vera, and bob who owns nothing of it, may do then."""
    alice = desk(stage, "alice", "Orders")
    flags = {name: "y" for name, on in (("reporting", reporting), ("maintenance", maintenance)) if on}

    assert alice.post("sharing", **flags).status_code == 303

    page = alice.part()
    assert reads in page
    assert ("every Technical User" in page) is bool(changes)
    bob, vera = desk(stage, "bob", "Orders"), desk(stage, "vera", "Orders")
    assert (vera.get("preview").status_code == 200) is reporting
    assert (bob.get("preview").status_code == 200) is (reporting or maintenance)
    assert (bob.get("details").status_code == 200) is maintenance
    checked = {found.get("name") for _, found in elements(alice.get("sharing")) if "checked" in found}
    assert checked == set(flags)


def test_owners_are_replaced_by_those_chosen(stage: Stage):
    at, ids = desk(stage, "alice", "Owned by bob"), {name: stage[name].member_id for name in ("alice", "bob", "vera")}

    answer = at.post("owners", technical=[ids["alice"], ids["alice"]], business=[ids["vera"]])

    assert answer.status_code == 303
    assert owners_of(stage, at.mart_id) == {(ids["alice"], "technical"), (ids["vera"], "business")}
    assert desk(stage, "vera", "Owned by bob").get("preview").status_code == 200
    assert desk(stage, "bob", "Owned by bob").get().status_code == 403


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_whoever_gives_it_away_is_led_to_the_list(headers: dict[str, str] | None, stage: Stage):
    at = desk(stage, "bob", "Owned by bob")

    answer = at.post("owners", headers, technical=[stage["alice"].member_id])

    assert (answer.headers["HX-Redirect"] if headers else answer.location) == f"{at.visit.home}?done=owners"
    assert "The owners are changed." in at.visit.get(f"{at.visit.home}?done=owners").text


@pytest.mark.parametrize("chosen", ["\0", "x", "stranger", "charlie"])
def test_nobody_but_a_member_becomes_an_owner(chosen: str, stage: Stage):
    at = desk(stage, "alice", "Orders")
    strangers = {"stranger": str(uuid4()), "charlie": stage["charlie"].member_id}

    answer = at.post("owners", business=[strangers.get(chosen, chosen)])

    assert answer.status_code == 422
    assert "no member any more" in answer.text
    assert owners_of(stage, at.mart_id) == set()


@pytest.mark.parametrize("leave", [disable, end_membership])
def test_an_owner_who_left_is_named_and_taken_off(leave: object, stage: Stage):
    leave(stage, "bob")
    at = desk(stage, "alice", "Owned by bob")

    page = at.part("owners")
    at.post("owners", technical=[stage["alice"].member_id])

    assert "Bob can own nothing any more" in page
    assert owners_of(stage, at.mart_id) == {(stage["alice"].member_id, "technical")}


def test_deleting_asks_first_and_ends_reading(stage: Stage):
    at = desk(stage, "alice", "Orders")
    asked = at.part("delete")

    answer = at.post("delete", HTMX)

    assert "This cannot be undone." in asked
    assert answer.headers["HX-Redirect"] == f"{at.visit.home}?done=deleted"
    assert at.get().status_code == 404
    assert at.mart_id not in at.visit.get(at.visit.home).text
    rows = at.visit.client.get(f"/api/external/http-data/data-marts/{at.mart_id}.ndjson")
    assert rows.status_code == 404


def test_a_lower_role_loses_the_buttons_with_the_next_request(stage: Stage):
    """Z5."""
    at = desk(stage, "bob", "Owned by bob")
    assert "Edit definition" in at.part()

    change_role(stage, "bob", Role.VIEWER)

    assert "Edit definition" not in at.part()
    assert at.get("details").status_code == 403

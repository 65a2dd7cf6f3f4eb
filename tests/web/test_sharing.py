"""Sharing, owners and deletion: the same dialogs for storages and destinations."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import Destination, DestinationOwner, Storage, StorageOwner
from tests.api.things import a_destination, a_storage
from tests.cast import Stage, disable
from tests.people import joined
from tests.web.browsing import HTMX, Visit, csrf, elements, fields, visit


@dataclass(frozen=True)
class Thing:
    """A storage or a destination of bob's, that nobody else may use."""

    stage: Stage
    section: str
    id: str

    @property
    def home(self) -> str:
        """The address of its page."""
        return f"/projects/{self.stage.cast.project_id}/{self.section}/{self.id}"

    @property
    def row(self) -> Any:
        """As it is stored."""
        with Session(self.stage.engine) as session:
            return session.get_one(Storage if self.section == "storages" else Destination, self.id)

    @property
    def owners(self) -> set[str]:
        """The ids of its owners."""
        mine, theirs = select(StorageOwner.member_id), select(DestinationOwner.member_id)
        query = (
            mine.where(StorageOwner.storage_id == self.id)
            if self.section == "storages"
            else theirs.where(DestinationOwner.destination_id == self.id)
        )
        with Session(self.stage.engine) as session:
            return set(session.scalars(query))


@pytest.fixture(params=["storages", "destinations"])
def thing(request: pytest.FixtureRequest, stage: Stage) -> Thing:
    """One of each kind."""
    make = a_storage if request.param == "storages" else a_destination
    return Thing(stage, request.param, make(stage))


def boxes(visitor: Visit, thing: Thing) -> dict[str, bool]:
    """The members in the dialog of owners, by id, and whether their box is checked."""
    found = [attributes for _, attributes in elements(visitor.get(f"{thing.home}/owners"))]
    return {each["value"] or "": "checked" in each for each in found if each.get("name") == "owners"}


@pytest.mark.parametrize("flags", [{}, {"use": "y"}, {"maintenance": "y"}, {"use": "y", "maintenance": "y"}], ids=str)
def test_sharing_is_as_the_boxes_are(flags: dict[str, str], thing: Thing, stage: Stage):
    """contract.md 6.2: and the dialog shows it afterwards."""
    bob = visit(stage, "bob")

    answer = bob.send(f"{thing.home}/sharing", **flags)

    shown = fields(bob.get(f"{thing.home}/sharing"))
    assert (answer.status_code, answer.location) == (303, f"{thing.home}?done=shared")
    assert "The sharing is changed" in bob.get(answer.location).text
    assert (thing.row.available_for_use, thing.row.available_for_maintenance) == (
        "use" in flags,
        "maintenance" in flags,
    )
    assert {"use", "maintenance"} & set(shown) == set(flags)


def test_for_htmx_the_dialog_goes_and_the_page_reads_itself_anew(thing: Thing, stage: Stage):
    bob = visit(stage, "bob")
    form = fields(bob.get(f"{thing.home}/sharing", headers=HTMX))

    answer = bob.client.post(f"{thing.home}/sharing", data=form | {"use": "y"}, headers=HTMX)

    assert (answer.headers["HX-Reswap"], answer.headers["HX-Trigger"]) == ("delete", f"{thing.section}-changed")
    assert f"{thing.section}-changed from:document" in bob.get(thing.home, headers=HTMX).text
    assert "The sharing is changed" in answer.text


def test_owners_are_chosen_out_of_the_members_who_are_there(thing: Thing, stage: Stage):
    bob, other = visit(stage, "bob"), joined(stage)
    disable(stage, "vera")
    people = {name: stage[name].member_id for name in ("alice", "bob", "vera", "charlie")}

    before = boxes(bob, thing)
    token = csrf(bob.get(bob.home))
    chosen = [people["bob"], other]
    answer = bob.client.post(f"{thing.home}/owners", data={"csrf_token": token, "owners": chosen})

    assert before == {people["alice"]: False, people["bob"]: True, other: False}
    assert (answer.status_code, thing.owners) == (303, set(chosen))
    assert {each for each, checked in boxes(bob, thing).items() if checked} == set(chosen)


def test_an_owner_who_can_own_nothing_any_more_is_named_and_taken_off(thing: Thing, stage: Stage):
    alice, bob = visit(stage, "alice"), stage["bob"].member_id
    disable(stage, "bob")

    dialog = alice.get(f"{thing.home}/owners")
    alice.post(f"{thing.home}/owners")

    assert "Bob can own nothing any more, and will be taken off." in dialog.text
    assert bob not in boxes(alice, thing)
    assert thing.owners == set()


@pytest.mark.parametrize("who", ["charlie", "vera", "nobody"])
def test_somebody_who_cannot_own_it_is_refused_and_the_choice_stays(who: str, thing: Thing, stage: Stage):
    """Z6: a member of another project, one who is disabled, an id of nothing."""
    bob = visit(stage, "bob")
    disable(stage, "vera")
    stranger = stage[who].member_id if who != "nobody" else "x" * 300
    chosen = [stage["alice"].member_id, stranger]

    answer = bob.client.post(f"{thing.home}/owners", data={"csrf_token": csrf(bob.get(bob.home)), "owners": chosen})

    assert answer.status_code == 422
    assert "Somebody chosen is no member any more" in answer.text
    assert [each["value"] for _, each in elements(answer) if "checked" in each] == [stage["alice"].member_id]
    assert thing.owners == {stage["bob"].member_id}


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_whoever_gives_away_what_let_them_see_it_is_led_to_the_list(
    headers: dict[str, str] | None, thing: Thing, stage: Stage
):
    bob = visit(stage, "bob")
    form = {"csrf_token": csrf(bob.get(bob.home)), "owners": [stage["alice"].member_id]}

    answer = bob.client.post(f"{thing.home}/owners", data=form, headers=headers)

    address = answer.headers["HX-Redirect"] if headers else answer.location
    page = bob.get(address)
    assert address == f"{bob.home}/{thing.section}?done=owned"
    assert "The owners are changed" in page.text
    assert thing.id not in page.text
    assert bob.get(thing.home).status_code == 403


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_deleting_forgets_it_and_leads_to_the_list(headers: dict[str, str] | None, thing: Thing, stage: Stage):
    """K2: its secret too."""
    bob = visit(stage, "bob")
    dialog = bob.get(f"{thing.home}/delete", headers=headers)

    answer = bob.client.post(f"{thing.home}/delete", data=fields(dialog), headers=headers)

    address = answer.headers["HX-Redirect"] if headers else answer.location
    assert "cannot be undone" in dialog.text
    assert address == f"{bob.home}/{thing.section}?done=deleted"
    assert "is deleted, and" in bob.get(address).text
    assert bob.get(thing.home).status_code == 404
    assert (thing.row.deleted_at is None, thing.row.secret) == (False, None)


def test_a_storage_with_data_marts_names_them_and_stays(stage: Stage):
    """Those that the member may see; the others are counted."""
    thing = Thing(stage, "storages", a_storage(stage, marts=2))
    bob, alice = visit(stage, "bob"), visit(stage, "alice")

    dialog, answer = bob.get(f"{thing.home}/delete"), alice.post(f"{thing.home}/delete")

    assert "2 data marts" in dialog.text
    assert "Mart 0" in answer.text
    assert 'type="submit">Delete' not in dialog.text
    assert answer.status_code == 409
    assert thing.row.deleted_at is None


@pytest.mark.parametrize("act", ["sharing", "owners"])
def test_whoever_only_maintains_it_neither_shares_it_nor_hands_it_on(act: str, thing: Thing, stage: Stage):
    """contract.md 6.2, Z1: and is offered neither."""
    bob = visit(stage, "bob")
    bob.client.post(
        f"{thing.home}/owners", data={"csrf_token": csrf(bob.get(bob.home)), "owners": [stage["alice"].member_id]}
    )
    visit(stage, "alice").send(f"{thing.home}/sharing", maintenance="y")

    page = bob.get(thing.home)

    assert f"{thing.home}/edit" in page.text
    assert f"{thing.home}/{act}" not in page.text
    assert bob.get(f"{thing.home}/{act}").status_code == 403
    assert bob.post(f"{thing.home}/{act}").status_code == 403

"""The page of members and its dialogs, as parts for htmx and as plain pages."""

import re
from datetime import UTC, datetime

import pytest

from owox.roles import Role
from owox.services import accounts, member_list, members
from tests.cast import OPERATOR, Stage, disable
from tests.people import invitation_id, invited, newcomer, roles
from tests.states import basic
from tests.web.browsing import HTMX, elements, fields, visit

NOW = datetime.now(UTC)
DAN = "dan@example.com"


def page(stage: Stage) -> str:
    """The address of the members."""
    return f"/projects/{stage.cast.project_id}/members"


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_the_link_is_shown_once_and_leads_to_the_project(headers: dict[str, str] | None, stage: Stage):
    """L11, K5: no other page holds it."""
    alice = visit(stage, "alice")

    answer = alice.send(f"{page(stage)}/invite", headers=headers, email=DAN, role="editor")

    link = next(found["value"] or "" for _, found in elements(answer) if found.get("id") == "invitation-link")
    token = link.rpartition("/")[2]
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert link.startswith(f"{stage.services.settings.public_origin}/invitations/")
    assert all(token not in alice.get(path).text for path in (page(stage), f"{page(stage)}/invite"))
    listed = alice.get(page(stage), headers=headers)
    assert DAN in listed.text
    assert "by Alice" in listed.text
    assert stage.app.test_client().get(f"/invitations/{token}").status_code == 200


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"email": ""}, 422, "Enter an e-mail address."),
        ({"email": "dan"}, 422, "not an e-mail address"),
        ({"email": f"{'x' * 251}@b.c"}, 422, "at most 254"),
        ({"role": "owner"}, 422, "not one of the choices"),
        ({"role": ""}, 422, "not one of the choices"),
        ({"email": "Bob@example.com"}, 409, "is a member of the project already"),
    ],
)
def test_a_bad_value_is_said_at_the_field_and_kept(typed: dict[str, str], status: int, said: str, shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    answer = alice.send(f"{page(shared_stage)}/invite", **({"email": DAN, "role": "viewer"} | typed))

    assert answer.status_code == status
    assert said in answer.text
    assert fields(answer)["email"] == typed.get("email", DAN)


def test_a_form_without_a_role_changes_none(stage: Stage):
    alice = visit(stage, "alice")

    address = f"{page(stage)}/{stage['bob'].member_id}/role"

    answer = alice.client.post(address, data={"csrf_token": fields(alice.get(address))["csrf_token"]})

    assert answer.status_code == 422
    assert "not one of the choices" in answer.text
    assert visit(stage, "bob").get(f"/projects/{stage.cast.project_id}/storages/create").status_code == 200


def test_withdrawing_ends_the_link(stage: Stage):
    alice, token = visit(stage, "alice"), invited(stage, DAN)

    answer = alice.send(f"{page(stage)}/invitations/{invitation_id(stage, DAN)}/withdraw")

    assert (answer.status_code, answer.location) == (303, f"{page(stage)}?done=withdrawn")
    assert "Its link no longer works" in alice.get(answer.location).text
    over = stage.app.test_client().get(f"/invitations/{token}")
    assert over.status_code == 404
    assert "This invitation is over" in over.text


def test_each_change_acts_and_says_what_it_did(stage: Stage):
    """Z5, L6."""
    alice, bob, browser = visit(stage, "alice"), stage["bob"], stage.visitor("bob")
    headers = {"Authorization": basic(f"{bob.key_id}:{bob.secret}".encode())}
    one, client = f"{page(stage)}/{bob.member_id}", stage.app.test_client()
    steps = [
        ("role", {"role": "viewer"}, "Change role", "viewer", 200),
        ("disable", {}, "signed out everywhere", "(viewer)", 401),
        ("remove", {}, "for good", None, 401),
    ]

    for act, typed, told, role, status in steps:
        assert told in alice.get(f"{one}/{act}").text
        answer = alice.send(f"{one}/{act}", **typed)
        assert answer.status_code == 303
        assert "notice good" in alice.get(answer.location).text
        assert roles(stage).get("Bob") == role
        assert client.get("/api/auth/context", headers=headers).status_code == status
    assert browser.get("/").location == "/sign-in"
    assert alice.get(f"{one}/role").status_code == 404


def test_enabling_is_offered_where_disabling_was(stage: Stage):
    alice, one = visit(stage, "alice"), f"{page(stage)}/{stage['bob'].member_id}"
    disable(stage, "bob")

    before, dialog = alice.get(page(stage)), alice.get(f"{one}/disable")
    form = fields(dialog)
    answer = alice.client.post(f"{one}/enable", data=form, headers=HTMX)

    assert "Enable member" in dialog.text
    assert "refused while disabled" in before.text
    assert "refused while disabled" not in alice.get(page(stage)).text
    assert (answer.headers["HX-Reswap"], answer.headers["HX-Trigger"]) == ("delete", "members-changed")
    assert roles(stage)["Bob"] == "editor"


def test_a_member_of_foreign_projects_is_not_disabled_from_here(stage: Stage):
    """Z2: the dialog says so and offers the removal, which says that sign-ins go on."""
    alice, bob = visit(stage, "alice"), stage["bob"]
    with stage.session() as session:
        members.join(session, bob.member_id, stage["charlie"].project_id, Role.VIEWER, OPERATOR, NOW)
    one = f"{page(stage)}/{bob.member_id}"

    dialog, answer, removal = alice.get(f"{one}/disable"), alice.send(f"{one}/disable"), alice.get(f"{one}/remove")

    assert "not an admin of" in dialog.text
    assert f"{one}/remove" in dialog.text
    assert 'type="submit">Disable' not in dialog.text
    assert answer.status_code == 403
    assert roles(stage)["Bob"] == "editor"
    assert "Their sign-ins go on" in removal.text


@pytest.mark.parametrize("act", ["role", "disable", "remove"])
def test_nobody_does_it_to_themselves(act: str, stage: Stage):
    """Z8."""
    newcomer(stage, Role.ADMIN)
    alice, one = visit(stage, "alice"), f"{page(stage)}/{stage['alice'].member_id}"

    answer = alice.send(f"{one}/{act}", role="viewer")

    assert answer.status_code == 403
    assert "Ask another admin" in answer.text
    assert roles(stage)["Alice"] == "admin"
    assert f"member-menu-{stage['alice'].member_id}" not in alice.get(page(stage)).text


@pytest.mark.parametrize(("name", "shown"), [("alice", True), ("bob", False), ("vera", False)])
def test_the_menu_leads_there_for_admins_only(name: str, shown: bool, shared_stage: Stage):
    someone = visit(shared_stage, name)

    links = {found.get("href") for _, found in elements(someone.get(someone.home))}

    assert (page(shared_stage) in links) is shown
    assert someone.get(page(shared_stage)).status_code == (200 if shown else 403)


def join(stage: Stage, email: str, name: str) -> str:
    """Make somebody a member of the project; return their id."""
    with stage.session() as session:
        member_id = members.create(session, email, name, "five green words in a row", OPERATOR, NOW)
        members.join(session, member_id, stage.cast.project_id, Role.VIEWER, OPERATOR, NOW)
    return member_id


@pytest.mark.parametrize("search", ["Ägnes", "ÄGNES", "gnes m", "agnes@", "AGNES@"])
def test_search_finds_members_by_name_and_address_in_any_case(search: str, stage: Stage):
    join(stage, "agnes@example.com", "ägnes Müller")
    invited(stage, "agnes@example.org")

    shown = visit(stage, "alice").get(page(stage), query_string={"q": search}, headers=HTMX).text

    assert "1 member" in shown
    assert "ägnes Müller" in shown
    assert "bob@example.com" not in shown
    assert ("agnes@example.org" in shown) is search.lower().startswith("agnes")


def test_a_new_name_is_what_search_finds(stage: Stage):
    with stage.session() as session:
        accounts.rename(session, stage["bob"].member_id, "Заказ", OPERATOR, NOW)
    alice = visit(stage, "alice")

    found, gone = (alice.get(f"{page(stage)}?q={search}", headers=HTMX).text for search in ("ЗАКАЗ", "bobby"))

    assert "bob@example.com" in found
    assert "No member matches" in gone
    assert "Nobody in this project has “bobby” in their name or address." in gone


def test_members_come_in_pages_by_name(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(member_list, "PAGE_SIZE", 2)
    alice = visit(stage, "alice")
    join(stage, "emile@example.com", "émile")
    join(stage, "zoe@example.com", "Zoe")

    pages = [alice.get(f"{page(stage)}?page={number}", headers=HTMX).text for number in ("1", "2", "3", "99", "x")]

    shown = [re.findall(r'<span class="name">([^<]+)', text) for text in pages]
    assert shown == [["Alice", "Bob"], ["Vera", "Zoe"], ["émile"], ["émile"], ["Alice", "Bob"]]
    assert "Page 2 of 3, " in pages[1]
    assert f'hx-get="{page(stage)}?page=2" hx-trigger="members-changed from:document' in pages[1]


def test_markup_in_names_stays_text(stage: Stage):
    """W8."""
    name = "<b hx-get=/x>x</b>"
    with stage.session() as session:
        member_id = members.create(session, DAN, name, "five green words in a row", OPERATOR, NOW)
        members.join(session, member_id, stage.cast.project_id, Role.VIEWER, OPERATOR, NOW)
    alice = visit(stage, "alice")

    texts = [alice.get(page(stage)).text] + [
        alice.get(f"{page(stage)}/{member_id}/{act}").text for act in ("role", "disable", "remove")
    ]

    assert all(name not in text and re.search(r"&lt;b hx-get", text) for text in texts)

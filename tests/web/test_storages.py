"""The pages of storages: the list, creating and editing, as parts for htmx and as plain pages."""

import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import AuditEvent, Storage
from owox.services import storages
from owox.services.storages import NewStorage
from tests.api.things import a_storage
from tests.cast import Stage
from tests.services.acts import acting
from tests.web.browsing import HTMX, elements, fields, visit

PASSWORD = secrets.token_urlsafe(18)
SERVER = {"type": "POSTGRESQL", "host": "127.0.0.1", "port": "1", "database": "shop", "user": "reader"}
WHOLE = {"title": "Warehouse", "password": PASSWORD, "sslmode": "require", **SERVER}


def found(stage: Stage, title: str) -> Storage:
    """The storage with this title, as it is stored."""
    with Session(stage.engine) as session:
        return session.scalars(select(Storage).where(Storage.title == title)).one()


def kept_password(stage: Stage, title: str) -> bool:
    """Whether a storage still opens with the password above."""
    row = found(stage, title)
    return PASSWORD in str(stage.services.keeper.vault.open(row.id, row.secret))


@pytest.fixture
def server(stage: Stage) -> str:
    """The address of the page of a PostgreSQL storage of alice's, that bob may maintain."""
    config = {name: value for name, value in WHOLE.items() if name not in ("title", "type")}
    with stage.session() as session:
        by = acting(stage, "alice")
        new = NewStorage("POSTGRESQL", "Warehouse", config)
        storage_id = storages.create(session, stage.services.keeper, by, new).storage.id
        storages.share(session, by, storage_id, use=True, maintenance=True)
    return f"/projects/{stage.cast.project_id}/storages/{storage_id}"


@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_the_list_holds_what_the_role_may_see(name: str, shared_stage: Stage):
    """contract.md 6.4."""
    storage_id = a_storage(shared_stage)
    someone = visit(shared_stage, name)

    answer = someone.get(f"{someone.home}/storages")
    links = {attributes.get("href") for _, attributes in elements(answer)}

    assert ("Shop file" in answer.text) is (name != "vera")
    assert (f"{someone.home}/storages/{storage_id}" in links) is (name != "vera")
    assert ("You own no storage" in answer.text) is (name == "vera")
    assert (f"{someone.home}/storages/create" in answer.text) is (name != "vera")


def test_a_business_user_sees_their_own_storage_and_may_not_open_it(stage: Stage):
    """contract.md 6.4: the list shows it, the decision of 6.2 denies the rest."""
    vera, storage_id = visit(stage, "vera"), a_storage(stage)
    with stage.session() as session:
        storages.set_owners(session, acting(stage, "alice"), storage_id, [stage["vera"].member_id])

    answer = vera.get(f"{vera.home}/storages")

    assert "Bob&#39;s" in answer.text
    assert f"storages/{storage_id}" not in {attributes.get("href") for _, attributes in elements(answer)}
    assert vera.get(f"{vera.home}/storages/{storage_id}").status_code == 403


def test_a_row_says_what_stands_on_the_storage_and_who_may_use_it(shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    text = " ".join(alice.get(f"{alice.home}/storages").text.split())

    assert all(part in text for part in ("DuckDB", "4 published", "1 draft<", "For use", "Nobody"))


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
@pytest.mark.parametrize(
    "typed",
    [{"type": "DUCKDB", "path": "a.duckdb"}, {"type": "SQLITE", "path": "b.db"}, {**WHOLE}],
    ids=["duckdb", "sqlite", "postgresql"],
)
def test_creating_leads_to_the_storages_page(typed: dict[str, str], headers: dict[str, str] | None, stage: Stage):
    """K2: with the fields of its type, and no password on any page."""
    bob = visit(stage, "bob")

    answer = bob.send(f"{bob.home}/storages/create", headers=headers, **({"title": "New one"} | typed))

    row = found(stage, typed.get("title", "New one"))
    address = answer.headers["HX-Redirect"] if headers else answer.location
    page = bob.get(address)
    assert (answer.status_code, row.type) == (200 if headers else 303, typed["type"])
    assert address == f"{bob.home}/storages/{row.id}?done=created"
    assert "Test the connection next" in page.text
    assert all(str(value) in page.text for value in row.config.values())
    assert "Bob" in page.text
    assert PASSWORD not in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"title": " "}, "Enter a title."),
        ({"title": "x" * 256}, "at most 255"),
        ({"title": "a\nb"}, "control characters"),
        ({"type": "SNOWFLAKE"}, "not one of the choices"),
        ({"type": ""}, "not one of the choices"),
        ({"type": "DUCKDB", "path": ""}, "Enter a path."),
        ({"type": "SQLITE", "path": "/etc/passwd"}, "Path must lie inside"),
        ({"type": "SQLITE", "path": "../owox.db"}, "Path must lie inside"),
        ({"type": "DUCKDB", "path": "x" * 2_001}, "Path must be at most 2000"),
        ({"type": "DUCKDB", "path": "x\0y"}, "Path must be at most 2000"),
        ({"host": " "}, "Enter a host."),
        ({"host": "/run"}, "Host must be the name or the address of one server."),
        ({"host": "a,b"}, "Host must be the name or the address of one server."),
        ({"port": "abc"}, "Port must be a number from 1 to 65535."),
        ({"port": "65536"}, "Port must be a number from 1 to 65535."),
        ({"database": ""}, "Enter a database."),
        ({"user": ""}, "Enter a user."),
        ({"user": "a\0b"}, "User must be a text"),
        ({"password": ""}, "Enter the password."),
        ({"sslmode": "sometimes"}, "TLS must be one of"),
    ],
)
def test_a_bad_value_is_said_at_its_field_and_all_but_the_password_stays(
    typed: dict[str, str], said: str, shared_stage: Stage
):
    """K2: 422, nothing made, and the password in no answer."""
    alice, sent = visit(shared_stage, "alice"), WHOLE | typed
    before = alice.get(f"{alice.home}/storages").text.count("<tr")

    answer = alice.send(f"{alice.home}/storages/create", **sent)

    shown = fields(answer)
    kept = {name: sent[name] for name in ("title", "host", "port", "database", "user")}
    assert answer.status_code == 422
    assert said in answer.text
    assert {name: shown[name] for name in kept} == kept
    assert shown["path"] == sent.get("path", "")
    assert shown["password"] == ""
    assert PASSWORD not in answer.text
    assert shared_stage.services.settings.secret_key not in answer.text
    assert alice.get(f"{alice.home}/storages").text.count("<tr") == before


def test_a_form_that_comes_twice_makes_one_storage(stage: Stage):
    """K17."""
    bob = visit(stage, "bob")
    form = fields(bob.get(f"{bob.home}/storages/create")) | {"title": "Once", "path": "once.duckdb"}

    answers = [bob.client.post(f"{bob.home}/storages/create", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert found(stage, "Once")


def test_an_edit_with_an_empty_password_keeps_it(server: str, stage: Stage):
    """K2: the form shows all but the password."""
    bob = visit(stage, "bob")

    form = fields(bob.get(f"{server}/edit"))
    answer = bob.client.post(f"{server}/edit", data=form | {"title": "Renamed", "database": "other"}, headers=HTMX)

    row = found(stage, "Renamed")
    assert {name: form[name] for name in SERVER if name != "type"} == {k: v for k, v in SERVER.items() if k != "type"}
    assert (form["sslmode"], form["password"]) == ("require", "")
    assert (answer.headers["HX-Reswap"], answer.headers["HX-Trigger"]) == ("delete", "storages-changed")
    assert row.config["database"] == "other"
    assert kept_password(stage, "Renamed")


@pytest.mark.parametrize("typed", [{"host": "evil.example"}, {"port": "2"}, {"user": "root"}, {"sslmode": "disable"}])
def test_an_editor_cannot_have_a_stored_password_sent_elsewhere(typed: dict[str, str], server: str, stage: Stage):
    """K2: the password must be typed again."""
    bob = visit(stage, "bob")

    answer = bob.send(f"{server}/edit", **typed)

    assert answer.status_code == 422
    assert "Password must be given again" in answer.text
    assert {name: fields(answer)[name] for name in typed} == typed
    assert found(stage, "Warehouse").config["host"] == "127.0.0.1"
    assert kept_password(stage, "Warehouse")
    assert bob.send(f"{server}/edit", password="another", **typed).status_code == 303
    assert not kept_password(stage, "Warehouse")


def test_what_the_operator_named_stays_when_a_member_changes_the_title_only(stage: Stage, tmp_path: Path):
    """Z7: a path that members may not name."""
    storage_id = a_storage(stage)
    with stage.session() as session:
        session.get_one(Storage, storage_id).config = {"path": "/srv/elsewhere/shop.duckdb"}
    bob = visit(stage, "bob")
    one = f"{bob.home}/storages/{storage_id}/edit"

    renamed, moved = bob.send(one, title="Renamed"), bob.send(one, path="/srv/elsewhere/other.duckdb")

    assert (renamed.status_code, moved.status_code) == (303, 422)
    assert found(stage, "Renamed").config == {"path": "/srv/elsewhere/shop.duckdb"}


def test_no_password_is_in_the_audit_log_or_on_any_page(server: str, stage: Stage):
    """K2, U4."""
    alice = visit(stage, "alice")

    texts = [alice.get(f"{server}{end}").text for end in ("", "/edit", "/sharing", "/owners", "/delete")]

    with stage.session() as session:
        kept = str([vars(event) for event in session.scalars(select(AuditEvent))])
    assert all(PASSWORD not in text for text in (*texts, kept, str(found(stage, "Warehouse").config)))


def test_markup_in_titles_stays_text(stage: Stage):
    """W8."""
    title, storage_id = "<b hx-get=/x>x</b>", a_storage(stage)
    with stage.session() as session:
        row = session.get_one(Storage, storage_id)
        row.title, row.modified_at = title, datetime.now(UTC)
    alice = visit(stage, "alice")
    one = f"{alice.home}/storages/{storage_id}"

    texts = [alice.get(path).text for path in (f"{alice.home}/storages", one, f"{one}/edit", f"{one}/delete")]

    assert all(title not in text and "&lt;b hx-get" in text for text in texts)


@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_the_project_menu_leads_there(name: str, shared_stage: Stage):
    someone = visit(shared_stage, name)

    links = {attributes.get("href") for _, attributes in elements(someone.get(someone.home))}

    assert {f"{someone.home}/storages", f"{someone.home}/destinations"} <= links


def test_the_page_leads_to_the_data_marts_on_it_and_to_another_one(stage: Stage):
    """Those that the member may see; the others are counted."""
    bob, alice, shop = visit(stage, "bob"), visit(stage, "alice"), found(stage, "Shop file").id
    page = f"{bob.home}/storages/{shop}"
    private = f"{bob.home}/data-marts/{stage.cast.marts['Admins only']}"

    links = [attributes.get("href") or "" for _, attributes in elements(bob.get(page))]
    create = next(link for link in links if "/data-marts/create" in link)

    assert f"{bob.home}/data-marts/{stage.cast.marts['Orders']}" in links
    assert private not in links
    assert "1 more, not listed here since you may not see it" in " ".join(bob.get(page).text.split())
    assert private in alice.get(page).text
    assert fields(bob.get(create))["storage"] == shop

"""The list of data marts: what each role sees of it, search, filters, order and pages."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from markupsafe import escape
from sqlalchemy import select

from owox.models import DataMart, Storage
from owox.models.base import new_id
from tests.api.calls import a_run
from tests.cast import MARTS, Stage
from tests.web.browsing import HTMX, Visit, elements, visit
from tests.web.marts import texts

ADMINS = set(MARTS)
BOBS = {"Orders", "Draft", "Kept by editors", "Owned by bob"}
VERAS = {"Orders", "Draft"}


def titles(stage: Stage, person: Visit, query: str = "") -> list[str]:
    """The data marts of the list, top to bottom."""
    answer = person.get(f"{person.home}{query}", headers=HTMX)
    assert answer.status_code == 200
    with stage.session() as session:
        known = {mart.id: mart.title for mart in session.scalars(select(DataMart))}
    return [known[each] for each in texts(answer, "tr", "mart-")]


def many(stage: Stage, count: int) -> None:
    """So many data marts of nobody, shared for reporting, one a second older than the next."""
    now = datetime.now(UTC)
    with stage.session() as session:
        storage_id = session.scalars(select(Storage.id).where(Storage.title == "Shop file")).one()
        for number in range(count):
            at = now - timedelta(seconds=count - number)
            session.add(
                DataMart(
                    id=new_id(), project_id=stage.cast.project_id, storage_id=storage_id, title=f"Mart {number:04}",
                    status="DRAFT", fields=[], created_at=at, modified_at=at,
                )
            )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "seen", "said"),
    [
        ("alice", ADMINS, "All data marts of this project."),
        ("bob", BOBS, "that you own, and those that are shared for reporting or maintenance."),
        ("vera", VERAS, "that you own, and those that are shared for reporting."),
    ],
)
def test_each_role_sees_its_own_and_is_told_which_these_are(name: str, seen: set[str], said: str, shared_stage: Stage):
    person = visit(shared_stage, name)

    page = person.get(person.home)

    assert set(titles(shared_stage, person)) == seen
    assert said in page.text
    assert f"{len(seen)} data marts" in page.text
    assert ("Create data mart" in page.text) is (name != "vera")


def test_a_row_tells_what_its_data_mart_is(shared_stage: Stage):
    mart_id = shared_stage.cast.marts["Owned by bob"]
    begun = datetime.now(UTC) - timedelta(hours=3)
    for age in range(2):
        a_run(shared_stage, mart_id, created_at=begun - timedelta(days=age))
    alice = visit(shared_stage, "alice")

    rows = alice.get(f"{alice.home}?q=owned+by", headers=HTMX).text

    for told in ("Owned by bob", "Published", "Shop file", "DuckDB", "SQL", "Bob", "technical", "3 hours ago"):
        assert told in rows
    assert f"owox-ctl data-marts stream {mart_id}" in rows
    assert '<td data-label="Runs" class="num">' in rows
    assert ">2<span" in "".join(rows.split())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=draft", {"Draft"}),
        ("?status=published", ADMINS - {"Draft"}),
        ("?owner=nobody", ADMINS - {"Owned by bob"}),
        ("?owner={bob}", {"Owned by bob"}),
        ("?owner={alice}", set()),
        ("?q=oRDERS", {"Orders"}),
        ("?q=%25", set()),
        ("?q=_", set()),
        ("?q={orders}", {"Orders"}),
        ("?q=by&status=published&owner={bob}", {"Owned by bob"}),
    ],
)
def test_search_and_filters_narrow_the_list(query: str, found: set[str], shared_stage: Stage):
    alice = visit(shared_stage, "alice")
    ids = {name: shared_stage[name].member_id for name in ("alice", "bob")}

    asked = query.format(orders=shared_stage.cast.marts["Orders"], **ids)

    assert set(titles(shared_stage, alice, asked)) == found
    if not found:
        assert "No data mart matches" in alice.get(f"{alice.home}{asked}").text


@pytest.mark.parametrize(
    "query",
    ["?status=x", "?owner=x", "?owner=%00", "?owner=' OR 1=1", "?sort=x", "?page=0", "?page=-1", "?page=99999999",
     "?q=%00", "?page=٢", "?unknown=1", "?status=draft%00"],
)  # fmt: skip
def test_what_makes_no_sense_in_the_address_counts_as_not_there(query: str, shared_stage: Stage):
    """I4, I9."""
    assert set(titles(shared_stage, visit(shared_stage, "alice"), query)) == ADMINS


def test_the_owner_filter_names_only_owners_of_what_one_sees(stage: Stage):
    """Z2: vera learns nothing of who owns what she may not see."""
    names = {}
    for name in ("alice", "vera"):
        person = visit(stage, name)
        page = person.get(person.home)
        options = [found.get("value") for tag, found in elements(page) if tag == "option"]
        names[name] = stage["bob"].member_id in options

    assert names == {"alice": True, "vera": False}


def test_an_owner_who_owns_nothing_any_more_stays_chosen(shared_stage: Stage):
    stranger = str(uuid4())
    alice = visit(shared_stage, "alice")

    page = alice.get(f"{alice.home}?owner={stranger}")

    chosen = [found for tag, found in elements(page) if tag == "option" and "selected" in found]
    assert stranger in [each.get("value") for each in chosen]
    assert "No data mart matches" in page.text


def test_all_of_them_are_reached_page_by_page(stage: Stage):
    many(stage, 60)
    vera = visit(stage, "vera")

    pages = [titles(stage, vera, f"?page={number}") for number in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [25, 25, 12, 12]
    assert len({title for page in pages for title in page}) == 62
    assert pages[0][0] == "Mart 0059"
    assert pages[3] == pages[2]
    assert "Page 2 of 3, 62 data marts" in vera.get(f"{vera.home}?page=2").text


def test_the_order_is_chosen_by_title_or_age(stage: Stage):
    many(stage, 2)
    alice = visit(stage, "alice")

    orders = {sort: titles(stage, alice, f"?sort={sort}") for sort in ("title", "-title", "created", "-created")}

    assert orders["title"] == sorted(orders["title"], key=str.lower)
    assert orders["-title"] == orders["title"][::-1]
    assert orders["-created"][:2] == ["Mart 0001", "Mart 0000"]
    assert orders["created"][-2:] == ["Mart 0000", "Mart 0001"]


@pytest.mark.parametrize("search", ["замовлення", "ЗАМОВЛЕННЯ за", "STRASSE", "ﬁn"])
def test_search_knows_every_alphabet(search: str, stage: Stage):
    with stage.session() as session:
        session.get_one(DataMart, stage.cast.marts["Orders"]).title = "Замовлення за день, Straße, fin"
    vera = visit(stage, "vera")

    assert titles(stage, vera, f"?q={search}") == ["Замовлення за день, Straße, fin"]


def test_a_role_that_sees_nothing_is_told_so(stage: Stage):
    with stage.session() as session:
        for mart in session.scalars(select(DataMart)):
            mart.available_for_reporting = mart.available_for_maintenance = False
    vera, alice = visit(stage, "vera"), visit(stage, "alice")

    assert "no data mart that your role may see" in vera.get(vera.home).text
    assert "no data mart that your role may see" not in alice.get(alice.home).text


def test_an_empty_project_says_what_comes_first(stage: Stage):
    with stage.session() as session:
        for mart in session.scalars(select(DataMart)):
            mart.deleted_at = mart.created_at
    alice = visit(stage, "alice")
    with_storage = alice.get(alice.home).text
    with stage.session() as session:
        for storage in session.scalars(select(Storage)):
            storage.deleted_at = storage.created_at

    without = alice.get(alice.home).text

    assert "No data marts here yet" in with_storage
    assert "needs a storage first" not in with_storage
    assert "needs a storage first" in without


@pytest.mark.parametrize("title", ["<b hx-get=/x>x</b>", "{{ 7 * 7 }}", "Ünïcödé 订单 🧾", "a" * 255, "' OR 1=1 --"])
def test_a_title_is_only_ever_text(title: str, stage: Stage):
    """W8."""
    mart_id = stage.cast.marts["Orders"]
    with stage.session() as session:
        session.get_one(DataMart, mart_id).title = title
    vera = visit(stage, "vera")

    texts = [vera.get(vera.home).text, vera.get(f"{vera.home}/data-marts/{mart_id}").text]

    assert all("<b hx-get" not in text and ">49<" not in text for text in texts)
    assert all(str(escape(title)) in text for text in texts)


def test_the_address_without_its_end_leads_to_the_list(shared_stage: Stage):
    vera = visit(shared_stage, "vera")

    assert vera.get(f"{vera.home}/data-marts").location == vera.home

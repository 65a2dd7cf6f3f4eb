"""A data mart from nothing to its rows, by somebody with a browser, with and without JavaScript."""

import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.browser.marts import Shell, choose, copied, create, open_mart, save_definition, show_rows

BROKEN = "SELECT day,\n  revenu\nFROM daily_revenue"
SQL = "SELECT day, revenue FROM daily_revenue ORDER BY day"


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_data_mart_from_nothing_to_its_rows_and_its_end(script: bool, dashboard: Dashboard):
    """W3: broken SQL is said with its place and stays; each change is seen at once."""
    page, title = dashboard.page(java_script_enabled=script), f"Revenue, script {script}"
    with walk.quiet(page):
        create(page, title)
        page.get_by_role("link", name="Define it").click()
        save_definition(page, BROKEN)
        expect(page.get_by_text("(line 2, column 3)")).to_be_visible()
        expect(page.get_by_label("SQL", exact=True)).to_have_value(BROKEN)
        save_definition(page, SQL)
        expect(page.get_by_text("The definition is saved")).to_be_visible()
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("The data mart is published.")).to_be_visible()
        expect(page.get_by_text("owox-ctl data-marts stream")).to_be_visible()
        show_rows(page, script=script)
        expect(page.get_by_text("The first 50 rows; there are more.")).to_be_visible()

        open_mart(page, title)
        page.get_by_role("link", name="Edit revenue").click()
        page.get_by_label("Hidden from readers").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Readers do not see it")).to_be_visible()
        show_rows(page, script=script)
        expect(page.get_by_role("region", name="First rows").get_by_text("revenue")).to_have_count(0)

        open_mart(page, title)
        delete(page, title, script=script)


def delete(page: Page, title: str, *, script: bool) -> None:
    """Delete a data mart, from its page."""
    choose(page, "Delete", script=script)
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The data mart is deleted.")).to_be_visible()
    expect(page.get_by_role("link", name=title)).to_have_count(0)


def test_changes_in_dialogs_leave_the_preview_alone(dashboard: Dashboard):
    page = dashboard.page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/preview") else None)
    with walk.quiet(page):
        open_mart(page, "Customers")
        show_rows(page, script=True)
        choose(page, "Edit title and description", script=True)
        expect(page.get_by_role("textbox", name="Title")).to_be_focused()
        page.get_by_role("textbox", name="Description").fill("Who signed up\nand when")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Title and description are saved.")).to_be_visible()
        expect(page.get_by_text("Who signed up")).to_be_visible()
        expect(page.get_by_role("region", name="First rows")).to_be_visible()
        assert len(asked) == 1
        page.get_by_role("button", name="Refresh fields").click()
        expect(page.get_by_text("The fields are as the storage has them now.")).to_be_visible()
        page.wait_for_timeout(300)
        assert len(asked) == 2


def test_a_dialog_is_left_by_the_keyboard(dashboard: Dashboard):
    page = dashboard.page()
    open_mart(page, "Products")

    for act in ("Sharing", "Owners", "Delete"):
        choose(page, act, script=True)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Actions of this data mart")).to_be_focused()


def test_the_keyboard_goes_on_after_a_change(dashboard: Dashboard):
    """Publish and Unpublish take each other's place; what was pressed is gone with the part of the page it stood in."""
    page = dashboard.page()
    open_mart(page, "Returns to review")

    page.get_by_role("button", name="Publish").press("Enter")

    expect(page.get_by_text("The data mart is published.")).to_be_visible()
    expect(page.get_by_role("link", name="Unpublish")).to_be_focused()
    page.get_by_role("link", name="Unpublish").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Unpublish").press("Enter")
    expect(page.get_by_text("The data mart is a draft again.")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_be_focused()


def test_sql_that_is_too_large_is_said_and_stays(dashboard: Dashboard):
    """I1."""
    page = dashboard.page()
    open_mart(page, "Returns to review")
    page.get_by_role("link", name="Edit definition").click()
    sql = "SELECT 1 AS one" + " " * 70_000

    save_definition(page, sql)

    expect(page.get_by_role("dialog", name="This is too large")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_label("SQL", exact=True)).to_have_value(sql)


def test_a_run_under_way_is_cancelled_and_its_reader_cut(dashboard: Dashboard):
    page, reader = dashboard.page(), dashboard.page()
    open_mart(page, "Page views")
    address = f"/api/external/http-data/data-marts/{page.url.rpartition('/')[2]}.ndjson"
    reader.evaluate("async (url) => { window.rows = (await fetch(url)).body.getReader(); await rows.read(); }", address)
    with walk.quiet(page):
        page.get_by_role("link", name="Read the runs again").click()
        row = page.get_by_role("row").filter(has_text="in a browser").first
        expect(row).to_contain_text("Running")
        row.get_by_role("link", name="Cancel").click()
        page.get_by_role("dialog", name="Cancel run").get_by_role("button", name="Cancel the run").click()
        expect(page.get_by_text("The run is cancelled.")).to_be_visible()
        expect(row).to_contain_text("Cancelled")

    assert not reader.evaluate(READ_ON)


READ_ON = "async () => { try { while (!(await rows.read()).done); return true; } catch { return false; } }"


def test_the_list_follows_what_is_typed(dashboard: Dashboard):
    page = dashboard.page()
    with walk.quiet(page):
        page.get_by_role("searchbox", name="Search").fill("revenue")
        expect(page.get_by_role("link", name="Orders", exact=True)).to_have_count(0)
        expect(page.get_by_role("link", name="Daily revenue", exact=True)).to_be_visible()
        expect(page).to_have_url(re.compile("q=revenue"))
        page.get_by_label("Status").select_option("Draft")
        expect(page.get_by_role("heading", name="No data mart matches")).to_be_visible()
        page.get_by_role("link", name="Show all data marts").click()
        expect(page.get_by_role("link", name="Orders", exact=True)).to_be_visible()


@pytest.mark.parametrize("act", ["type", "choose"])
def test_what_is_typed_before_the_page_is_ready_counts(act: str, dashboard: Dashboard):
    """The scripts may come late, over a slow line."""
    page = dashboard.page()
    held: list[Route] = []
    with walk.quiet(page):
        page.route("**/htmx-*.js", lambda route: held.append(route))
        page.goto(page.url, wait_until="commit")
        if act == "type":
            page.get_by_role("searchbox", name="Search").fill("revenue")
        else:
            page.get_by_label("Status").select_option("Draft")
        held.pop().continue_()
        expect(page.get_by_role("link", name="Orders", exact=True)).to_have_count(0)
        expect(page).to_have_url(re.compile("q=revenue" if act == "type" else "status=draft"))


def test_no_page_of_data_marts_is_wider_than_the_screen(dashboard: Dashboard):
    page = dashboard.page()
    assert walk.too_wide(page) == []

    create(page, "w" * 200)
    page.get_by_role("link", name="Define it").click()
    save_definition(page, f"SELECT 1 AS {'n' * 200}, repeat('x', 10_000) AS x FROM {'t' * 300}")
    expect(page.locator(".error")).to_be_visible()
    assert walk.too_wide(page) == []
    save_definition(page, f"SELECT 1 AS {'n' * 200}, repeat('x', 10_000) AS x")
    show_rows(page, script=True)
    assert walk.too_wide(page) == []
    choose(page, "Owners", script=True)
    assert walk.too_wide(page) == []


def test_each_ready_command_reads_the_rows_as_it_stands(dashboard: Dashboard, tmp_path: Path):
    page = dashboard.page(permissions=["clipboard-read", "clipboard-write"])
    walk.open_my_api_keys(page)
    shell = Shell(dashboard.server, walk.create(page, "For the commands"), tmp_path)
    walk.have_saved(page)
    open_mart(page, "Daily revenue")
    texts = {
        what: copied(page, what) for what in ("owox-ctl command", "curl command", "Python lines", "TypeScript lines")
    }
    (tmp_path / "read.mjs").write_text(texts["TypeScript lines"])

    rows = shell.lines("sh", "-c", texts["owox-ctl command"])

    assert len(rows) == 90
    shell.lines("script", "-qec", f"{texts['curl command']} > curl.ndjson", "/dev/null", typed=shell.secret)
    assert (tmp_path / "curl.ndjson").read_text().splitlines() == rows
    assert len(shell.lines(sys.executable, "-c", texts["Python lines"])) == 90
    assert len(shell.lines("node", "read.mjs")) == 90
    page.reload()
    expect(page.get_by_role("row").filter(has_text="with an API key")).to_have_count(4)

"""Storages and destinations as people meet them: by mouse and keyboard, with and without JavaScript, on any screen."""

import secrets

import duckdb
import pytest
from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard

PASSWORD = secrets.token_urlsafe(18)


def open_section(page: Page, name: str) -> None:
    """Project menu, Storages or Destinations."""
    page.get_by_role("navigation", name="Project menu").get_by_role("link", name=name).click()
    walk.arrive(page, name)


def shop_file(dashboard: Dashboard, name: str) -> str:
    """A database file in the folder that members may name files of; return its name."""
    folder = dashboard.server.instance / "data"
    folder.mkdir(exist_ok=True)
    duckdb.connect(str(folder / name)).close()
    return name


def create_storage(page: Page, title: str, path: str) -> None:
    """Create a DuckDB storage."""
    open_section(page, "Storages")
    page.get_by_role("button", name="Create storage").click()
    dialog = page.get_by_role("dialog", name="Create storage")
    dialog.get_by_label("Title").fill(title)
    dialog.get_by_label("Path").fill(path)
    dialog.get_by_role("button", name="Create", exact=True).click()
    walk.arrive(page, title)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_storage_from_its_creation_to_its_end(script: bool, dashboard: Dashboard):
    page, title = dashboard.page(java_script_enabled=script), f"Shop {script}"
    with walk.quiet(page):
        create_storage(page, title, shop_file(dashboard, f"shop-{script}.duckdb"))
        expect(page.get_by_text("Test the connection next.")).to_be_visible()
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("The connection works.")).to_be_visible()

        page.get_by_role("link", name="Edit", exact=True).click()
        page.get_by_label("Path").fill("nowhere.duckdb")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("The storage is changed.")).to_be_visible()
        expect(page.get_by_text("The connection works.")).to_have_count(0)
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("Look at the path under Edit")).to_be_visible()

        share_and_disown(page)
        page.get_by_role("link", name="Delete", exact=True).click()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("The storage is deleted")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text=title)).to_have_count(0)


def share_and_disown(page: Page) -> None:
    """Share a storage for maintenance, and leave it to nobody."""
    page.get_by_role("link", name="Sharing").click()
    page.get_by_label("Shared for maintenance").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The sharing is changed.")).to_be_visible()
    expect(page.get_by_text("For maintenance", exact=True)).to_be_visible()
    page.get_by_role("link", name="Owners").click()
    page.get_by_role("checkbox", name="Alice").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nobody")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_type_shows_its_own_fields_and_what_was_typed_stays(script: bool, dashboard: Dashboard):
    """K2: all but the password, which is asked for again, and is in no page and no log."""
    page = dashboard.page(java_script_enabled=script)
    with walk.quiet(page):
        open_section(page, "Storages")
        page.get_by_role("button", name="Create storage").click()
        dialog = page.get_by_role("dialog", name="Create storage")
        dialog.get_by_label("Path").fill("typed.duckdb")
        expect(dialog.get_by_label("Host")).to_be_hidden()
        dialog.get_by_text("PostgreSQL").click()
        expect(dialog.get_by_label("Path")).to_be_hidden()
        for label, text in {"Title": "Warehouse", "Host": "db.example", "User": "reader", "Password": PASSWORD}.items():
            dialog.get_by_label(label).fill(text)
        dialog.get_by_role("button", name="Create", exact=True).click()

        expect(dialog.get_by_text("Enter a database.")).to_be_visible()
        expect(dialog.get_by_label("Host")).to_have_value("db.example")
        expect(dialog.get_by_label("Password")).to_have_value("")
        expect(dialog.get_by_label("Password")).to_have_accessible_description("Enter it again: no page ever holds it.")
        assert PASSWORD not in page.content() + dashboard.server.log.read_text()
        dialog.get_by_text("DuckDB", exact=True).click()
        expect(dialog.get_by_label("Path")).to_have_value("typed.duckdb")


def test_by_keyboard_alone(dashboard: Dashboard):
    """A dialog takes the focus, the first bad field after an error, and gives it back at the end."""
    page = dashboard.page()
    with walk.quiet(page):
        open_section(page, "Storages")
        opener = page.get_by_role("button", name="Create storage")
        opener.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Create storage")
        expect(dialog.get_by_label("Title")).to_be_focused()
        page.keyboard.type("Typed")
        page.keyboard.press("Enter")

        expect(dialog.get_by_text("Enter a path.")).to_be_visible()
        expect(dialog.get_by_label("Path")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(dialog.get_by_label("PostgreSQL")).to_be_checked()
        page.keyboard.press("Tab")
        expect(dialog.get_by_label("Host")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(opener).to_be_focused()


def test_the_connection_test_keeps_the_focus_and_its_place_for_what_is_said(dashboard: Dashboard):
    """A screen reader is told only of what changes inside a region that it knows."""
    page = dashboard.page()
    create_storage(page, "Focused", shop_file(dashboard, "focused.duckdb"))
    page.evaluate("window.region = document.querySelector('#test [role=status]')")
    button = page.get_by_role("button", name="Test connection")

    with walk.quiet(page):
        for _ in range(2):
            button.focus()
            page.evaluate("document.querySelector('#test [role=status]').replaceChildren()")
            page.keyboard.press("Enter")
            # Not when the answer arrives: until it stands in the page, a second Enter is one too many, and not sent.
            expect(page.locator("#test [role=status]")).to_contain_text("The connection works.")
            expect(page.locator("#test form")).not_to_have_attribute("data-sent", "yes")
            expect(button).to_be_focused()

    assert page.evaluate("window.region === document.querySelector('#test [role=status]')")


def create_report(page: Page, title: str) -> str:
    """Create a Looker Studio destination; return the secret key that is shown, its dialog left open."""
    open_section(page, "Destinations")
    page.get_by_role("button", name="Create destination").click()
    dialog = page.get_by_role("dialog", name="Create destination")
    dialog.get_by_text("Looker Studio").click()
    dialog.get_by_label("Title").fill(title)
    dialog.get_by_role("button", name="Create", exact=True).click()
    return page.get_by_role("textbox", name="Secret key").input_value()


def test_a_secret_key_is_shown_once(dashboard: Dashboard):
    """K5, W5: only its button leads on; nothing after Back or reload."""
    page = dashboard.page()
    with walk.quiet(page):
        secret = create_report(page, "Board report")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="I have saved the secret key").click()
        walk.arrive(page, "Board report")

    assert len(secret) == 43
    for step in (page.reload, page.go_back, page.go_forward):
        step()
        assert secret not in page.content()


def test_without_javascript_reload_says_that_the_destination_was_made(dashboard: Dashboard):
    """K17."""
    page = dashboard.page(java_script_enabled=False)
    secret = create_report(page, "Reloaded")

    page.reload()

    expect(page.get_by_text("had created this destination before")).to_be_visible()
    expect(page.get_by_role("link", name="Make a new secret key")).to_be_visible()
    assert secret not in page.content()


def test_a_secret_key_is_made_anew_in_place(dashboard: Dashboard):
    page = dashboard.page()
    with walk.quiet(page):
        first = create_report(page, "Rotated")
        page.get_by_role("button", name="I have saved the secret key").click()
        page.get_by_role("link", name="Make a new secret key").click()
        page.get_by_role("dialog").get_by_role("button", name="Make a new secret key").click()
        second = page.get_by_role("textbox", name="Secret key").input_value()
        page.get_by_role("button", name="I have saved the secret key").click()
        walk.arrive(page, "Rotated")

    assert len({first, second}) == 2


def test_no_page_is_wider_than_the_screen(dashboard: Dashboard):
    page = dashboard.page()
    create_storage(page, "M" * 255, f"{'deep/' * 200}.duckdb")

    assert walk.too_wide(page) == []
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The connection failed.")).to_be_visible()
    assert walk.too_wide(page) == []
    for act in ("Edit", "Sharing", "Owners", "Delete"):
        page.get_by_role("link", name=act, exact=True).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert walk.too_wide(page) == []
        page.keyboard.press("Escape")
    open_section(page, "Storages")
    assert walk.too_wide(page) == []

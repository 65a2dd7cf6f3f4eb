"""Dialogs, copying, search and forms as people meet them."""

import re

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.infra.server import downloads
from tests.offered import a_file

# What a page served over plain http from another machine finds.
PLAIN_HTTP = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
NO_COPYING = PLAIN_HTTP + "; document.execCommand = () => false"
WIDTHS = (2560, 1280, 1162, 1024, 875, 768, 360)
TABLE_FITS = "document.querySelector('table').scrollWidth <= document.querySelector('.list').clientWidth"
PASTE = "new Promise((done) => addEventListener('paste', (e) => done(e.clipboardData.getData('text')), {once: true}))"


@pytest.fixture
def page(dashboard: Dashboard) -> Page:
    """Alice at My API Keys."""
    page = dashboard.page()
    walk.open_my_api_keys(page)
    return page


def test_a_missing_name_is_said_in_the_dialog_which_stays(page: Page):
    with walk.quiet(page):
        page.get_by_role("button", name="Create API Key").click()
        dialog = page.get_by_role("dialog", name="Create API Key")
        expect(dialog.get_by_label("Name")).to_be_focused()
        dialog.get_by_label("30 days").check()
        dialog.get_by_role("button", name="Create", exact=True).click()

        expect(dialog.get_by_text("Enter a name.")).to_be_visible()
        expect(dialog.get_by_label("30 days")).to_be_checked()
        expect(dialog.get_by_label("Name")).to_have_accessible_description("Enter a name.")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("button", name="Create API Key")).to_be_focused()


def test_a_date_is_asked_for_only_when_one_is_wanted(dashboard: Dashboard):
    page = dashboard.page(timezone_id="Pacific/Kiritimati", forced_colors="active")
    walk.open_my_api_keys(page)
    page.get_by_role("button", name="Create API Key").click()
    dialog = page.get_by_role("dialog", name="Create API Key")

    expect(dialog.get_by_label("Name")).to_have_css("outline-style", "solid")
    expect(dialog.get_by_label("Last day")).to_be_hidden()
    dialog.get_by_text("On a date").click()
    dialog.get_by_label("Last day").fill("2099-12-31")
    expect(dialog.get_by_text("Until the end of that day in Pacific/Kiritimati.")).to_be_visible()
    dialog.get_by_label("Name").fill("Dated")
    dialog.get_by_role("button", name="Create", exact=True).click()

    expect(page.get_by_role("dialog", name="API Key Created")).to_contain_text("31 Dec 2099, 23:59")


@pytest.mark.parametrize("setting", ["", PLAIN_HTTP], ids=["secure", "plain http"])
def test_copying_copies_and_says_so(setting: str, dashboard: Dashboard):
    page = dashboard.page(permissions=["clipboard-read", "clipboard-write"] if not setting else [])
    page.add_init_script(setting)
    walk.open_my_api_keys(page)
    key = walk.create(page, "For the clipboard")
    dialog = page.get_by_role("dialog")

    dialog.get_by_role("button", name="Copy API Key Secret").click()

    expect(dialog.get_by_text("Copied", exact=True)).to_be_visible()
    pasted = page.evaluate_handle(f"() => ({{text: {PASTE}}})")
    page.keyboard.press("Control+V")
    assert pasted.evaluate("(each) => each.text") == key.secret


def test_where_copying_fails_the_text_is_selected_for_the_keyboard(dashboard: Dashboard):
    page = dashboard.page()
    page.add_init_script(NO_COPYING)
    walk.open_my_api_keys(page)
    key = walk.create(page, "Stubborn")
    dialog = page.get_by_role("dialog")

    dialog.get_by_role("button", name="Copy API Key Secret").click()

    expect(dialog.get_by_text("Press Ctrl+C or ⌘C to copy")).to_be_visible()
    assert dialog.get_by_text("Copied", exact=True).count() == 0
    assert page.evaluate("getSelection().toString()") == key.secret


def test_a_form_is_sent_once_however_often_it_is_pressed(page: Page):
    """K17."""
    page.get_by_role("button", name="Create API Key").click()
    dialog = page.get_by_role("dialog", name="Create API Key")
    dialog.get_by_label("Name").fill("Pressed twice")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)

    dialog.get_by_role("button", name="Create", exact=True).dblclick()

    expect(page.get_by_role("dialog", name="API Key Created")).to_be_visible()
    assert len(sent) == 1


def test_a_dialog_whose_form_is_under_way_waits_for_the_answer(page: Page):
    """K17: the key would be made, and nobody would have seen its secret. The page under it stays where it is."""
    held: list[Route] = []
    page.set_viewport_size({"width": 800, "height": 220})
    page.route(
        re.compile("/create$"),
        lambda route: held.append(route) if route.request.method == "POST" else route.continue_(),
    )
    opener = page.get_by_role("button", name="Create API Key")
    opener.scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    opener.click()
    dialog = page.get_by_role("dialog", name="Create API Key")
    dialog.get_by_label("Name").fill("Slow")
    assert page.evaluate("scrollY") == place

    with page.expect_request("**/create"):
        dialog.get_by_role("button", name="Create", exact=True).click()
    page.keyboard.press("Escape")
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_visible()
    held[0].continue_()

    expect(page.get_by_role("dialog", name="API Key Created")).to_be_visible()


def test_a_server_that_does_not_answer_is_said_and_tried_again(page: Page):
    page.route(re.compile("/create$"), lambda route: route.abort())
    page.get_by_role("button", name="Create API Key").click()
    expect(page.get_by_role("alert")).to_have_text("The server did not answer. Check the connection, then try again.")
    page.unroute(re.compile("/create$"))
    page.get_by_role("button", name="Create API Key").click()
    expect(page.get_by_text("The server did not answer.")).to_have_count(0)
    dialog = page.get_by_role("dialog", name="Create API Key")
    dialog.get_by_label("Name").fill("Second try")
    lost = re.compile("/create$")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(lost, lose_the_answer)
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(dialog.get_by_text("The server did not answer.")).to_be_visible()
    page.unroute(lost)
    dialog.get_by_role("button", name="Create", exact=True).click()

    expect(page.get_by_role("dialog").get_by_text("This form has created its key already")).to_be_visible()
    page.get_by_role("button", name="Revoke it and create another").click()
    expect(page.get_by_role("dialog", name="API Key Created")).to_be_visible()


def test_renaming_changes_the_row_in_place(page: Page):
    with walk.quiet(page):
        walk.create(page, "Old name")
        walk.have_saved(page)
        walk.open_row_menu(page, "Old name")
        page.get_by_role("link", name="Edit name").click()
        dialog = page.get_by_role("dialog", name="Edit name")
        expect(dialog.get_by_label("Name")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Row actions: Old name")).to_be_focused()
        walk.open_row_menu(page, "Old name")
        page.get_by_role("link", name="Edit name").click()
        dialog.get_by_label("Name").fill("New name")
        dialog.get_by_role("button", name="Save").click()

        expect(page.get_by_role("row").filter(has_text="New name")).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_text("The API key has its new name.")).to_be_visible()
        expect(page.get_by_role("button", name="Row actions: New name")).to_be_focused()
        page.get_by_role("link", name="Expires").press("Enter")
        expect(page.get_by_role("columnheader", name="Expires")).to_have_attribute("aria-sort", "ascending")
        expect(page.get_by_role("link", name="Expires")).to_be_focused()


def test_search_and_status_narrow_the_list_as_one_types(page: Page):
    with walk.quiet(page):
        for name in ("Findable", "Other one"):
            walk.create(page, name)
            walk.have_saved(page)
        page.get_by_label("Search").fill("findab")

        expect(page.get_by_role("row").filter(has_text="Other one")).to_have_count(0)
        expect(page.get_by_role("row").filter(has_text="Findable")).to_be_visible()
        expect(page.get_by_role("search").get_by_role("status")).to_have_text("1 API key")
        walk.revoke(page, "Findable")
        expect(page.get_by_role("heading", name="No API key matches")).to_be_visible()
        page.get_by_label("Status").select_option("Revoked")
        expect(page.get_by_role("row").filter(has_text="Findable")).to_contain_text("Revoked")
        page.reload()
        expect(page.get_by_role("row").filter(has_text="Findable")).to_contain_text("Revoked")


def test_a_sign_in_that_has_ended_leads_back_to_the_sign_in(page: Page):
    """W10."""
    page.context.clear_cookies()

    page.get_by_role("button", name="Create API Key").click()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_out_by_the_members_menu(page: Page):
    """L6: Back shows nothing of the project."""
    page.get_by_role("button", name="Your menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    page.go_back()

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_markup_in_a_name_does_nothing(page: Page):
    """W8: htmx too leaves it alone."""
    name = "<img src=x onerror=alert(1)><a hx-get=/sign-out hx-trigger=load>x</a>"
    opened: list[str] = []
    page.on("dialog", lambda dialog: opened.append(dialog.message))

    with walk.quiet(page):
        walk.create(page, name)
        walk.have_saved(page)
        expect(page.get_by_role("row").filter(has_text=name)).to_be_visible()

    assert opened == []


def test_no_page_is_wider_than_the_screen(dashboard: Dashboard):
    page = dashboard.page()
    walk.open_my_api_keys(page)
    key = walk.create(page, "M" * 100, expires="90 days")
    assert walk.too_wide(page, widths=WIDTHS) == []
    walk.have_saved(page)
    client = {"User-Agent": "a-client-of-some-length/1.2.3 (somewhere; on something)"}
    httpx.get(f"{dashboard.server.url}/api/auth/context", auth=(key.key_id, key.secret), headers=client)
    walk.shown_as_used(page, key)

    assert walk.too_wide(page, TABLE_FITS, WIDTHS) == []
    page.get_by_role("link", name="All API Keys").click()
    expect(page.get_by_role("row").filter(has_text=key.key_id)).to_contain_text("Owner: Alice (alice@example.com)")
    assert walk.too_wide(page, TABLE_FITS, WIDTHS) == []


def test_the_menus_strip_shows_where_one_is(dashboard: Dashboard):
    page = dashboard.page(viewport={"width": 360, "height": 800})
    walk.open_my_api_keys(page)

    expect(page.get_by_role("navigation", name="Project menu").get_by_text("My API Keys")).to_be_in_viewport(ratio=1)


def test_ready_commands_fit_a_phone_and_each_is_copied_whole(dashboard: Dashboard):
    a_file(downloads(dashboard.server.instance), "owox-1.0-py3-none-any.whl")
    a_file(downloads(dashboard.server.instance), "owox-api-client-1.0.tgz")
    narrow = {"width": 360, "height": 740}
    page = dashboard.page(viewport=narrow, permissions=["clipboard-read", "clipboard-write"])
    walk.open_my_api_keys(page)
    walk.create(page, "For a phone")
    dialog = page.get_by_role("dialog")

    for title in ("owox-ctl", "GitHub Actions", "GitLab CI", "Docker", "curl", "TypeScript", "Python"):
        dialog.locator("summary").get_by_text(title, exact=True).click()

    assert dialog.evaluate("(each) => each.scrollWidth - each.clientWidth") == 0
    assert walk.width(page) == narrow["width"]
    boxes = dialog.locator(".command-box")
    assert boxes.count() == 10
    for box in boxes.all():
        box.get_by_role("button").click()
        expect(box.get_by_text("Copied", exact=True)).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == box.locator("code").text_content()


def test_ready_commands_open_without_javascript(dashboard: Dashboard):
    a_file(downloads(dashboard.server.instance), "owox-1.0-py3-none-any.whl")
    page = dashboard.page(java_script_enabled=False)
    walk.open_my_api_keys(page)
    walk.create(page, "Plain")

    page.locator("summary").get_by_text("GitLab CI", exact=True).click()

    expect(page.get_by_text("image: python:3.13-slim")).to_be_visible()
    expect(page.get_by_role("button", name="Copy the job")).to_be_hidden()

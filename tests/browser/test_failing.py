"""Answers that fail or come twice: what was typed or shown stays, people are told where they look, and try again."""

import os
import re
import signal

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.browser.marts import choose, open_mart
from tests.browser.network import answer_by_proxy, hold, wait_for

NOT_OURS = "Something other than OWOX answered (502). Try again in a moment, or load the page again."
LIST = re.compile(r"/api-keys(\?.*)?$")
CREATE = re.compile(r"/create$")
FOREIGN = '</h1><a hx-get="/foreign" hx-trigger="load">x</a>'
PRESSED_WHEN_ANSWERED = """void document.addEventListener("htmx:finally:request", () => {
  setTimeout(() => document.querySelector("dialog [type=submit]").click());
}, {once: true})"""
PRESSED_AND_STOPPED = """void setTimeout(() => {
  navigation.addEventListener("navigateerror", () => console.log("stopped"));
  document.querySelector("form [type=submit]").click();
  setTimeout(() => stop(), 200);
})"""


@pytest.fixture
def page(dashboard: Dashboard) -> Page:
    """Alice at My API Keys."""
    page = dashboard.page()
    walk.open_my_api_keys(page)
    return page


def answer_not_found(route: Route) -> None:
    """What the server itself answers about a key that does not exist."""
    route.continue_(url=re.sub(r"/api-keys.*", "/api-keys/nonsense/revoke", route.request.url), method="GET")


def add_foreign(route: Route) -> None:
    """The page with an hx attribute that does not carry its nonce."""
    response = route.fetch()
    route.fulfill(response=response, body=response.text().replace("</h1>", FOREIGN, 1))


def test_what_a_proxy_answers_for_a_list_leaves_the_list_and_is_said_in_sight(page: Page):
    walk.create(page, "Still listed")
    walk.have_saved(page)
    expect(page.get_by_role("row").filter(has_text="Still listed")).to_be_visible()
    page.set_viewport_size({"width": 360, "height": 500})
    page.route(LIST, answer_by_proxy)

    page.get_by_label("Search").fill("still")

    expect(page.get_by_role("alert")).to_have_text(NOT_OURS)
    expect(page.get_by_role("row").filter(has_text="Still listed")).to_be_visible()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    page.unroute(LIST)
    page.get_by_label("Search").fill("still l")
    expect(page.get_by_role("search").get_by_role("status")).to_have_text("1 API key")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_a_proxy_answers_for_a_form_leaves_what_was_typed(page: Page):
    page.get_by_role("button", name="Create API Key").click()
    dialog = page.get_by_role("dialog", name="Create API Key")
    dialog.get_by_label("Name").fill("Typed once")
    page.route(CREATE, answer_by_proxy)
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_text(NOT_OURS)
    page.unroute(CREATE)

    dialog.get_by_role("button", name="Create", exact=True).click()

    expect(page.get_by_role("dialog", name="API Key Created")).to_contain_text("Typed once works from now on")


def test_an_error_about_a_form_opens_over_it(page: Page):
    page.get_by_role("button", name="Create API Key").click()
    dialog = page.get_by_role("dialog", name="Create API Key")
    dialog.get_by_label("Name").fill("Kept under an error")
    page.route(CREATE, answer_not_found)
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("dialog", name="There is nothing here")).to_be_visible()
    page.unroute(CREATE)

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(1)
    expect(dialog.get_by_label("Name")).to_have_value("Kept under an error")
    expect(dialog.get_by_role("button", name="Create", exact=True)).to_be_focused()


def test_an_error_about_the_list_takes_no_secret_away(page: Page):
    """K5, K17: the list is read again as soon as a key is made."""
    page.get_by_role("button", name="Create API Key").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Shown under an error")
    page.route(LIST, answer_not_found)
    page.get_by_role("dialog").get_by_role("button", name="Create", exact=True).click()

    told = page.get_by_role("dialog", name="There is nothing here")
    expect(told).to_be_visible()
    with page.expect_event("response"):
        page.evaluate("document.dispatchEvent(new Event('keys-changed'))")
    page.wait_for_timeout(300)
    expect(told).to_have_count(1)
    told.get_by_role("button", name="Close").click()

    assert walk.created(page).secret


def test_what_fails_behind_a_dialog_is_not_said_in_it(page: Page):
    page.get_by_role("button", name="Create API Key").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Made all the same")
    page.route(LIST, lambda route: route.abort())

    page.get_by_role("dialog").get_by_role("button", name="Create", exact=True).click()

    expect(page.locator("#flash")).to_contain_text("The server did not answer.")
    expect(page.get_by_role("dialog", name="API Key Created")).not_to_contain_text("The server did not answer.")


def test_a_button_that_is_clicked_twice_opens_one_dialog(page: Page):
    """The second answer would take away what was typed before it came."""
    held = hold(page, lambda url: CREATE.search(url) is not None)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if CREATE.search(request.url) else None)
    page.get_by_role("button", name="Create API Key").dblclick()
    wait_for(page, held).continue_()
    name = page.get_by_role("dialog", name="Create API Key").get_by_label("Name")

    name.fill("Typed at once")
    page.wait_for_timeout(500)

    expect(name).to_have_value("Typed at once")
    assert len(asked) == 1


def test_of_two_dialogs_that_are_asked_for_the_last_one_opens_and_stays(page: Page):
    """Else the one that comes late takes the place of the one under the hand, and another key is revoked."""
    keys = {name: walk.create(page, name) and walk.have_saved(page) for name in ("Asked first", "Asked last")}
    held = hold(page, lambda url: url.endswith("/revoke"))
    first, last = keys
    for name in (first, last):
        walk.open_row_menu(page, name)
        page.get_by_role("link", name="Revoke").click()
        wait_for(page, held)
    dialog = page.get_by_role("dialog", name="Revoke API Key")
    expect(dialog).to_contain_text(f"Revoke {last}?")
    held[0].continue_()
    page.wait_for_timeout(500)

    dialog.get_by_role("button", name="Revoke").click()

    expect(page.get_by_role("row").filter(has_text=last)).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text=first)).to_be_visible()


def test_leaving_while_a_secret_is_shown_is_asked_about(page: Page):
    """K5: it is shown this once."""
    asked: list[str] = []
    page.on("dialog", lambda question: (asked.append(question.type), question.dismiss()))
    key = walk.create(page, "Nearly lost")
    page.get_by_role("dialog").get_by_role("button", name="Copy API Key ID").click()

    page.evaluate("void setTimeout(() => location.reload())")
    page.wait_for_timeout(500)

    assert walk.created(page) == key
    walk.have_saved(page)
    page.reload()
    assert asked == ["beforeunload"]


def test_a_form_whose_answer_leads_to_another_page_is_not_sent_again_on_the_way(dashboard: Dashboard):
    page = dashboard.page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Create data mart").click()
    dialog = page.get_by_role("dialog", name="Create data mart")
    dialog.get_by_label("Title").fill("Pressed on the way")
    page.evaluate(PRESSED_WHEN_ANSWERED)

    dialog.get_by_role("button", name="Create", exact=True).click()

    walk.arrive(page, "Pressed on the way")
    assert len(sent) == 1


def test_nothing_acts_before_the_check_of_its_nonce_is_there(page: Page):
    """W8: htmx begins when all scripts are loaded, however late the last."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/foreign") else None)
    held = hold(page, lambda url: "hx-csp" in url)
    page.route(LIST, add_foreign)
    page.goto(page.url, wait_until="commit")
    late = wait_for(page, held)
    page.wait_for_timeout(500)

    late.continue_()

    walk.arrive(page, "My API Keys")
    page.wait_for_timeout(500)
    assert asked == []


def test_a_sign_in_that_was_stopped_is_sent_again(dashboard: Dashboard):
    page = dashboard.new_context().new_page()
    page.goto(dashboard.server.url)
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password").fill(walk.PASSWORD)
    os.kill(dashboard.server.pid, signal.SIGSTOP)
    with page.expect_console_message():
        page.evaluate(PRESSED_AND_STOPPED)
    os.kill(dashboard.server.pid, signal.SIGCONT)

    page.get_by_role("button", name="Sign in").click()

    walk.arrive(page, "Data marts")


def test_a_sign_in_that_ended_meanwhile_costs_no_long_text(dashboard: Dashboard):
    """W10: it is there again after the next one, once, wherever its form is."""
    page, back = dashboard.page(), "What you typed before you signed in again is back. It is not saved yet."
    with walk.quiet(page):
        open_mart(page, "Returns to review")
        page.get_by_role("link", name="Edit definition").click()
        page.get_by_label("SQL", exact=True).fill("SELECT 1 AS long\n-- and more")
        page.get_by_text("View", exact=True).click()
        page.get_by_label("Name of the table or view").fill("main.nowhere")
        sign_in_again(page, dashboard, "Check and save")

        expect(page.get_by_text(back)).to_be_visible()
        expect(page.get_by_label("View", exact=True)).to_be_checked()
        expect(page.get_by_label("Name of the table or view")).to_have_value("main.nowhere")
        expect(page.get_by_label("SQL", exact=True)).to_have_value("SELECT 1 AS long\n-- and more")
        page.reload()
        expect(page.get_by_text(back)).to_have_count(0)

        open_mart(page, "Returns to review")
        choose(page, "Edit title and description", script=True)
        page.get_by_role("textbox", name="Description").fill("Long")
        sign_in_again(page, dashboard, "Save")
        choose(page, "Edit title and description", script=True)

        expect(page.get_by_role("dialog").get_by_text(back)).to_be_visible()
        expect(page.get_by_role("textbox", name="Description")).to_have_value("Long")


def sign_in_again(page: Page, dashboard: Dashboard, button: str) -> None:
    """Press a button when the sign-in has ended, and sign in."""
    page.context.clear_cookies()
    page.get_by_role("button", name=button, exact=True).click()
    walk.arrive(page, "Sign in")
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password").fill(walk.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Project menu")).to_be_visible()
    page.wait_for_load_state("load")

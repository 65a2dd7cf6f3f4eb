"""Answers that come late or out of turn: what was asked for last is what the page shows."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.browser.marts import open_mart
from tests.browser.network import hold, wait_for


@pytest.fixture
def page(dashboard: Dashboard) -> Page:
    """Alice at My API Keys."""
    page = dashboard.page()
    walk.open_my_api_keys(page)
    return page


def is_list(url: str) -> bool:
    """Of the list of keys, asked for without words."""
    return re.search(r"/api-keys(\?(q=&.*)?)?$", url) is not None


def test_a_search_begun_while_the_list_is_read_again_is_answered(page: Page):
    with walk.quiet(page):
        walk.create(page, "Begun")
        walk.have_saved(page)
        again = hold(page, is_list)
        walk.create(page, "Other one")
        walk.have_saved(page)
        searched = hold(page, lambda url: "q=begun" in url)
        page.get_by_label("Search").fill("begun")
        answer = wait_for(page, searched)
        wait_for(page, again).continue_()
        page.wait_for_timeout(300)
        answer.continue_()

        expect(page.get_by_role("search").get_by_role("status")).to_have_text("1 API key")
        expect(page.get_by_role("row").filter(has_text="Other one")).to_have_count(0)


def test_an_order_chosen_before_a_search_is_answered_keeps_what_is_searched(page: Page):
    with walk.quiet(page):
        for name in ("Ordered", "Unordered", "Something else"):
            walk.create(page, name)
            walk.have_saved(page)
        searched = hold(page, lambda url: "q=ordered" in url)
        page.get_by_label("Search").fill("ordered")
        wait_for(page, searched)
        page.get_by_role("link", name="Name").click()

        expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
        expect(page.get_by_role("search").get_by_role("status")).to_have_text("2 API keys")
        expect(page).to_have_url(re.compile(r"/api-keys\?q=ordered&sort=name$"))
        expect(page.get_by_label("Search")).to_have_value("ordered")


def test_an_answer_finds_its_place_in_a_page_that_came_anew(dashboard: Dashboard):
    page = dashboard.page()
    with walk.quiet(page):
        open_mart(page, "Customers")
        held = hold(page, lambda url: url.endswith("/runs"))
        page.get_by_role("link", name="Read the runs again").click()
        answer = wait_for(page, held)
        page.evaluate("document.querySelector('#runs').dataset.old = 'yes'")
        page.evaluate("document.dispatchEvent(new Event('mart-changed'))")
        expect(page.locator("#runs:not([data-old])")).to_be_visible()
        page.evaluate("document.querySelector('#runs').dataset.old = 'yes'")
        answer.continue_()

        expect(page.locator("#runs:not([data-old])")).to_be_visible()


def test_a_menu_stays_open_while_its_row_comes_anew(page: Page):
    with walk.quiet(page):
        walk.create(page, "With a menu")
        walk.have_saved(page)
        again = hold(page, is_list)
        walk.create(page, "Without")
        walk.have_saved(page)
        walk.open_row_menu(page, "With a menu")
        page.evaluate("document.querySelector('#api-keys').dataset.old = 'yes'")
        wait_for(page, again).continue_()
        expect(page.locator("#api-keys:not([data-old])")).to_be_visible()

        page.get_by_role("link", name="Edit name").click()

        expect(page.get_by_role("dialog").get_by_label("Name")).to_have_value("With a menu")


def test_a_list_that_is_searched_shows_that_it_is_not_the_answer_yet(page: Page):
    walk.create(page, "Dimmed")
    walk.have_saved(page)
    searched = hold(page, lambda url: "q=dimmed" in url)
    page.get_by_label("Search").fill("dimmed")
    answer = wait_for(page, searched)
    expect(page.locator(".list")).to_have_css("opacity", "0.6")

    answer.continue_()

    expect(page.locator(".list")).to_have_css("opacity", "1")

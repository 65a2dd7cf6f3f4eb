"""Rotating a key as people do it: both keys work in the overlap, and the old one not a second after."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import time_machine
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.browser.test_secret import gone
from tests.cast import Stage
from tests.infra.in_process import served

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
FOCUSED = "document.activeElement.textContent.trim()"


def status_of(origin: str, key: walk.Shown) -> int:
    """What a call with a key is answered."""
    return httpx.get(f"{origin}/api/auth/context", auth=(key.key_id, key.secret)).status_code


def signed_in(stage: Stage, context: BrowserContext, origin: str) -> Page:
    """Alice at My API Keys of the app that is served there."""
    cookie = stage.visitor("alice").get_cookie("owox_sign_in")
    assert cookie is not None
    context.add_cookies([{"name": "owox_sign_in", "value": cookie.value, "url": origin}])
    page = context.new_page()
    page.goto(f"{origin}/projects/{stage.cast.project_id}/settings/api-keys")
    return page


@pytest.fixture
def page(dashboard: Dashboard) -> Page:
    """Alice at My API Keys."""
    page = dashboard.page()
    walk.open_my_api_keys(page)
    return page


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_old_key_works_in_the_overlap_and_not_a_second_after(
    scripted: bool, stage: Stage, browser_context: Callable[..., BrowserContext]
):
    """K8, K12: the clock is moved, not waited for."""
    moment = datetime.now(UTC).replace(microsecond=0)
    context = browser_context(java_script_enabled=scripted)
    with served(stage.app) as origin:
        with time_machine.travel(moment, tick=False):
            page = signed_in(stage, context, origin)
            with walk.quiet(page):
                old = walk.create(page, "Nightly job", expires="90 days")
                walk.have_saved(page)
                new = walk.rotate(page, "Nightly job", "1 hour")
                expect(page.get_by_role("dialog")).to_contain_text(f"{old.key_id}, which goes on working until")
                expect(page.get_by_role("dialog")).to_contain_text(f"{moment + HOUR:%H:%M:%S} UTC")
                walk.have_saved(page)
                expect(page.get_by_role("row").filter(has_text="Replaced by")).to_contain_text(old.key_id)

        answers = []
        for at in (moment, moment + HOUR - SECOND, moment + HOUR, moment + 24 * HOUR):
            with time_machine.travel(at, tick=False):
                answers.append((status_of(origin, old), status_of(origin, new)))

        with time_machine.travel(moment + HOUR, tick=False):
            page = signed_in(stage, context, origin)
            expect(page.get_by_text(old.key_id)).to_have_count(0)
            page.goto(f"{page.url}?status=replaced")
            expect(page.get_by_role("row").filter(has_text=old.key_id)).to_contain_text("Replaced")
    assert answers == [(200, 200), (200, 200), (401, 200), (401, 200)]


def test_a_double_click_makes_one_successor_and_nothing_brings_its_secret_back(page: Page):
    """K5, K17, W5."""
    with walk.quiet(page):
        old = walk.create(page, "Twice")
        walk.have_saved(page)
        walk.open_row_menu(page, "Twice")
        page.get_by_role("link", name="Rotate").click()
        dialog = page.get_by_role("dialog", name="Rotate API Key")
        dialog.get_by_label("Keep the old key working").get_by_label("24 hours").check()
        dialog.get_by_role("button", name="Rotate", exact=True).dblclick()
        new = walk.created(page)
        walk.have_saved(page)

        expect(page.get_by_role("row").filter(has_text="Twice")).to_have_count(2)
        for step in (page.reload, page.go_back, page.go_forward):
            step()
            assert gone(page, new)
    assert new.key_id != old.key_id


@pytest.mark.parametrize("way", ["reload", "away and back"])
def test_leaving_the_new_secret_open_takes_it_away(way: str, page: Page):
    """K5, W5."""
    walk.create(page, f"Left by {way}")
    walk.have_saved(page)
    new = walk.rotate(page, f"Left by {way}", "1 hour")

    if way == "reload":
        page.reload()
    else:
        page.goto("about:blank")
        page.go_back()

    assert gone(page, new)
    expect(page.get_by_role("row").filter(has_text=new.key_id).first).to_be_visible()


def test_without_javascript_reload_names_the_new_key(dashboard: Dashboard):
    """K17."""
    page = dashboard.page(java_script_enabled=False)
    walk.open_my_api_keys(page)
    walk.create(page, "Reloaded after rotating")
    walk.have_saved(page)
    new = walk.rotate(page, "Reloaded after rotating", "No, end it now")

    page.reload()

    expect(page.get_by_text("This form has created its key already")).to_be_visible()
    expect(page.get_by_text(new.key_id)).to_be_visible()
    assert not walk.SECRET.search(page.content())


def press_on(page: Page, text: str) -> None:
    """Tab to the element with this text, and press Enter."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == text:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not lead to {text!r}")


def open_by_keyboard(page: Page, name: str, act: str) -> None:
    """The row actions menu and one of its lines, without a mouse."""
    page.get_by_role("row").filter(has_text=name).get_by_role("button", name="Row actions").focus()
    page.keyboard.press("Enter")
    press_on(page, act)


def test_the_keyboard_alone_edits_the_expiry(page: Page):
    with walk.quiet(page):
        walk.create(page, "Edited by keyboard", expires="30 days")
        walk.have_saved(page)
        open_by_keyboard(page, "Edited by keyboard", "Edit expiry")
        expect(page.get_by_role("dialog", name="Edit expiry").get_by_label("As it is")).to_be_focused()
        page.keyboard.press("ArrowRight")
        press_on(page, "Save")

        expect(page.get_by_text("The expiry of the API key is saved.")).to_be_visible()
        row = page.get_by_role("row").filter(has_text="Edited by keyboard")
        expect(row.get_by_role("cell").nth(1)).to_have_text("Never")


def test_the_keyboard_alone_rotates(page: Page):
    with walk.quiet(page):
        walk.create(page, "Rotated by keyboard")
        walk.have_saved(page)
        open_by_keyboard(page, "Rotated by keyboard", "Rotate")
        dialog = page.get_by_role("dialog", name="Rotate API Key")
        expect(dialog.get_by_label("Never")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowRight")
        expect(dialog.get_by_label("1 hour")).to_be_checked()
        press_on(page, "Rotate")
        new = walk.created(page)
        press_on(page, "I have saved the secret")

        expect(page.get_by_role("row").filter(has_text="Replaced by").filter(has_text=new.key_id)).to_be_visible()


def test_no_dialog_is_wider_than_the_screen(dashboard: Dashboard):
    page, name = dashboard.page(), "M" * 90
    walk.open_my_api_keys(page)
    walk.create(page, name, expires="90 days")
    walk.have_saved(page)
    for act in ("Edit expiry", "Rotate"):
        walk.open_row_menu(page, name)
        page.get_by_role("link", name=act).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert walk.too_wide(page) == []
        page.keyboard.press("Escape")
    walk.rotate(page, name, "7 days")

    assert walk.too_wide(page) == []
    walk.have_saved(page)
    assert walk.too_wide(page) == []

"""Suspending a key and resuming it, as people do it: with JavaScript in place, without it page by page."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard


def do(page: Page, name: str, act: str) -> None:
    """Row actions menu, the act, and yes."""
    walk.open_row_menu(page, name)
    page.get_by_role("link", name=act).click()
    page.get_by_role("dialog", name=f"{act} API Key").get_by_role("button", name=act).click()


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_key_is_suspended_and_resumed(scripted: bool, dashboard: Dashboard):
    """K10."""
    page, name = dashboard.page(java_script_enabled=scripted), f"Paused {'in place' if scripted else 'by page'}"
    walk.open_my_api_keys(page)
    with walk.quiet(page):
        key = walk.create(page, name)
        walk.have_saved(page)
        seen = [status_of(dashboard, key)]

        do(page, name, "Suspend")
        expect(page.get_by_text("It is refused until you resume it.")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text=name)).to_have_count(0)
        seen.append(status_of(dashboard, key))

        page.goto(f"{page.url.partition('?')[0]}?status=suspended")
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("Suspended")
        do(page, name, "Resume")
        expect(page.get_by_text("The API key is accepted again.")).to_be_visible()
        seen.append(status_of(dashboard, key))
    assert seen == [200, 401, 200]


def status_of(dashboard: Dashboard, key: walk.Shown) -> int:
    """What a call with a key is answered."""
    return httpx.get(f"{dashboard.server.url}/api/auth/context", auth=(key.key_id, key.secret)).status_code

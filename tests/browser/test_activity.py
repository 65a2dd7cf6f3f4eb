"""Activity as people see it on a screen."""

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.browser.test_storages import create_storage, open_section


def test_a_long_title_leaves_the_other_columns_their_room(dashboard: Dashboard):
    page = dashboard.page()
    create_storage(page, "W" * 255, "long.duckdb")

    open_section(page, "Activity")

    lines = page.locator("#activity td:first-child time").first.evaluate("each => each.getClientRects().length")
    assert (lines, walk.too_wide(page)) == (1, [])

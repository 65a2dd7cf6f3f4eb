"""The password that is asked for again, as people see it on a screen."""

import sqlite3
from contextlib import closing

from tests.browser import walk
from tests.browser.conftest import Dashboard


def test_its_field_stands_apart_from_the_one_above(dashboard: Dashboard):
    page = dashboard.page()
    with closing(sqlite3.connect(dashboard.server.instance / "owox.db")) as database, database:
        database.execute("UPDATE sign_in SET created_at = created_at - 3600000, proven_at = NULL")
    walk.open_my_api_keys(page)
    page.get_by_role("button", name="Create API Key").click()

    above, label = page.locator("#expires-hint").bounding_box(), page.get_by_text("Your password").bounding_box()

    assert above
    assert label
    assert label["y"] - above["y"] - above["height"] > 12

"""An admin says what the project is about, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Dashboard
from tests.browser.walk import quiet

LINES = "What the shop sells.\nУсе для чаю 🫖 <b>&amp;"


@pytest.mark.parametrize("java_script", [True, False], ids=["htmx", "plain"])
def test_a_description_is_saved_and_a_refused_one_stays(java_script: bool, dashboard: Dashboard):
    """W3, W8: in place with htmx, by a reload without."""
    page = dashboard.page(java_script_enabled=java_script)
    page.get_by_role("link", name="Project settings").first.click()
    field = page.get_by_label("Description")
    save = page.get_by_role("button", name="Save the description")

    with quiet(page):
        field.fill("x" * 10_001)
        save.click()
        expect(page.get_by_text("Use at most 10000 characters")).to_be_visible()
        expect(field).to_have_value("x" * 10_001)
        expect(field).to_have_attribute("aria-invalid", "true")
        field.fill(LINES)
        save.click()
        expect(page.get_by_text("The description is saved.")).to_be_visible()
        page.reload()
        expect(field).to_have_value(LINES)
        field.fill("")
        save.click()
        expect(page.get_by_text("The project has no description now.")).to_be_visible()
        expect(field).to_have_value("")

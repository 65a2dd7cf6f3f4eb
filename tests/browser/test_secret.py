"""The secret is shown once: nothing that a browser can do brings it back."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.live.machine import dockers_env_file

STORED = "JSON.stringify([history.state, {...localStorage}, {...sessionStorage}, location.href, document.cookie])"


@pytest.fixture
def page(dashboard: Dashboard) -> Page:
    """Alice at My API Keys."""
    page = dashboard.page()
    walk.open_my_api_keys(page)
    return page


def gone(page: Page, key: walk.Shown) -> bool:
    """Whether neither the page nor anything kept beside it holds the secret."""
    texts = (page.content(), page.evaluate(STORED))
    return all(part not in text for text in texts for part in (key.secret, key.combined))


def test_the_secret_is_masked_until_it_is_asked_for(page: Page):
    key = walk.create(page, "Masked")
    secret = page.get_by_role("textbox", name="API Key Secret")

    expect(secret).to_have_class("masked")
    page.get_by_role("button", name="Show API Key Secret").click()
    expect(secret).not_to_have_class("masked")
    page.get_by_role("button", name="Hide API Key Secret").click()

    expect(secret).to_have_class("masked")
    assert walk.SECRET.fullmatch(key.secret)


def test_only_its_button_closes_the_created_dialog(page: Page):
    walk.create(page, "Stubborn")
    dialog = page.get_by_role("dialog", name="API Key Created")

    for _ in range(3):
        page.keyboard.press("Escape")
    page.mouse.click(5, 5)

    expect(dialog).to_be_visible()
    walk.have_saved(page)


def test_after_closing_it_is_nowhere(page: Page):
    """K5, W5: not in the page, its history, its storage or its address; not after Back or reload."""
    with walk.quiet(page):
        key = walk.create(page, "Once")
        walk.have_saved(page)
        assert gone(page, key)

        page.reload()
        assert gone(page, key)
        page.go_back()
        assert gone(page, key)
        page.go_forward()
        assert gone(page, key)


@pytest.mark.parametrize("way", ["reload", "away and back", "duplicate", "sign out and back"])
def test_leaving_without_closing_takes_it_away(way: str, page: Page):
    """K5, W5."""
    key = walk.create(page, "Left open")

    if way == "reload":
        page.reload()
    elif way == "away and back":
        page.goto("about:blank")
        page.go_back()
    elif way == "duplicate":
        page, first = page.context.new_page(), page
        page.goto(first.url)
    else:
        page.context.clear_cookies()
        page.reload()
        page.go_back()

    assert gone(page, key)
    expect(page.get_by_role("dialog", name="API Key Created")).to_have_count(0)


def test_a_page_that_comes_back_from_the_cache_shows_nothing(page: Page):
    """W5: what a browser does with a page that it kept alive."""
    key = walk.create(page, "Kept alive")

    # A list that is read anew writes its address, which would count as navigation.
    with page.expect_event("load"):
        page.evaluate(
            """dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}));
               dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"""
        )

    assert gone(page, key)
    expect(page.get_by_role("heading", name="My API Keys")).to_be_visible()


def test_without_javascript_reload_says_that_the_key_was_made(dashboard: Dashboard):
    """K17: and replaces it in one click."""
    page = dashboard.page(java_script_enabled=False)
    walk.open_my_api_keys(page)
    key = walk.create(page, "Reloaded")

    page.reload()

    expect(page.get_by_text("This form has created its key already")).to_be_visible()
    expect(page.get_by_text(key.key_id)).to_be_visible()
    assert not walk.SECRET.search(page.content())
    page.get_by_role("button", name="Revoke it and create another").click()
    secret = page.get_by_role("textbox", name="API Key Secret").input_value()
    assert walk.SECRET.fullmatch(secret)
    assert secret != key.secret


def test_the_env_file_holds_what_the_client_reads(page: Page, dashboard: Dashboard, downloads: Path):
    key = walk.create(page, "Downloaded")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download .env").click()
    download.value.save_as(downloads / "owox-api-key.env")

    assert download.value.suggested_filename == "owox-api-key.env"
    assert list(dockers_env_file((downloads / "owox-api-key.env").read_text())) == [
        "OWOX_API_ORIGIN", "OWOX_API_KEY_ID", "OWOX_API_KEY_SECRET",
    ]  # fmt: skip
    assert (downloads / "owox-api-key.env").read_text().splitlines() == [
        f"OWOX_API_ORIGIN={dashboard.server.url}",
        f"OWOX_API_KEY_ID={key.key_id}",
        f"OWOX_API_KEY_SECRET={key.secret}",
    ]


@pytest.mark.parametrize("form", ["secret", "combined"])
def test_a_secret_that_is_pasted_into_the_search_gets_into_no_address(form: str, page: Page):
    """U4: it is asked for where it is in no address, leads to its key, and to the end of it."""
    asked: list[str] = []
    with walk.quiet(page):
        key = walk.create(page, f"Leaked {form}")
        walk.have_saved(page)
        page.on("request", lambda request: asked.append(request.url))
        page.get_by_role("searchbox", name="Search").fill(getattr(key, form))
        find = page.get_by_role("textbox", name="API Key Secret or combined value")
        find.fill(getattr(key, form))
        page.get_by_role("button", name="Find the key").click()
        expect(page.get_by_role("rowheader")).to_have_count(1)
        expect(page.get_by_role("row").filter(has_text=f"Leaked {form}")).to_contain_text("Active")
        walk.revoke(page, f"Leaked {form}")

    assert any("/find-api-key" in url for url in asked)
    assert not any("owox_" in url for url in asked)


def test_nor_by_an_order_that_is_chosen_before_the_search_is_asked_for(page: Page):
    """U4: what is typed goes along with it."""
    asked: list[str] = []
    key = walk.create(page, "Leaked and sorted")
    walk.have_saved(page)
    page.on("request", lambda request: asked.append(request.url))

    # At once: a search waits a moment for more to be typed.
    page.get_by_role("searchbox", name="Search").evaluate(
        "(field, typed) => { field.value = typed; document.getElementById('sort-name').click(); }", key.secret
    )

    expect(page.get_by_role("textbox", name="API Key Secret or combined value")).to_be_visible()
    assert not any("owox_" in url for url in asked)


def test_a_key_is_found_by_its_secret_in_a_dialog(page: Page):
    """What was wrong is said at the field, which is empty again."""
    key = walk.create(page, "Somewhere")
    walk.have_saved(page)
    page.get_by_role("link", name="Find a key by its secret").click()
    dialog = page.get_by_role("dialog", name="Find a key by its secret")
    field = dialog.get_by_role("textbox")

    field.fill("my key")
    dialog.get_by_role("button", name="Find the key").click()
    expect(dialog).to_contain_text("Paste what begins with owox_sec_ or owox_key_.")
    assert walk.too_wide(page) == []
    expect(field).to_have_value("")
    field.fill(key.secret)
    dialog.get_by_role("button", name="Find the key").click()

    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_role("rowheader")).to_contain_text("Somewhere")

"""An admin and a newcomer, each in a browser of their own: invited, at work with a key, removed, added again."""

import secrets
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.infra.server import Server

PASSWORD = secrets.token_urlsafe(24)


def open_members(page: Page) -> None:
    """Project menu, Members."""
    page.get_by_role("navigation", name="Project menu").get_by_role("link", name="Members").click()
    walk.arrive(page, "Members")


def invite(page: Page, email: str, role: str = "Business User") -> str:
    """Invite somebody; return the link that is shown."""
    page.get_by_role("button", name="Invite a member").click()
    dialog = page.get_by_role("dialog", name="Invite a member")
    dialog.get_by_label("Email").fill(email)
    dialog.get_by_label(role).check(force=True)
    dialog.get_by_role("button", name="Make the link").click()
    link = page.get_by_role("textbox", name="Invitation link").input_value()
    page.get_by_role("button", name="I have copied the link").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    return link


def do_to(page: Page, email: str, act: str) -> None:
    """A member's row menu, the act, and yes."""
    page.get_by_role("row").filter(has_text=email).get_by_role("button", name="Row actions").click()
    page.get_by_role("link", name=act).click()
    page.get_by_role("dialog").get_by_role("button", name=act).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def sign_up(page: Page, link: str) -> None:
    """Open an invitation and make an account as Bob."""
    page.goto(link)
    page.get_by_label("Name").fill("Bob")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account and join").click()
    walk.arrive(page, "Data marts")


def come_back(page: Page, link: str, email: str) -> None:
    """Open an invitation and join with the account that there is."""
    page.goto(link)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Join as Bob").click()
    walk.arrive(page, "Data marts")


def status_of(server: Server, key: walk.Shown) -> int:
    """What a call with a key is answered."""
    return httpx.get(f"{server.url}/api/auth/context", auth=(key.key_id, key.secret)).status_code


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_member_comes_works_goes_and_comes_back_without_keys(
    script: bool, dashboard: Dashboard, browser_context: Callable[..., BrowserContext]
):
    """Z5, L6: the key is refused at once, the sign-in too, and neither comes back."""
    email = f"bob-{script}@example.com".lower()
    alice = dashboard.page(java_script_enabled=script)
    bob = browser_context(java_script_enabled=script).new_page()
    with walk.quiet(alice), walk.quiet(bob):
        open_members(alice)
        sign_up(bob, invite(alice, email))
        expect(bob.get_by_role("link", name="Members")).to_have_count(0)
        walk.open_my_api_keys(bob)
        key = walk.create(bob, "Nightly job")
        walk.have_saved(bob)
        assert status_of(dashboard.server, key) == 200

        alice.reload()
        remove(alice, email, script=script)
        assert status_of(dashboard.server, key) == 401
        bob.reload()
        expect(bob.get_by_role("heading", name="Sign in")).to_be_visible()

        come_back(bob, invite(alice, email), email)
        walk.open_my_api_keys(bob)
        expect(bob.get_by_text("You have no active API key")).to_be_visible()
    assert status_of(dashboard.server, key) == 401


def remove(page: Page, email: str, *, script: bool) -> None:
    """Remove a member; without JavaScript the menu is a native popover all the same."""
    do_to(page, email, "Remove")
    expect(page.get_by_text("The member is removed.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=email)).to_have_count(0)
    assert script or "done=removed" in page.url


def test_invitations_and_members_change_in_place(dashboard: Dashboard):
    """The list follows each dialog without a reload."""
    page = dashboard.page()
    with walk.quiet(page):
        open_members(page)
        link = invite(page, "vera@example.com")
        row = page.get_by_role("row").filter(has_text="vera@example.com")
        expect(row).to_contain_text("by Alice")
        page.get_by_role("link", name="Withdraw the invitation of vera@example.com").click()
        page.get_by_role("dialog", name="Withdraw invitation").get_by_role("button", name="Withdraw").click()
        expect(page.get_by_text("Its link no longer works.")).to_be_visible()
        expect(row).to_have_count(0)
        page.goto(link)
        expect(page.get_by_role("heading", name="This invitation is over")).to_be_visible()


def test_the_link_is_gone_after_back_and_reload(dashboard: Dashboard):
    """W5."""
    page = dashboard.page()
    open_members(page)
    link = invite(page, "dan@example.com")
    token = link.rpartition("/")[2]

    for step in (page.reload, page.go_back, page.go_forward):
        step()
        assert token not in page.content()


def test_the_account_ends_another_browsers_sign_in(dashboard: Dashboard):
    """L6, L9."""
    page, other = dashboard.page(), dashboard.page()
    with walk.quiet(page):
        page.get_by_role("button", name="Your menu").click()
        page.get_by_role("link", name="My account").click()
        expect(page.get_by_text("Chrome on Linux").first).to_be_visible()
        expect(page.get_by_text("This browser")).to_have_count(1)
        page.get_by_role("button", name="Sign out everywhere").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


def test_no_page_of_people_is_wider_than_the_screen(dashboard: Dashboard):
    page = dashboard.page()
    open_members(page)
    invite(page, f"{'m' * 60}@{'example.' * 20}com")
    assert walk.too_wide(page) == []

    page.get_by_role("button", name="Your menu").click()
    page.get_by_role("link", name="My account").click()
    walk.arrive(page, "My account")

    assert walk.too_wide(page) == []


def test_what_is_gone_goes_from_a_page_that_still_shows_it(dashboard: Dashboard):
    page = dashboard.page()
    open_members(page)
    invite(page, "late@example.com")
    stale = page.context.new_page()
    stale.goto(page.url)
    link = "Withdraw the invitation of late@example.com"
    expect(stale.get_by_role("link", name=link)).to_be_visible()
    page.get_by_role("link", name=link).click()
    page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("link", name=link)).to_have_count(0)

    stale.get_by_role("link", name=link).click()

    expect(stale.get_by_role("dialog", name="There is nothing here")).to_be_visible()
    expect(stale.locator("tr").filter(has_text="late@example.com")).to_have_count(0)

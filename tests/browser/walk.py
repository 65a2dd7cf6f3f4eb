"""What people do in the dashboard, as steps; each is told by the words on the screen."""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, expect

from tests.infra.server import Server

SECRET = re.compile(r"owox_sec_[0-9A-Za-z]{49}")
DIALOGS_FIT = "[...document.querySelectorAll('dialog')].every((each) => each.scrollWidth <= each.clientWidth)"
PASSWORD = secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Shown:
    """What the API Key Created dialog shows."""

    key_id: str
    secret: str = field(repr=False)
    combined: str = field(repr=False)


def arrive(page: Page, heading: str) -> None:
    """Be on the page with that heading, its scripts at work: what is pressed before is answered as without them."""
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    page.wait_for_load_state("load")


def set_up(page: Page, server: Server) -> None:
    """Open the link that the server printed and become alice, the first admin."""
    page.goto(server.setup_link)
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Name").fill("Alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the admin").click()
    arrive(page, "Data marts")


def sign_in(page: Page, server: Server) -> None:
    """Sign in as alice."""
    page.goto(server.url)
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    arrive(page, "Data marts")


def open_my_api_keys(page: Page) -> None:
    """Project menu, Project settings, My API Keys."""
    menu = page.get_by_role("navigation", name="Project menu")
    menu.get_by_role("link", name="Project settings").click()
    arrive(page, "Project settings")
    menu.get_by_role("link", name="My API Keys").click()
    arrive(page, "My API Keys")


def create(page: Page, name: str, expires: str = "") -> Shown:
    """Create a key; the API Key Created dialog is left open."""
    page.get_by_role("button", name="Create API Key").click()
    dialog = page.get_by_role("dialog", name="Create API Key")
    dialog.get_by_label("Name").fill(name)
    if expires:
        dialog.get_by_label("Expires (optional)").get_by_label(expires, exact=True).check()
    dialog.get_by_role("button", name="Create", exact=True).click()
    return created(page)


def rotate(page: Page, name: str, overlap: str) -> Shown:
    """Row actions menu, Rotate, how long the old key goes on, Rotate; the API Key Created dialog is left open."""
    open_row_menu(page, name)
    page.get_by_role("link", name="Rotate").click()
    dialog = page.get_by_role("dialog", name="Rotate API Key")
    dialog.get_by_label("Keep the old key working").get_by_label(overlap, exact=True).check()
    dialog.get_by_role("button", name="Rotate", exact=True).click()
    return created(page)


def created(page: Page) -> Shown:
    """What the API Key Created dialog shows."""
    dialog = page.get_by_role("dialog", name="API Key Created")
    values = [
        dialog.get_by_role("textbox", name=label).input_value()
        for label in ("API Key ID", "API Key Secret", "Combined value")
    ]
    return Shown(*values)


def have_saved(page: Page) -> None:
    """Close the API Key Created dialog, by the only button that does."""
    page.get_by_role("button", name="I have saved the secret").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    arrive(page, "My API Keys")


def shown_as_used(page: Page, key: Shown) -> None:
    """Load the list until the last use of a key, which is noted a little later, stands in its row."""
    for _ in range(50):
        if page.get_by_role("row").filter(has_text=key.key_id).get_by_text("127.0.0.1").count():
            return
        page.wait_for_timeout(100)
        page.reload()
    raise AssertionError("the list does not show the last use")


def open_row_menu(page: Page, name: str) -> None:
    """Open the row actions menu of a key."""
    row = page.get_by_role("row").filter(has_text=name)
    row.get_by_role("button", name="Row actions").click()


def revoke(page: Page, name: str) -> None:
    """Row actions menu, Revoke, Revoke."""
    open_row_menu(page, name)
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("dialog", name="Revoke API Key").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The API key is revoked.")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def width(page: Page) -> int:
    """How wide a page is, in CSS pixels, once it looks as it will: its rows can be there before its style sheets."""
    page.wait_for_load_state("load")
    measured: int = page.evaluate("document.documentElement.scrollWidth")
    return measured


def too_wide(page: Page, fits: str = DIALOGS_FIT, widths: Sequence[int] = (1280, 360)) -> list[int]:
    """Those widths of a screen at which the page is wider, or ``fits`` is false; it stays at the last, a phone's."""
    found = []
    for wide in widths:
        page.set_viewport_size({"width": wide, "height": 800})
        if width(page) > wide or not page.evaluate(fits):
            found.append(wide)
    return found


@contextmanager
def quiet(page: Page) -> Iterator[None]:
    """Nothing breaks the content security policy, fails in a script or is written as an error meanwhile."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The browser itself reports each answer of 400 and above; those are asserted where they are meant.
        if message.type in {"error", "warning"} and "the server responded with a status of" not in message.text:
            said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield
    page.remove_listener("console", note)
    assert said == []

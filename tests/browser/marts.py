"""What people do with data marts in the dashboard, as steps, and the terminal that they copy commands into."""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.infra.server import Server


def open_mart(page: Page, title: str) -> None:
    """From the list to a data mart."""
    page.get_by_role("navigation", name="Project menu").get_by_role("link", name="Data marts").click()
    page.get_by_role("link", name=title, exact=True).click()
    walk.arrive(page, title)


def create(page: Page, title: str, storage: str = "Shop database (DuckDB)") -> None:
    """Create a data mart over a storage."""
    page.get_by_role("button", name="Create data mart").click()
    form = page.get_by_role("dialog", name="Create data mart")
    form.get_by_label("Title").fill(title)
    form.get_by_label("Storage").select_option(storage)
    form.get_by_role("button", name="Create", exact=True).click()
    walk.arrive(page, title)


def save_definition(page: Page, sql: str) -> None:
    """Type SQL and send it."""
    page.get_by_label("SQL", exact=True).fill(sql)
    page.get_by_role("button", name="Check and save").click()


def choose(page: Page, act: str, *, script: bool) -> None:
    """An act of the data mart's menu; its dialog opens, or its page."""
    page.get_by_role("button", name="Actions of this data mart").click()
    page.get_by_role("link", name=act, exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert script == page.get_by_role("dialog").evaluate("(dialog) => dialog.matches(':modal')")


def show_rows(page: Page, *, script: bool) -> None:
    """Look at the preview: it comes by itself into view, or behind its link."""
    if script:
        # Unlike scrolling alone, this begins again when the page swaps the heading under it.
        page.get_by_role("heading", name="Preview").hover()
    else:
        page.get_by_role("link", name="Show the first 50 rows").click()
    expect(page.get_by_role("region", name="First rows")).to_be_visible()


def copied(page: Page, what: str) -> str:
    """Press a copy button, and paste."""
    group = page.locator("details").filter(has=page.locator("summary").get_by_text(what.split()[0], exact=True))
    if group.get_attribute("open") is None:
        group.locator("summary").click()
    page.get_by_role("button", name=f"Copy the {what}").click()
    expect(group.get_by_text("Copied", exact=True)).to_be_visible()
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


class Shell:
    """A terminal with the variables of a key, for commands copied from the page."""

    def __init__(self, server: Server, key: walk.Shown, folder: Path) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith("OWOX_")}
        named = {"OWOX_API_KEY_ID": key.key_id, "OWOX_API_KEY_SECRET": key.secret}
        paths = {"PATH": f"{Path(sys.executable).parent}:{own['PATH']}", "HOME": str(folder)}
        self.environ = own | named | paths | {"OWOX_API_ORIGIN": server.url, "XDG_CONFIG_HOME": str(folder)}
        self.folder, self.secret = folder, key.secret

    def run(self, *command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end, when this is typed."""
        return subprocess.run(
            command, env=self.environ, cwd=self.folder, input=f"{typed}\n", capture_output=True, text=True, timeout=60
        )

    def lines(self, *command: str, typed: str = "") -> list[str]:
        """What a command writes that ends well."""
        ended = self.run(*command, typed=typed)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.splitlines()

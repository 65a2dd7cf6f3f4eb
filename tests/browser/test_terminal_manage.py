"""A person who lets their terminal manage their keys, and signs it out in the dashboard."""

import json
import subprocess
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.browser.test_terminal import go_on, logging_in, of_a_user
from tests.ctl.conftest import COMMAND


def keys(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run ``owox-ctl keys``."""
    command = [COMMAND, "keys", *arguments]
    return subprocess.run(command, env=of_a_user(home), cwd=home, capture_output=True, text=True, check=False)


def test_a_key_made_at_the_terminal_is_in_the_list_and_signing_out_ends_it(dashboard: Dashboard, tmp_path: Path):
    """L6, W3: the page that says who asks has no field for a key."""
    page = dashboard.page()
    with logging_in(dashboard, tmp_path, "--manage") as login, walk.quiet(page):
        page.goto(f"{dashboard.server.url}/terminal")
        go_on(page, login.code, "A terminal asks to manage your API keys")
        expect(page.get_by_label("Name")).to_have_count(0)
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("it signs in by itself")).to_be_visible()
        code, _, complaint = login.end()
        made = keys(tmp_path, "create", "--name", "from the terminal", "--env-file", "x.env")
        page.get_by_role("link", name="My API Keys").click()
        expect(page.get_by_role("row").filter(has_text="from the terminal")).to_be_visible()
        page.goto(f"{dashboard.server.url}/account")
        terminal = page.get_by_role("listitem").filter(has_text="Terminal for API keys in")
        terminal.get_by_role("button").click()
        expect(terminal).to_have_count(0)

    late = keys(tmp_path, "list")
    assert code == 0, complaint
    assert made.returncode == 0, made.stderr
    assert (late.returncode, json.loads(late.stderr)["error"]["status"]) == (1, 401)

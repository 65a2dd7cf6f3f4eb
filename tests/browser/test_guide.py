"""The guide's page, word for word, by a newcomer; the key goes to the real client, and is refused after the revoke."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser import walk
from tests.infra.server import Server

CTL = Path(sys.executable).with_name("owox-ctl")


class Terminal:
    """A shell with the three variables of a key."""

    def __init__(self, server: Server, key: walk.Shown, home: Path) -> None:
        own = {name: value for name, value in os.environ.items() if not name.startswith("OWOX_")}
        key_variables = {
            "OWOX_API_ORIGIN": server.url,
            "OWOX_API_KEY_ID": key.key_id,
            "OWOX_API_KEY_SECRET": key.secret,
        }
        self.environ = own | key_variables | {"HOME": str(home), "XDG_CONFIG_HOME": str(home)}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run owox-ctl to its end."""
        return subprocess.run([CTL, *command], env=self.environ, capture_output=True, text=True, timeout=60)

    def marts(self) -> dict[str, str]:
        """The ids of the data marts, by title."""
        listed = self.run("data-marts", "list", "--format", "json")
        assert listed.returncode == 0, listed.stderr
        return {mart["title"]: mart["id"] for mart in json.loads(listed.stdout)}

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start owox-ctl and read its first line."""
        process = subprocess.Popen([CTL, *command], env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"{")
        return process


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_guides_steps_work_as_written(
    scripted: bool,
    database_url: str,
    server: Callable[..., Server],
    browser_context: Callable[..., BrowserContext],
    tmp_path: Path,
):
    """K10, W3: nine steps to a key, five to its end; the very next call is refused and the open stream is cut."""
    running = server("--demo", settings={"OWOX_DATABASE_URL": database_url})
    page = browser_context(java_script_enabled=scripted).new_page()

    with walk.quiet(page):
        walk.set_up(page, running)
        walk.open_my_api_keys(page)
        key = walk.create(page, "Nightly job", expires="90 days")
        assert key.secret in page.content()
        walk.have_saved(page)
        expect(page.get_by_role("row").filter(has_text="Nightly job")).to_contain_text("Active")
        assert not walk.SECRET.search(page.content())

        terminal = Terminal(running, key, tmp_path)
        marts = terminal.marts()
        assert len(terminal.run("data-marts", "stream", marts["Orders"], "--limit", "3").stdout.splitlines()) == 3
        stream = terminal.start("data-marts", "stream", marts["Page views"])

        walk.open_my_api_keys(page)
        walk.revoke(page, "Nightly job")

    refused = terminal.run("data-marts", "list")
    _, told = stream.communicate(timeout=60)
    assert refused.returncode == 1
    assert "401" in refused.stderr
    assert stream.returncode != 0, told

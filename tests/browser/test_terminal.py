"""A person with a terminal and a browser: the command asks, they approve on the page, the command has its key."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walk
from tests.browser.conftest import Dashboard
from tests.ctl.conftest import COMMAND

CODE = re.compile(r"Your code: ([B-Z]{4}-[B-Z]{4})\n")


class Login:
    """``owox-ctl auth login --web`` under way, and the code that it shows."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr is not None
        self._process = process
        shown = CODE.fullmatch(process.stderr.readline())
        assert shown, "the command shows no code"
        self.code = shown[1]
        self.link = process.stderr.readline().split()[1]

    def end(self) -> tuple[int, str, str]:
        """Its exit code, and what it said on both outputs."""
        said, complaint = self._process.communicate(timeout=60)
        return self._process.returncode, said, complaint


def of_a_user(home: Path) -> dict[str, str]:
    """The environment of somebody whose sign-ins are kept in a folder."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OWOX_")}
    return {**own, "HOME": str(home), "OWOX_CTL_CONFIG_PATH": str(home / "config.json")}


@contextmanager
def logging_in(dashboard: Dashboard, home: Path, *options: str) -> Iterator[Login]:
    """Start the command; it is ended with the block."""
    options = options or ("--name", "my laptop")
    command = [COMMAND, "auth", "login", "--web", dashboard.server.url, "--no-browser", *options]
    with subprocess.Popen(
        command, env=of_a_user(home), cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Login(process)
        finally:
            process.kill()


def go_on(page: Page, code: str, heading: str = "A terminal asks for an API key") -> None:
    """Type the code as it is read aloud, and go to the page that says who asks."""
    page.get_by_label("Code").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name=heading)).to_be_visible()


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_the_command_has_the_key_that_was_approved_on_the_page(scripted: bool, dashboard: Dashboard, tmp_path: Path):
    """W2, W3: and the page holds no secret at any moment."""
    page = dashboard.page(java_script_enabled=scripted)
    with logging_in(dashboard, tmp_path) as login, walk.quiet(page):
        page.goto(f"{dashboard.server.url}/terminal")
        go_on(page, login.code)
        expect(page.get_by_text(login.code)).to_be_visible()
        expect(page.get_by_text("owox-ctl 0")).to_be_visible()
        expect(page.get_by_label("Name")).to_have_value("my laptop")
        page.get_by_label("Name").fill(f"laptop {scripted}")
        page.get_by_label("Expires (optional)").get_by_label("30 days").check()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading", name=f"You approved {login.code}")).to_be_visible()
        code, said, complaint = login.end()
        on_page = page.content()
        page.get_by_role("link", name="My API Keys").click()
        row = page.get_by_role("row").filter(has_text=f"laptop {scripted}")
        expect(row).to_be_visible()

    stored = json.loads((tmp_path / "config.json").read_text())
    assert code == 0, complaint
    assert json.loads(said)["name"] == f"laptop {scripted}"
    assert json.loads(said)["expiresAt"]
    expect(row).to_contain_text(stored["apiKeyId"])
    assert walk.SECRET.fullmatch(stored["apiKeySecret"])
    assert not walk.SECRET.search(said + complaint + on_page)


@pytest.mark.parametrize("scripted", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_signed_out_one_signs_in_on_the_way_and_may_deny(scripted: bool, dashboard: Dashboard, tmp_path: Path):
    page = dashboard.new_context(java_script_enabled=scripted).new_page()
    with logging_in(dashboard, tmp_path) as login, walk.quiet(page):
        page.goto(login.link)
        page.get_by_label("Email").fill("alice@example.com")
        page.get_by_label("Password").fill(walk.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Code")).to_have_value(login.code)
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Deny").click()
        expect(page.get_by_role("heading", name=f"You denied {login.code}")).to_be_visible()
        code, said, complaint = login.end()

    assert (code, said) == (1, "")
    assert "The request was denied" in complaint
    assert not (tmp_path / "config.json").exists()


def test_the_keyboard_alone_approves(dashboard: Dashboard, tmp_path: Path):
    page = dashboard.page()
    with logging_in(dashboard, tmp_path) as login, walk.quiet(page):
        walk.open_my_api_keys(page)
        page.get_by_role("link", name="enter its code").press("Enter")
        expect(page.get_by_label("Code")).to_be_focused()
        page.keyboard.type(login.code)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="A terminal asks for an API key")).to_be_visible()
        page.get_by_label("Name").press("Enter")
        expect(page.get_by_role("heading", name=f"You approved {login.code}")).to_be_visible()

        assert login.end()[0] == 0


def test_no_page_of_it_is_wider_than_the_screen(dashboard: Dashboard, tmp_path: Path):
    page = dashboard.page()
    with logging_in(dashboard, tmp_path) as login:
        page.goto(login.link)
        page.get_by_label("Code").fill("BCDF" * 20)
        page.get_by_role("button", name="Continue").click()
        assert walk.too_wide(page) == []
        go_on(page, login.code)
        page.get_by_label("Name").fill("M" * 100)
        assert walk.too_wide(page) == []
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading", name="You approved")).to_be_visible()
        assert walk.too_wide(page) == []

"""The documentation page: its commands run as they stand, in its order, and name this server."""

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import httpx

from owox.services import sign_ins
from tests.live.conftest import HANDS, Live


class Commands(HTMLParser):
    """The texts of the boxes that a page offers for copying."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "code" and "data-copy-source" in dict(attrs)
        if self._inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


def commands(live: Live) -> list[str]:
    """What stands on the page that bob sees: the variables, owox-ctl, curl and Python."""
    with live.hands() as (session, now):
        cookie = sign_ins.start(session, live.member_id, "UTC", HANDS, now)
    page = httpx.get(f"{live.server.url}/projects/{live.project_id}/docs", cookies={"owox_sign_in": cookie}, timeout=20)
    assert page.status_code == 200
    return Commands(page.text).found


def run(script: str, program: str = "sh") -> "subprocess.CompletedProcess[str]":
    """Run a script in an environment without any key."""
    environ = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": "/nowhere"}
    command = ["sh", "-eu"] if program == "sh" else [sys.executable, "-"]
    return subprocess.run(command, input=script, env=environ, capture_output=True, text=True, timeout=60)


def filled_in(variables: str, live: Live) -> str:
    """The first box, with bob's two values in place of the dots."""
    return variables.replace("pmk_...", live.key_id).replace("owox_sec_...", live.secret)


def test_the_shell_commands_run_as_written(live: Live):
    variables, ctl, curl, _ = commands(live)

    listed = run(f"{filled_in(variables, live)}\n{ctl}")
    rows = run(f"{filled_in(variables, live)}\n{curl}")

    assert listed.returncode == 0, listed.stderr
    assert live.server.url in variables
    assert '"Orders"' in listed.stdout
    assert rows.returncode == 0, rows.stderr
    assert rows.stdout.splitlines() == listed.stdout.splitlines()[-3:]
    assert [type(json.loads(line)) for line in rows.stdout.splitlines()] == [dict] * 3


def test_the_python_lines_run_as_written(live: Live):
    variables, _, _, python = commands(live)
    lines = filled_in(variables, live).replace("export ", "").splitlines()
    given = "".join(f"os.environ[{name!r}] = {value!r}\n" for name, _, value in (line.partition("=") for line in lines))

    done = run(f"import os\n{given}{python}", program="python")

    assert done.returncode == 0, done.stderr
    assert any(line.endswith(" Orders") for line in done.stdout.splitlines())


def test_once_the_key_is_revoked_each_command_fails_and_says_so(live: Live):
    """K10."""
    variables, ctl, curl, _ = commands(live)
    with live.hands() as (_, now):
        pass
    live.set_key(revoked_at=now)

    refused = [run(f"{filled_in(variables, live)}\n{command}") for command in (ctl, curl)]

    assert [done.returncode for done in refused] == [1, 22]
    assert all("revoked" in done.stdout + done.stderr for done in refused)

"""The documentation page: its commands run as they stand, in its order, and name this server."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.live.conftest import Live
from tests.live.dashboard import page


def commands(live: Live) -> tuple[str, str, str, str]:
    """What stands on the page that bob sees: the variables, and what uses them with owox-ctl, curl and Python."""
    found = page(live, "/docs")
    variables, ctl, curl, python = (found[title][-1] for title in ("The three variables", "owox-ctl", "curl", "Python"))
    return variables, ctl, curl, python


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

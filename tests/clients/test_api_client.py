"""The TypeScript client's own tests, as its package runs them: against the real server, with Node and Chromium."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.programs import chromium
from tests.infra.server import OWOX

PACKAGE = Path(__file__).parents[2] / "clients/api-client"
MINUTES = 8


@pytest.mark.timeout(2 * MINUTES * 60)
def test_every_test_of_the_package_passes_and_none_is_left_out():
    installed = _npm("ci", "--no-audit", "--no-fund")
    tested = _npm("test")

    assert installed.returncode == 0, installed.stdout
    failed = re.findall(r"^not ok .*(?:\n  .*)*", tested.stdout, re.MULTILINE)
    counts = {name: int(count) for name, count in re.findall(r"^# (\w+) (\d+)$", tested.stdout, re.MULTILINE)}
    assert (tested.returncode, failed) == (0, []), "\n".join(failed) or tested.stdout[-4000:]
    assert counts["pass"] == counts["tests"] > 150


def _npm(*command: str) -> "subprocess.CompletedProcess[str]":
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "OWOX_COMMAND": str(OWOX),
        "CHROMIUM": chromium(),
    }
    return subprocess.run(
        ["npm", *command],
        cwd=PACKAGE,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=MINUTES * 60,
    )

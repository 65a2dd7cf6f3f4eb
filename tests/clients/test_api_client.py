"""The TypeScript client's own tests, as its package runs them: against the real server, with Node and Chromium."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.infra.boxes import boxes
from tests.infra.programs import chromium
from tests.infra.server import OWOX, Server, downloads
from tests.infra.source import ROOT
from tests.web.browsing import elements, fields

PACKAGE = ROOT / "clients/api-client"
MINUTES = 8
_OUTPUT: dict[str, Any] = {
    "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": MINUTES * 60,
}  # fmt: skip


@pytest.mark.timeout(2 * MINUTES * 60)
def test_every_test_of_the_package_passes_and_none_is_left_out():
    installed = _npm("ci", "--no-audit", "--no-fund")
    tested = _npm("test")

    assert installed.returncode == 0, installed.stdout
    failed = re.findall(r"^not ok .*(?:\n  .*)*", tested.stdout, re.MULTILINE)
    counts = {name: int(count) for name, count in re.findall(r"^# (\w+) (\d+)$", tested.stdout, re.MULTILINE)}
    assert (tested.returncode, failed) == (0, []), "\n".join(failed) or tested.stdout[-4000:]
    assert counts["pass"] == counts["tests"] > 150


def test_make_dist_builds_what_a_new_key_s_lines_install_from_the_server(server: Callable[..., Server], tmp_path: Path):
    """npm gets the package from the server's own address, and the lines run as they stand."""
    running = server("--demo")
    built = subprocess.run(["make", "dist", f"DIST={downloads(running.instance)}"], cwd=ROOT, env=_environ(), **_OUTPUT)
    (variables, (install, lines)) = _new_key(running)
    (tmp_path / "lines.mjs").write_text(lines)
    environ = {**_environ(), **variables, "HOME": str(tmp_path)}

    installed = subprocess.run(["sh", "-eu"], input=install, cwd=tmp_path, env=environ, **_OUTPUT)
    done = subprocess.run(["node", "lines.mjs"], cwd=tmp_path, env=environ, **_OUTPUT)

    assert built.returncode == 0, built.stdout
    assert sorted(path.suffix for path in downloads(running.instance).iterdir()) == [".tgz", ".whl"]
    assert installed.returncode == 0, installed.stdout
    assert "Orders" in done.stdout.splitlines(), done.stdout


def _new_key(server: Server) -> tuple[dict[str, str], list[str]]:
    """The first admin's new key: the variables that hold it, and what stands under TypeScript on its page."""
    with httpx.Client(timeout=20, follow_redirects=True) as alice:
        typed = {"email": "alice@example.com", "name": "Alice", "password": secrets.token_urlsafe(24)}
        first = alice.post(server.setup_link, data={**fields(alice.get(server.setup_link)), **typed})
        address = f"{server.url}{re.search('/projects/[^/]+', str(first.url))[0]}/settings/api-keys/create"
        created = alice.post(address, data={**fields(alice.get(address)), "name": "For its lines"})
    shown = {
        each["id"]: each["value"] or "" for tag, each in elements(created) if tag == "input" and "readonly" in each
    }
    return {"OWOX_API_KEY_SECRET": shown["api-key-secret"]}, boxes(created.text)["TypeScript"]


def _npm(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["npm", *command], cwd=PACKAGE, env=_environ(), **_OUTPUT)


def _environ() -> dict[str, str]:
    own = {"OWOX_COMMAND": str(OWOX), "CHROMIUM": str(chromium())}
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **own}

"""The recipes of the Python client's README, each run as a script of its own against the real server."""

import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from owox.client import Client
from tests.infra.source import ROOT
from tests.live.approving import approving
from tests.live.conftest import Live

DOCUMENT = (ROOT / "owox/client/README.md").read_text()
RECIPES = dict(re.findall(r"<!-- recipe: (\w+) -->\n```python\n(.*?)```", DOCUMENT, re.DOTALL))
SHOWS = {
    "rows": r"Demo shop \d+\n",
    "grouped": r"(\d{4}-\d{2}-01T00:00:00 \d+\n){23,25}",
    "file": r"(?s).*completed.*",
    "pandas": r"(?s).*completed.*",
    "polars": r"(?s).*completed.*",
    "device": r"Open http://\S+/terminal\?code=(\S+) and compare the code: \1\nDemo shop\n",
    "manage": r"Open http://\S+/terminal\?code=(\S+) and compare the code: \1\n",
    "errors": r"failed: 404 OWOX API request failed with 404 Not Found: .*\n",
}


@pytest.mark.parametrize("name", SHOWS)
def test_a_recipe_runs_as_it_stands(live: Live, tmp_path: Path, name: str):
    environ = {
        "PATH": os.environ["PATH"],
        "OWOX_API_ORIGIN": live.server.url,
        "OWOX_API_KEY_ID": live.key_id,
        "OWOX_API_KEY_SECRET": live.secret,
    }

    with approving(live) if name in {"device", "manage"} else nullcontext():
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", RECIPES[name]],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(SHOWS[name], done.stdout), done.stdout


def test_the_table_of_resources_is_whole():
    table = DOCUMENT.partition("## What there is")[2]
    client = Client("http://localhost", "id", "secret")
    resources = {name: value for name, value in vars(client).items() if type(value).__module__ != "builtins"}
    shown = {name for name in resources if f"`{name}`" in table}

    assert shown == {name for name in resources if not name.startswith("_") and name != "credentials"}
    for name in shown:
        row = next(line for line in table.splitlines() if f"`{name}`" in line)
        calls = [call for call in vars(type(resources[name])) if not call.startswith("_")]
        assert [call for call in calls if call not in row] == []

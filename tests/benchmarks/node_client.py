"""The TypeScript client: a million rows as chunks, beside fetch, split and JSON.parse written by hand."""

import os
import subprocess
import tempfile
from pathlib import Path

from owox import keys
from tests.benchmarks import ctl
from tests.infra.server import running_server

PACKAGE = Path(__file__).parents[2] / "clients/api-client"


def main() -> None:
    """Build the package, measure against a new instance with the demo, and print one line a round."""
    for command in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
        subprocess.run(command, cwd=PACKAGE, check=True, capture_output=True)
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder) / "instance", "--demo") as server:
        key = ctl.demo_key(server)
        combined = keys.combine(server.url, key["apiKeyId"], key["apiKeySecret"])
        environ = {**os.environ, "OWOX_API_KEY": combined}
        subprocess.run(["node", "bench/rows.mjs"], cwd=PACKAGE, check=True, env=environ)

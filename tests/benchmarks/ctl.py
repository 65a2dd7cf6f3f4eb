"""`owox-ctl`: how fast and small it starts, and a million rows to a file beside `curl -o`."""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.infra.server import OWOX, Server, running_server

CTL = OWOX.with_name("owox-ctl")
STARTS = 11
ROUNDS = 5
ROWS = 1_000_000
MART = "Page views"
# The most memory that a process held counts from before its start, as a copy of whoever started it: somebody small.
STARTER = """
import os, sys, time
begin = time.perf_counter()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
seconds = time.perf_counter() - begin
print(end=f"\\n{seconds} {usage.ru_maxrss} {os.waitstatus_to_exitcode(status)}", file=sys.stderr)
"""


@dataclass(frozen=True)
class Ran:
    """One run of a command: wall clock, and the most memory it held."""

    seconds: float
    mebibytes: float


def main() -> None:
    """Measure on a new instance with the demo and print one line a number."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _report_starts(home)
        with running_server(home / "instance", "--demo") as server:
            _report_rows(server, home)


def _report_starts(home: Path) -> None:
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
    for arguments, code in ((["--version"], 0), (["status"], 1)):
        runs = [_run([str(CTL), *arguments], environ, home, code) for _ in range(STARTS)]
        seconds, size = median(run.seconds for run in runs), median(run.mebibytes for run in runs)
        print(f"owox-ctl {arguments[0]:<10} {seconds:.3f} s, {size:.0f} MiB (without a key; median of {STARTS})")


def _report_rows(server: Server, home: Path) -> None:
    key = demo_key(server)
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], "OWOX_API_KEY": key["apiKey"]}
    listed = subprocess.run([CTL, "data-marts", "list"], env=environ, capture_output=True, check=True).stdout
    mart = next(mart["id"] for mart in json.loads(listed) if mart["title"] == MART)
    url = f"{server.url}/api/external/http-data/data-marts/{mart}.ndjson?limit={ROWS}"
    ours, theirs = home / "ours.ndjson", home / "theirs.ndjson"
    config = home / "curl"
    # Not on the command line, where other users of the machine would see it.
    config.write_text(f'user = "{key["apiKeyId"]}:{key["apiKeySecret"]}"\n')
    commands = {
        "curl -o": ["curl", "-sS", "--fail", "-K", str(config), "-o", str(theirs), url],
        "owox-ctl": [str(CTL), "data-marts", "stream", mart, "--limit", str(ROWS), "--output", str(ours)],
    }
    # Taken in turns, so that whatever else the machine does falls on both.
    rounds = [{name: _run(command, environ, home) for name, command in commands.items()} for _ in range(ROUNDS)]
    if ours.read_bytes() != theirs.read_bytes():
        raise RuntimeError("owox-ctl and curl do not write the same rows")
    for name in commands:
        runs = [each[name] for each in rounds]
        rate, size = ROWS / median(run.seconds for run in runs), median(run.mebibytes for run in runs)
        ratio = median(each["curl -o"].seconds / each[name].seconds for each in rounds)
        print(f"{name:<9} {rate:9,.0f} rows/s to a file, {size:.0f} MiB   {ratio:.2f} of curl -o")


def demo_key(server: Server) -> dict[str, str]:
    """A new admin's key in the demo project, as the command creates it."""
    environ = {"OWOX_INSTANCE": str(server.instance), "PUBLIC_ORIGIN": server.url}

    def owox(*command: str, given: str = "") -> str:
        done = subprocess.run([OWOX, *command], env=environ, input=given, capture_output=True, text=True, check=True)
        return done.stdout

    project = json.loads(owox("project", "list", "--json"))[0]["id"]
    member = ("member", "add", "alice@example.com", "--name", "Alice", "--role", "admin", "--project", project)
    owox(*member, "--password-stdin", given=secrets.token_urlsafe(24) + "\n")
    created = owox("key", "create", "--member", "alice@example.com", "--project", project, "--name", "bench", "--json")
    key: dict[str, str] = json.loads(created)
    return key


def _run(command: Sequence[str], environ: dict[str, str], folder: Path, code: int = 0) -> Ran:
    starter = [sys.executable, "-S", "-E", "-c", STARTER, *command]
    done = subprocess.run(starter, env=environ, cwd=folder, capture_output=True, text=True, check=True)
    seconds, kibibytes, ended = done.stderr.rsplit("\n", 1)[-1].split()
    if int(ended) != code:
        raise RuntimeError(f"{command[:2]} ended with {ended}:\n{done.stderr}")
    return Ran(float(seconds), int(kibibytes) / 1024)

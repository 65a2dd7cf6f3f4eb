"""`make bench`: start, idle memory, and the two calls that every client makes, beside a bare Flask route."""

import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx

from tests.benchmarks import load
from tests.infra.ports import free_port
from tests.infra.server import OWOX, running_server

ROUNDS = 5
SECONDS = 2.0


def main() -> None:
    """Measure on a new instance and print one line a number."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance"
        key = _set_up(instance)
        _report_start(instance)
        with running_server(instance) as server, _bare() as bare:
            _report_calls(int(server.url.rpartition(":")[2]), bare, key)


def _report_start(instance: Path) -> None:
    starts, sizes = [], []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        with running_server(instance) as server:
            starts.append(time.perf_counter() - begin)
            time.sleep(1)
            sizes.append(_memory(server.pid))
    print(f"start to first answer   {median(starts):.2f} s (median of {ROUNDS}, existing SQLite database)")
    print(f"idle memory             {median(sizes):.0f} MiB (resident, one second after it)")


def _report_calls(port: int, bare_port: int, key: dict[str, str]) -> None:
    named = f"x-owox-api-key-id: {key['apiKeyId']}"
    body = json.dumps({"apiKeySecret": key["apiKeySecret"]})
    path = "/api/auth/api-keys/exchange"
    headers = {"x-owox-api-key-id": key["apiKeyId"]}
    token = httpx.post(f"http://127.0.0.1:{port}{path}", json=json.loads(body), headers=headers).json()["accessToken"]
    calls = {
        "bare": (bare_port, load.get("/")),
        "context": (port, load.get("/api/auth/context", f"x-owox-authorization: Bearer {token}", named)),
        "exchange": (port, load.post(path, body, named)),
    }
    # Taken in turns, so that whatever else the machine does falls on all of them.
    rates = [{name: load.rate(*call, SECONDS) for name, call in calls.items()} for _ in range(ROUNDS)]
    for name in calls:
        ratio = median(rate[name] / rate["bare"] for rate in rates)
        each = median(rate[name] for rate in rates)
        print(f"{name:<9} {each:7.0f}/s   {ratio:.2f} of a bare Flask route on the same server")


def _set_up(instance: Path) -> dict[str, str]:
    environ = {"OWOX_INSTANCE": str(instance)}

    def owox(*command: str, given: str = "") -> str:
        return subprocess.run(
            [OWOX, *command], env=environ, input=given, capture_output=True, text=True, check=True
        ).stdout

    project = owox("project", "create", "Benchmarks").strip()
    member = ("member", "add", "alice@example.com", "--name", "Alice", "--role", "admin", "--password-stdin")
    owox(*member, given=secrets.token_urlsafe(24) + "\n")
    created = owox("key", "create", "--member", "alice@example.com", "--project", project, "--name", "bench", "--json")
    key: dict[str, str] = json.loads(created)
    return key


@contextmanager
def _bare() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.bare", str(port)])
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def _memory(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


main()

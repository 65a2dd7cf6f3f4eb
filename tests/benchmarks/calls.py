"""Start, idle memory, and the two calls that every client makes, beside a bare Flask route."""

import json
import time
from statistics import median

import httpx

from tests.benchmarks import load
from tests.benchmarks.instance import Instance, memory, new_instance
from tests.benchmarks.servers import beside
from tests.infra.server import running_server

ROUNDS = 5
SECONDS = 2.0


def main() -> None:
    """Measure on a new instance and print one line a number."""
    with new_instance() as instance:
        key = instance.add_key("alice")
        _report_start(instance)
        with running_server(instance.folder) as server, beside("bare") as bare:
            _report_calls(server.port, bare, key)


def _report_start(instance: Instance) -> None:
    starts, sizes = [], []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        with running_server(instance.folder) as server:
            starts.append(time.perf_counter() - begin)
            time.sleep(1)
            sizes.append(memory(server.pid))
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

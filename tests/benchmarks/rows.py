"""A million rows of six columns through the real server, beside the same read with one ``json.dumps`` a row."""

import base64
import tempfile
from pathlib import Path
from statistics import median

from tests.benchmarks.instance import Instance, forget_peak, memory, new_instance
from tests.benchmarks.readers import Read, read, slow
from tests.benchmarks.servers import beside
from tests.benchmarks.storages import ROWS, STORAGES, Prepared
from tests.infra.server import Server, running_server

ROUNDS = 3
SLOW_READERS = 16


def main() -> None:
    """Measure each kind of storage on a new instance and print a few lines for it."""
    for name, prepared in STORAGES.items():
        with tempfile.TemporaryDirectory() as folder, prepared(Path(folder)) as storage, new_instance() as instance:
            _report(name, storage, instance)


def _report(name: str, storage: Prepared, instance: Instance) -> None:
    mart = instance.add_mart(storage.options, storage.given, storage.reads)
    path = f"/api/external/http-data/data-marts/{mart}.ndjson"
    fast, patient = (basic(instance.add_key(member)) for member in ("alice", "bob"))
    with running_server(instance.folder) as server, beside("row_by_row", name, storage.address) as plain:
        # Before the slow readers, who leave memory behind that later reads would take for theirs.
        started = memory(server.pid)
        first, second = (_growth(server, path, fast) for _ in range(2))
        ours, theirs, crowded = [], [], []
        for _ in range(ROUNDS):
            ours.append(_whole(read(server.port, path, fast)))
            theirs.append(_whole(read(plain, "/rows")))
            with slow(SLOW_READERS, server, path, patient):
                crowded.append(_whole(read(server.port, path, fast)))
    alone, row_by_row = (median(each.rate for each in reads) for reads in (ours, theirs))
    ratio = median(one.rate / other.rate for one, other in zip(ours, theirs, strict=True))
    slowed = median(one.rate / other.rate for one, other in zip(crowded, ours, strict=True))
    first_byte = median(each.first_byte for each in ours) * 1000
    print(f"{name:<12}{alone:12,.0f} rows/s   {ratio:.1f} times row by row in Python ({row_by_row:,.0f} rows/s)")
    print(
        f"{'':<12}first byte after {first_byte:.0f} ms, {slowed:.2f} of that speed beside {SLOW_READERS} slow readers"
    )
    print(f"{'':<12}memory {started:.0f} MiB, grew by {first:.0f} in the first read, then by {second:.0f}")


def _whole(found: Read) -> Read:
    if found.rows != ROWS:
        raise RuntimeError(f"{found.rows} rows instead of {ROWS}")
    return found


def _growth(server: Server, path: str, key: str) -> float:
    """By how many MiB the server grows at most during a read."""
    before = memory(server.pid)
    forget_peak(server.pid)
    _whole(read(server.port, path, key))
    return memory(server.pid, "VmHWM") - before


def basic(key: dict[str, str]) -> str:
    """The header that carries a key."""
    value = base64.b64encode(f"{key['apiKeyId']}:{key['apiKeySecret']}".encode()).decode()
    return f"Authorization: Basic {value}"

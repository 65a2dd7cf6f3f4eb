"""The servers that owox is compared with, each a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.infra.ports import free_port


@contextmanager
def beside(name: str, *arguments: str) -> Iterator[int]:
    """Run one of these modules as a server; give its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", f"tests.benchmarks.{name}", str(port), *arguments])
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

"""The real ``owox serve`` as a process of its own, for streams, browsers, commands and faults."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.infra.ports import free_port

OWOX = Path(sys.executable).with_name("owox")
START_SECONDS = 120.0
STOP_SECONDS = 15.0
_SETUP_LINK = re.compile(r"https?://\S+/set-?up\S*")


@dataclass(frozen=True)
class Server:
    """A running server: ``url`` has no trailing slash, ``log`` holds what it wrote to both outputs."""

    url: str
    pid: int
    instance: Path
    log: Path

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self.url.rpartition(":")[2])

    @property
    def setup_link(self) -> str:
        """The one-time link that a server without members prints."""
        found = _SETUP_LINK.search(self.log.read_text())
        assert found, f"no set-up link was printed:\n{self.log.read_text()}"
        return found.group()


@contextmanager
def running_server(
    instance: Path, *options: str, settings: Mapping[str, str] | None = None, port: int = 0
) -> Iterator[Server]:
    """Start ``owox serve`` with these options and environment settings; end it by SIGTERM and expect a clean exit.

    A test may kill the process itself (SIGKILL to ``pid``) to prove what a crash leaves behind.
    """
    port = port or free_port()
    log = instance.parent / f"{instance.name}.log"
    command = [OWOX, "serve", "--host", "127.0.0.1", "--port", str(port), "--instance", instance, *options]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=instance.parent,
            env=environment({"OWOX_DOWNLOADS": str(downloads(instance))} | dict(settings or {})),
            stdout=output,
            stderr=output,
        )
    try:
        server = Server(f"http://127.0.0.1:{port}", process.pid, instance, log)
        wait_until_live(server, process)
        yield server
        if process.poll() != -signal.SIGKILL:
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0, f"owox serve did not stop cleanly:\n{log.read_text()}"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def downloads(instance: Path) -> Path:
    """Where a server looks for what it offers: beside its instance folder, so that no run depends on ``make dist``."""
    return instance.parent / "downloads"


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without any owox setting, then the given ones."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("OWOX_")}
    own.pop("PUBLIC_ORIGIN", None)
    return own | dict(settings)


def wait_until_live(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, f"owox serve ended at once ({process.returncode}):\n{server.log.read_text()}"
        try:
            if httpx.get(f"{server.url}/health/live", timeout=2).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"owox serve did not answer within {START_SECONDS:.0f} s:\n{server.log.read_text()}")

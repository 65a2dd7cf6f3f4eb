"""An instance of owox that is measured: made by the command line, as by somebody who sets one up."""

import json
import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.infra.server import OWOX

_REST_SECONDS = 0.5


@dataclass(frozen=True)
class Instance:
    """Its folder, and the project that everything in it belongs to."""

    folder: Path
    project_id: str

    def add_key(self, name: str) -> dict[str, str]:
        """A new admin's key: ``apiKeyId`` and ``apiKeySecret``."""
        email = f"{name}@example.com"
        member = ("member", "add", email, "--name", name, "--role", "admin", "--password-stdin")
        _run(self.folder, *member, given=secrets.token_urlsafe(24))
        key = ("key", "create", "--member", email, "--project", self.project_id, "--name", "bench", "--json")
        created: dict[str, str] = json.loads(_run(self.folder, *key))
        return created

    def add_mart(self, storage: tuple[str, ...], given: str, reads: tuple[str, ...]) -> str:
        """A published data mart that ``reads`` a storage which these options add; return its id."""
        project = ("--project", self.project_id, "--title", "Bench", "--json")
        added = self._json("storage", "add", *project, *storage, given=given)
        return str(self._json("mart", "add", *project, "--storage", added["id"], *reads, "--publish")["id"])

    def _json(self, *command: str, given: str = "") -> Any:
        return json.loads(_run(self.folder, *command, given=given))


@contextmanager
def new_instance() -> Iterator[Instance]:
    """An instance with one project, gone at the end."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "instance"
        yield Instance(folder, _run(folder, "project", "create", "Benchmarks").strip())


def _run(folder: Path, *command: str, given: str = "") -> str:
    environ = {"OWOX_INSTANCE": str(folder)}
    done = subprocess.run([OWOX, *command], env=environ, input=given + "\n", capture_output=True, text=True, check=True)
    return done.stdout


def memory(pid: int, what: str = "VmRSS") -> float:
    """What a process holds in MiB: now, or as ``VmHWM`` at most since ``forget_peak``."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1]) / 1024


def forget_peak(pid: int) -> None:
    """Let a process's peak begin at what it holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def wait_for_rest(pid: int) -> None:
    """Wait until a process uses less than a tenth of one processor; raise ``TimeoutError`` after a minute."""
    used = _processor_seconds(pid)
    for _ in range(int(60 / _REST_SECONDS)):
        time.sleep(_REST_SECONDS)
        before, used = used, _processor_seconds(pid)
        if used - before < _REST_SECONDS / 10:
            return
    raise TimeoutError(f"process {pid} is still at work")


def _processor_seconds(pid: int) -> float:
    """In all states, by /proc/PID/stat (proc_pid_stat(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

"""Processes that a test runs side by side, or interrupts."""

import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def side_by_side(commands: Sequence[Sequence[Any]], **options: Any) -> Iterator[list["subprocess.Popen[Any]"]]:
    """Start each command; kill those that run on at the end, so that a test that fails leaves nothing to the next one.

    ``options`` are those of ``subprocess.Popen``.
    """
    with ExitStack() as stack:
        processes = []
        for command in commands:
            process = stack.enter_context(subprocess.Popen(command, **options))
            stack.callback(process.kill)
            processes.append(process)
        yield processes


def interrupt(process: "subprocess.Popen[Any]") -> None:
    """Press Ctrl-C on a process that waits, as soon as it does.

    A signal that comes between Python's last look for one and a system call is seen only when that call returns.
    """
    deadline = time.monotonic() + 30
    while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":
        assert time.monotonic() < deadline, "the process does not wait for anything"
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)

"""Processes that a test runs side by side."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
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

"""A command of ours in a process of its own whose interpreter and imports are there already: most of what a call costs.

The process is forked from one that has imported the command and done nothing else. Environment, folder, standard
streams and exit code are as if a shell had started it; what Python reads only when it starts (``PYTHON*``, ``LC_*``) is
not.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

_SECONDS = 60.0
_forking = multiprocessing.get_context("forkserver")
# Before the first fork; nothing else here uses this way of starting processes.
_forking.set_forkserver_preload(["owox.ctl.command", "owox.client.transport", "httpx", __name__])


def run(
    module: str, words: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Call ``main`` of a module as the command with these words; raise ``TimeoutExpired`` after a minute."""
    with tempfile.TemporaryDirectory() as folder:
        streams = [os.path.join(folder, name) for name in ("stdin", "stdout", "stderr")]
        Path(streams[0]).write_text(stdin, encoding="utf-8")
        process = _forking.Process(target=_command, args=(module, list(words), str(cwd), dict(env), streams))
        process.start()
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired([module, *words], _SECONDS)
        code = process.exitcode
        process.close()
        output, errors = (Path(stream).read_text(encoding="utf-8") for stream in streams[1:])
    return subprocess.CompletedProcess([module, *words], code, output, errors)


def _command(module: str, words: list[str], cwd: str, env: dict[str, str], streams: list[str]) -> None:
    for number, path in enumerate(streams):
        descriptor = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    # multiprocessing has pointed these elsewhere.
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)
    sys.argv = [module, *words]
    import_module(module).main()

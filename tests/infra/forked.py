"""A command of ours in a process of its own whose interpreter and imports are there already: most of what a call costs.

The process is forked from one that has imported the commands and done nothing else. Environment, folder, standard
streams and exit code are as if a shell had started it. Whoever changes what Python reads only when it starts gets a
process from scratch.
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
_MODULES = {"owox": "owox.admin", "owox-ctl": "owox.ctl"}
_forking = multiprocessing.get_context("forkserver")
# Before the first fork; nothing else here uses this way of starting processes.
_forking.set_forkserver_preload([__name__, "owox.ctl.command", "owox.client.transport", "httpx", "owox.admin.setup"])


def run(
    command: str, words: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Run ``owox`` or ``owox-ctl`` with these words; raise ``TimeoutExpired`` after a minute."""
    if _read_at_start(env) != _read_at_start(os.environ):
        return subprocess.run(
            [Path(sys.executable).with_name(command), *words],
            cwd=cwd,
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    with tempfile.TemporaryDirectory() as folder:
        streams = [os.path.join(folder, name) for name in ("stdin", "stdout", "stderr")]
        Path(streams[0]).write_text(stdin, encoding="utf-8")
        process = _forking.Process(target=_command, args=(command, list(words), str(cwd), dict(env), streams))
        process.start()
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired([command, *words], _SECONDS)
        code = process.exitcode
        process.close()
        output, errors = (Path(stream).read_text(encoding="utf-8") for stream in streams[1:])
    return subprocess.CompletedProcess([command, *words], code, output, errors)


def _read_at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(("PYTHON", "LC_", "LANG"))}


def _command(command: str, words: list[str], cwd: str, env: dict[str, str], streams: list[str]) -> None:
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
    sys.argv = [command, *words]
    import_module(_MODULES[command]).main()

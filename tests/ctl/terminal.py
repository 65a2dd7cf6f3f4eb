"""The installed command at a terminal, as a person uses it."""

import os
import pty
import select
import subprocess
from pathlib import Path

from tests.ctl.conftest import COMMAND


def at_a_terminal(
    home: dict[str, str],
    *arguments: str,
    typed: str = "",
    folder: Path | None = None,
    command: str | Path = COMMAND,
    prompt: bytes = b": ",
) -> tuple[int, str]:
    """Run the command on a terminal, type these lines as it asks, return exit code and all that was shown."""
    terminal, other_end = pty.openpty()
    # A session leader that opens a terminal gets it as its own, which is where hidden prompts read.
    shell = ["sh", "-c", 'tty=$1; shift; exec "$@" <"$tty" >"$tty" 2>&1', "sh", os.ttyname(other_end), command]
    with subprocess.Popen([*shell, *arguments], env=home, cwd=folder, start_new_session=True) as process:
        shown, lines = b"", typed.splitlines(keepends=True)
        while process.poll() is None or select.select([terminal], [], [], 0)[0]:
            if select.select([terminal], [], [], 0.05)[0]:
                shown += os.read(terminal, 4096)
            # Whole prompts only: what is typed before a hidden one asks is thrown away by the terminal.
            if lines and shown.endswith(prompt):
                os.write(terminal, lines.pop(0).encode())
                shown += b"\n"
    os.close(other_end)
    os.close(terminal)
    return process.returncode, shown.decode()

"""Transcripts in documents: read, run on a terminal, and compared."""

import os
import pty
import re
import select
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

END = "@@end of command@@"


@dataclass(frozen=True)
class Step:
    """A command, and what it is said to show."""

    command: str
    shows: str


def steps(document: str) -> list[Step]:
    """The steps of all ``console`` blocks of a document, in order."""
    found: list[Step] = []
    for block in re.findall(r"^```console\n(.*?)^```", document, re.DOTALL | re.MULTILINE):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, shows = re.fullmatch(r"((?:.*\\\n> )*.*\n)((?s:.*))", step).groups()  # type: ignore[union-attr]
            found.append(Step(command.replace("\n> ", "\n"), shows))
    return found


def run(commands: list[str], environ: Mapping[str, str], folder: Path) -> list[str]:
    """Run commands one after another in one shell on a terminal; return what each showed."""
    # The mark keeps the exit code for the command after it.
    mark = f"(exit_code=$?; printf '{END}'; exit $exit_code)"
    terminal, other_end = pty.openpty()
    script = "".join(f"{command}{mark}\n" for command in commands)
    with subprocess.Popen(
        ["sh", "-c", script], env=environ, cwd=folder, stdin=other_end, stdout=other_end, stderr=other_end
    ) as process:
        os.close(other_end)
        shown = b""
        while process.poll() is None or select.select([terminal], [], [], 0)[0]:
            if select.select([terminal], [], [], 0.05)[0]:
                try:
                    shown += os.read(terminal, 65536)
                except OSError:
                    break
    os.close(terminal)
    return shown.decode().replace("\r\n", "\n").split(END)[:-1]


def fits(shown: str, said: str) -> bool:
    """Whether what was shown is what was said, where ``...`` stands for anything."""
    pattern = ".*?".join(re.escape(part) for part in said.split("..."))
    return re.fullmatch(pattern, shown, re.DOTALL) is not None

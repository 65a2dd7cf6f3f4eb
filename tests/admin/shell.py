"""The `owox` command as a person runs it."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.infra.server import OWOX


@dataclass(frozen=True)
class Shell:
    """A terminal whose settings point to one instance folder."""

    instance: Path
    settings: dict[str, str]

    def run(self, *words: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """Run `owox` with these words."""
        environ = {name: value for name, value in os.environ.items() if not name.startswith("OWOX_")}
        environ.pop("PUBLIC_ORIGIN", None)
        environ |= {"OWOX_INSTANCE": str(self.instance), **self.settings, **settings}
        return subprocess.run(
            [OWOX, *words],
            env=environ,
            cwd=self.instance.parent,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def fails(self, *words: str, **more: Any) -> str:
        """Run it and expect one sentence and exit code 1."""
        done = self.run(*words, **more)
        assert (done.returncode, done.stdout) == (1, ""), done
        assert done.stderr.startswith("owox: ")
        assert "Traceback" not in done.stderr
        return done.stderr.removeprefix("owox: ").strip()

    def works(self, *words: str, **more: Any) -> str:
        """Run it and expect success; return what it wrote."""
        done = self.run(*words, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout

"""The `owox` command as a person runs it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from owox.admin import main
from tests.infra import forked
from tests.infra.server import environment
from tests.infra.source import ROOT


@dataclass(frozen=True)
class Shell:
    """A terminal whose settings point to one instance folder."""

    instance: Path
    settings: dict[str, str]

    def run(self, *words: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """Run `owox` with these words."""
        environ = environment(self._settings(settings))
        return forked.run("owox", words, cwd=self.instance.parent, env=environ, stdin=stdin)

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

    @contextlib.contextmanager
    def serving_app(self) -> Iterator[None]:
        """A process that has loaded app.py, as `flask run` and gunicorn do."""
        script = "import app; print('loaded', flush=True); input()"
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=environment(self._settings({})),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        loaded = process.stdout.readline()
        try:
            assert loaded == "loaded\n"
            yield
        finally:
            process.communicate("\n", timeout=60)

    def _settings(self, more: dict[str, str]) -> dict[str, str]:
        return {"OWOX_INSTANCE": str(self.instance), **self.settings, **more}


class NearShell(Shell):
    """The same without a process of its own, which takes a second: for what a command does and says.

    On SQLite only: the command leaves it to the end of its process to close connections.
    """

    def run(self, *words: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        """Run `owox` with these words in this process."""
        own = {name: None for name in os.environ if name not in environment({})}
        runner = CliRunner(env=own | self._settings(settings))
        with _standing_in(self.instance.parent):
            done = runner.invoke(main, words, input=stdin, prog_name="owox", catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


@contextlib.contextmanager
def _standing_in(folder: Path) -> Iterator[None]:
    """The working folder and the mask for new files, as they are before and after a command."""
    mask = os.umask(0o022)
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        os.umask(mask)

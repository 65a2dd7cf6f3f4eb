"""Where the programs are that tests need beside Python. A missing one fails the test: nothing is skipped."""

import shutil
from pathlib import Path


class MissingProgramError(RuntimeError):
    """A program that tests need is not on this machine."""


def postgres_programs() -> Path:
    """The folder with ``initdb`` and ``pg_ctl``, of the newest PostgreSQL here."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda folder: int(folder.parent.name))
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise MissingProgramError("PostgreSQL's initdb was not found. `make test` installs it, or install postgresql.")


def chromium() -> Path:
    """The system's Chromium or Chrome; the shell without windows is enough, and takes half the work."""
    for name in ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    raise MissingProgramError("Chromium was not found. `make test` installs it, or install chromium.")

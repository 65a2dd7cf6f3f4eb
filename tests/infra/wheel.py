"""The wheel of owox, built from the sources as they are, and what it requires."""

import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.infra.source import ROOT


def build(folder: Path) -> Path:
    """Build the wheel into a folder, as ``make dist`` does, and return it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    return next(folder.glob("*.whl"))


def link_requirements(folder: Path) -> None:
    """Link pip, and what the wheel and its requirements require, into a folder, from the environment of the tests."""
    folder.mkdir()
    seen, waiting = {"owox", "pip"}, ["owox", "pip"]
    while waiting:
        package = distribution(waiting.pop())
        if package.name != "owox":
            for name in {path.parts[0] for path in package.files or ()} - {"..", "__pycache__"}:
                (folder / name).symlink_to(Path(str(package.locate_file(name))))
        for wanted in map(Requirement, package.requires or ()):
            name = canonicalize_name(wanted.name)
            if name not in seen and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
                seen.add(name)
                waiting.append(name)

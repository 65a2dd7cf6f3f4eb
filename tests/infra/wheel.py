"""The wheel of owox, built from the sources as they are."""

import subprocess
import sys
from pathlib import Path

from tests.infra.source import ROOT


def build(folder: Path) -> Path:
    """Build the wheel into a folder, as ``make dist`` does, and return it."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    return next(folder.glob("*.whl"))

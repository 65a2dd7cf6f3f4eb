"""The ``owox-ctl`` command: one API key, used from a terminal, a CI job or an agent. Speaks through ``owox.client``."""

import sys


def main() -> None:
    """Run the command and leave with its exit code (``owox.ctl.screen.Exit``)."""
    try:
        # Imported here so that an interrupt while modules load ends as quietly as a later one.
        from owox.ctl.command import run

        code = run()
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)

"""The person's own browser, opened if there is one."""

import os
import sys


def open_page(address: str) -> bool:
    """Open an http or https address; return whether that was tried. What comes of it is not waited for."""
    # It came from a server, and goes to programs of this machine.
    if not address.startswith(("http://", "https://")) or not (address.isascii() and address.isprintable()):
        return False
    import subprocess
    import webbrowser

    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return False
    if type(found) is webbrowser.GenericBrowser and not os.environ.get("BROWSER"):
        return False  # One that would take over this very terminal.
    # A process of its own: browsers write to the terminal, and some are waited for. Isolated from the current folder.
    command = [sys.executable, "-I", "-m", "webbrowser", address]
    nowhere = subprocess.DEVNULL
    try:
        subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True)  # noqa: S603
    except OSError:
        return False
    return True

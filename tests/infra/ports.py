"""A port on the loopback address that nothing listens on."""

import socket


def free_port() -> int:
    """Ask the system for a free port; it stays free only until someone takes it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""The client programs that sign-ins come from, as people call them."""

from typing import Final

# Each browser also claims to be those after it.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def named(client: str) -> str:
    """What a browser and its system are called, as far as the User-Agent tells; else the text itself."""
    if not client:
        return "Unnamed client"
    browser = _first(_BROWSERS, client)
    system = _first(_SYSTEMS, client)
    return f"{browser} on {system}" if browser and system else client


def _first(names: tuple[tuple[str, str], ...], client: str) -> str:
    return next((name for mark, name in names if mark in client), "")

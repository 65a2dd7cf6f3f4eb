"""Paths that lead where they say: an ID stays one segment, and no call leaves ``/api/`` (contract.md 2.3, 3.8)."""

import re
from urllib.parse import quote

from owox.client.errors import ConfigError

_PATH_MAX = 2048
_SEGMENT_MAX = 255


def segment(identifier: str, what: str) -> str:
    """Return an ID as a path segment; raise ``ConfigError`` for one that could lead elsewhere."""
    blank = not identifier.strip() or identifier in {".", ".."} or len(identifier) > _SEGMENT_MAX
    if blank or any(mark in identifier for mark in "/\\%"):
        raise ConfigError(f"Invalid OWOX {what} ID")
    try:
        return quote(identifier, safe="")
    except UnicodeEncodeError:
        raise ConfigError(f"Invalid OWOX {what} ID") from None


def guarded(path: str) -> str:
    """Return a path as it is; raise ``ConfigError`` for one that another reader could take for another path."""
    segments = re.sub("%2e", ".", path, flags=re.IGNORECASE).split("/")
    odd = re.search(r"[\\?#\x00-\x20\x7f]|[^\x00-\x7f]|%(?:2f|5c|25|(?![0-9a-f]{2}))", path, re.IGNORECASE)
    if not path.startswith("/api/") or len(path) > _PATH_MAX or odd or not {".", ".."}.isdisjoint(segments):
        raise ConfigError("That is not a path of the API: it begins with /api/ and has neither dots nor a query")
    return path

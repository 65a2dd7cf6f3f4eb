"""Regular expressions over SQLite's text: Python's ``regex`` library with a limit to the time that one text takes.

``.`` is any character, line ends too, ``$`` the very end of the text, and the classes of letters, digits and blanks
are ASCII, as in the other engines.
"""

from functools import lru_cache
from typing import Any, Final

import regex

from owox.reading.patterns import parts

SECONDS: Final = 1.0  # nothing else can stop a search that is under way


class TooSlow(Exception):
    """A pattern that needs too long for one text."""


def finds(text: str, pattern: str) -> bool:
    """Tell whether a pattern finds something in a text. Raises ``TooSlow``."""
    try:
        return compiled(pattern).search(text, timeout=SECONDS, concurrent=len(text) > 1_000) is not None
    except TimeoutError:
        raise TooSlow(f"The regular expression takes longer than {SECONDS:g} second on one value") from None


@lru_cache(maxsize=256)
def compiled(pattern: str) -> Any:
    """Compile a pattern that ``is_pattern`` has let through."""
    whole = "".join(r"\Z" if part == "$" else part for part in parts(pattern))
    return regex.compile(whole, regex.VERSION0 | regex.DOTALL | regex.ASCII)

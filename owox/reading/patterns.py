"""Regular expressions in filters: what every engine understands alike, and what none is given.

Alike on every engine are letters, ``.`` for any character, classes of ASCII characters such as ``[a-z0-9_]`` and
``[^,]``, groups, ``|``, ``*``, ``+``, ``?``, ``{m}`` and ``{m,n}`` up to 255, ``^`` and ``$`` for the start and the end
of the text, and ``\\`` before a character that is no letter or digit. Anything else is the engine's own: RE2 in
DuckDB, PostgreSQL's advanced regular expressions, Python's ``regex`` library with ASCII classes in SQLite.
"""

from typing import Final

import regex

_LARGEST: Final = 20_000
_CLASS: Final = r"\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]"
_PARTS: Final = regex.compile(rf"(?s)\\.|{_CLASS}|[()]|\{{(?P<least>\d{{0,9}})(?:,(?P<most>\d{{0,9}}))?\}}|.")
_WITH_BLANKS: Final = regex.compile(r"\(\?[a-zA-Z-]*x")


def is_pattern(pattern: str) -> bool:
    """Tell whether a text is a regular expression, of a size that is safe to compile."""
    try:
        if _size(pattern) > _LARGEST:
            return False
        regex.compile(pattern, regex.VERSION0)
    except (regex.error, ValueError, OverflowError, RecursionError):
        return False
    return True


def parts(pattern: str) -> list[str]:
    """Cut a pattern into characters, escapes, classes, brackets and counts."""
    return [part[0] for part in _PARTS.finditer(pattern)]


def _size(pattern: str) -> int:
    """Return how many characters a pattern has once its repetitions are unrolled: compilers do that, nested ones too.

    Raises ``ValueError`` where that cannot be told: in the notation with blanks, and with brackets that do not match.
    """
    if _WITH_BLANKS.search(pattern):
        raise ValueError(pattern)
    sizes, last = [0], 0
    for part in _PARTS.finditer(pattern):
        if part[0] == "(":
            sizes.append(0)
            last = 0
            continue
        if part[0] == ")" and len(sizes) == 1:
            raise ValueError(pattern)
        if part[0] == ")":
            last = sizes.pop()
            more = last
        elif part["least"] is not None:
            more = last * max(int(part["least"] or 1) - 1, int(part["most"] or 1) - 1, 0)
            last += more
        else:
            more = last = 1
        sizes[-1] += more
    return sum(sizes)

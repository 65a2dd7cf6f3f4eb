"""Rows as CSV (RFC 4180): UTF-8, one header line, ``null`` as nothing and an empty text as ``""``.

A text that a spreadsheet would run as a formula gets an apostrophe in front; signed numbers and telephone numbers, in
which there is nothing to run, do not.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from owox.client import Stream
from owox.client.errors import OwoxError
from owox.ctl.progress import Progress

_TO_QUOTE = re.compile(r'[",\r\n]|^$|^\s|\s$')
# The wide forms of these signs too: some spreadsheets take them for the same.
_FORMULA = re.compile(r"[\t\r\n=@\uff1d\uff20]|[+\uff0b\uff0d-](?![0-9 .,:()/%+-]*$)")


def write_csv(stream: Stream, part: Path, progress: Progress) -> int:
    """Write rows and return their number; raise ``OwoxError`` for a row with other columns than the first."""
    names: list[str] | None = None
    rows = 0
    with part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        for rows, row in enumerate(stream.rows(), start=1):
            if names is None:
                names = list(row)
                file.write(_line(names))
            if row.keys() != set(names):
                raise OwoxError(f"Row {rows} has other columns than the first, which a CSV file cannot hold")
            file.write(_line(row[name] for name in names))
            progress.tell(stream.received, rows)
    return rows


def _line(values: Iterable[Any]) -> str:
    return ",".join(map(_cell, values)) + "\r\n"


def _cell(value: Any) -> str:
    """Return a value as JSON has it, a text without its quotes unless it needs them."""
    if value is None:
        return ""
    if not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    elif _FORMULA.match(value):
        value = f"'{value}"
    return _quoted(value) if _TO_QUOTE.search(value) else value


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'

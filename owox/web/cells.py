"""Values of rows as people read them: NULL and empty text told apart, long ones folded, nothing invisible."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from owox.reading.fields import Category, category
from owox.services.preview import Preview

LONG: Final = 120
LONGEST: Final = 5_000


class Look(StrEnum):
    """How a value is shown."""

    NULL = "null"
    EMPTY = "empty"
    NUMBER = "number"
    TEXT = "text"
    NESTED = "nested"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: ``text`` as shown, ``more`` all of it if that is longer, ``length`` its characters."""

    look: Look
    text: str = ""
    more: str = ""
    length: int = 0


def rows_of(found: Preview) -> list[list[Cell] | None]:
    """The cells of each row; None for a row that is nested too deeply to be taken apart."""
    return [_row(found, line) for line in found.lines]


def cell(value: Any, kind: Category = Category.OTHER) -> Cell:
    """How one value of a column of this category is shown."""
    if value is None:
        return Cell(Look.NULL)
    if value == "":
        return Cell(Look.EMPTY)
    if isinstance(value, bool | int | float):
        return Cell(Look.TEXT if isinstance(value, bool) else Look.NUMBER, json.dumps(value))
    if not isinstance(value, str):
        short = json.dumps(value, ensure_ascii=False)
        return _folded(Look.NESTED, short, json.dumps(value, ensure_ascii=False, indent=2))
    return _folded(Look.NUMBER if kind is Category.NUMBER else Look.TEXT, value, value)


def visible(text: str) -> str:
    """Text with a sign for each character that would not be seen: control pictures, U+FFFD for half a character."""
    return "".join(map(_sign, text))


def _row(found: Preview, line: bytes) -> list[Cell] | None:
    try:
        values = json.loads(line)
        return [cell(values.get(field.name), category(field.type)) for field in found.fields]
    except (ValueError, RecursionError):
        return None


def _folded(look: Look, short: str, full: str) -> Cell:
    if len(short) <= LONG and "\n" not in short:
        return Cell(look, visible(short), length=len(short))
    first = short[:LONG].partition("\n")[0]
    return Cell(look, visible(first) + "…", visible(full[:LONGEST]), len(short))


def _sign(char: str) -> str:
    code = ord(char)
    if code < 0x20 and char not in "\n\t":
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if 0xD800 <= code <= 0xDFFF else char

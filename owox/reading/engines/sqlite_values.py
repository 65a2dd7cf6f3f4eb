"""How SQLite writes a value as JSON: SQL expressions for the table of forms in the package's docstring.

SQLite's ``json_object`` writes whole numbers and text as the table has them, but reals with 15 digits, infinity as
``Inf``, and no bytes at all (before 3.42). A real of more digits therefore comes twice: as a mark in the JSON, a string
that nobody can foresee, and as the number beside it, which takes the mark's place a batch at a time. What else SQLite
cannot write goes through functions in Python, at about the cost of a whole row each, and so do those reals where
SQLite joins the rows' text itself, with no place beside it.
"""

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from owox.reading.engines.sqlite_functions import number
from owox.reading.engines.sqlite_types import MOMENTS, ZONED
from owox.reading.fields import is_floating, plain_name, scale

MOST_MEMBERS: Final = 60  # of one json_object: two arguments each, of 127 at most

_SAFE: Final = 2**53 - 1
# From this version on an expression has a declared type in a view, and may be JSON that would go in unquoted.
_TYPES_EXPRESSIONS: Final = sqlite3.sqlite_version_info >= (3, 41)


def literal(text: str) -> str:
    """Quote a text for SQLite; one with NUL needs the bytes."""
    if "\x00" in text:
        return f"CAST(x'{text.encode().hex()}' AS TEXT)"
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Row:
    """The expressions that give a row: some JSON objects, whose members follow one another, then columns of numbers."""

    objects: tuple[str, ...]
    reals: tuple[str, ...]
    mark: str

    def lines(self, batch: Sequence[tuple[Any, ...]]) -> bytes:
        """Return the lines of rows that SQLite gave, its text as bytes; what is no UTF-8 in it is mended."""
        columns = list(zip(*batch, strict=True))
        objects, reals = columns[: len(self.objects)], columns[len(self.objects) :]
        if len(objects) == 1:
            text = b"\n".join(objects[0]) + b"\n"
        else:
            rows = zip(*objects, strict=True)
            text = b"".join([b"{" + b",".join([part[1:-1] for part in row]) + b"}\n" for row in rows])
        if any(column.count(None) < len(column) for column in reals):
            values = reals[0] if len(reals) == 1 else tuple(chain.from_iterable(zip(*reals, strict=True)))
            text = _filled(text.split(f'"{self.mark}"'.encode()), values)
        return mended(text)


def row_of(members: Sequence[tuple[str, str, str | None]], *, one_text: bool = False) -> Row:
    """Return what to select for these (label, column, type); None is a type unknown.

    ``one_text`` has the numbers written where they stand, not beside the objects.
    """
    mark = secrets.token_hex(12)
    texts, reals = [], []
    for label, value, kind in members:
        is_real = kind is not None and is_floating(kind) and not one_text
        texts.append(f"{literal(label)}, {_real_or_mark(value, mark) if is_real else written(value, kind)}")
        if is_real:
            reals.append(f"CASE WHEN NOT {has_few_digits(value)} THEN {value} END")
    objects = [f"json_object({', '.join(texts[at : at + MOST_MEMBERS])})" for at in range(0, len(texts), MOST_MEMBERS)]
    return Row(tuple(objects), tuple(reals), mark)


def written(value: str, kind: str | None) -> str:
    """Return an expression that ``json_object`` takes for the value of a column of this type.

    The usual case comes first; what does not fit the type is written as what it is.
    """
    usual = _usual(value, kind)
    return f"CASE {usual} WHEN {value} IS NULL THEN NULL ELSE {anything(value)} END" if usual else anything(value)


def anything(value: str) -> str:
    """Return such an expression for a value of any storage class."""
    return (
        f"CASE typeof({value}) WHEN 'integer' THEN {_whole(value)} WHEN 'text' THEN {value} || ''"
        f" WHEN 'real' THEN {_real(value)} WHEN 'blob' THEN owox_base64({value}) END"
    )


def is_text(value: str) -> str:
    """Return whether a value is text: that is above all numbers and below all bytes. Quicker than ``typeof``."""
    return f"({value} >= '' AND {value} < x'')"


def is_written_by(function: str, value: str) -> str:
    """Return whether a value is what SQLite's date function makes of it; the shift makes it look at the calendar."""
    return f"{function}({value}, '+0 days') = {value}"


def _usual(value: str, kind: str | None) -> str:
    """Return the WHEN parts for what fits a type; nothing where any value does."""
    name = plain_name(kind or "")
    if kind is not None and is_floating(kind):
        return f"WHEN {has_few_digits(value)} THEN {value}"
    if name in {"DATE", "TIME", ZONED} | MOMENTS:
        return _dated(value, name)
    if name == "INTEGER":
        return f"WHEN {value} BETWEEN -{_SAFE} AND {_SAFE} AND typeof({value}) = 'integer' THEN {value}"
    if name == "TEXT":
        return f"WHEN {is_text(value)} THEN {value}" + (" || ''" if _TYPES_EXPRESSIONS else "")
    if name == "BOOLEAN":
        return f"WHEN {value} = 1 THEN json('true') WHEN {value} = 0 THEN json('false')"
    if name == "JSON":
        return f"WHEN {is_text(value)} AND json_valid({value}) AND NOT instr({value}, char(0)) THEN json({value})"
    return _decimal(value, scale(kind or "")) if name == "DECIMAL" else ""


def _dated(value: str, name: str) -> str:
    """Text of the right length without a blank in it is in its form already, or is no date and stays as it is."""
    length = {"DATE": 10, "TIME": 8, ZONED: 20}.get(name, 19)
    mark = "Z" if name == ZONED else ""
    function = {"DATE": "day", "TIME": "clock", ZONED: "instant"}.get(name, "moment")
    as_it_is = f"length({value}) = {length} AND {is_text(value)}"
    if length >= 19:
        as_it_is += f" AND substr({value}, 11, 1) = 'T'" + (f" AND substr({value}, 20) = '{mark}'" if mark else "")
    parts = [f"WHEN {as_it_is} THEN {value}"]
    if length >= 19:
        parts.append(f"WHEN {is_written_by('datetime', value)} THEN replace({value}, ' ', 'T') || '{mark}'")
    parts.append(f"WHEN {is_text(value)} THEN coalesce(owox_{function}(CAST({value} AS BLOB)), {value})")
    return " ".join(parts)


def _real_or_mark(value: str, mark: str) -> str:
    return (
        f"CASE WHEN {has_few_digits(value)} THEN {value} WHEN {value} < '' THEN '{mark}' WHEN {value} IS NULL THEN NULL"
        f" ELSE {anything(value)} END"
    )


def _filled(parts: list[bytes], values: tuple[Any, ...]) -> bytes:
    """Put the numbers among some values between the parts of a text."""
    kinds = set(map(type, values))
    numbers = values if kinds == {float} else [value for value in values if isinstance(value, int | float)]
    written = "\n".join(map(repr, numbers))
    if int in kinds or "inf" in written:
        written = "\n".join(map(number, numbers))
    filled = [b""] * (2 * len(numbers) + 1)
    filled[::2] = parts
    if numbers:
        filled[1::2] = written.encode().split(b"\n")
    return b"".join(filled)


def mended(text: bytes) -> bytes:
    """Return a text with U+FFFD for what is no UTF-8 in it."""
    return text if _is_utf8(text) else text.decode("utf-8", "replace").encode()


def _is_utf8(text: bytes) -> bool:
    try:
        return text.isascii() or bool(text.decode())
    except UnicodeDecodeError:
        return False


def _whole(value: str) -> str:
    return f"CASE WHEN {value} BETWEEN -{_SAFE} AND {_SAFE} THEN {value} ELSE CAST({value} AS TEXT) END"


def _real(value: str) -> str:
    return f"CASE WHEN {has_few_digits(value)} THEN {value} ELSE json(owox_real({value})) END"


def has_few_digits(value: str) -> str:
    """Return whether a real is the double nearest to a number with four digits after the point, and 15 in all.

    ``round`` finds the whole number n, and a division of exact doubles gives the double nearest to n / 10000. Numbers
    of up to 15 digits have doubles of their own, so that n / 10000 is what the value's shortest form says. SQLite's
    15 digits are those of n / 10000 too: the double is closer to it than half a unit of the 15th digit.
    """
    return f"({value} BETWEEN -1e11 AND 1e11 AND round({value} * 10000.0) / 10000.0 = {value})"


def _decimal(value: str, digits: int | None) -> str:
    """A scale that 15 digits are enough for is written by SQLite, by the reasoning above."""
    parts = []
    if digits is None:
        parts.append(f"WHEN typeof({value}) = 'integer' THEN CAST({value} AS TEXT)")
    elif digits <= 10:
        power = f"1{'0' * digits}.0"
        limit = f"1e{14 - digits}"
        fits = f"{value} BETWEEN -{limit} AND {limit} AND round({value} * {power}) / {power} = {value}"
        parts.append(f"WHEN {fits} THEN printf('%.{digits}f', {value})")
    if digits:
        parts.append(f"WHEN typeof({value}) = 'integer' THEN CAST({value} AS TEXT) || '.{'0' * digits}'")
    elif digits == 0:
        parts.append(f"WHEN typeof({value}) = 'integer' THEN CAST({value} AS TEXT)")
    parts.append(f"WHEN typeof({value}) = 'real' THEN owox_decimal({value}, {digits or 0})")
    return " ".join(parts)

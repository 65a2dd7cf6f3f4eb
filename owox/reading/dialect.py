"""What the engines' SQL has in common, as expressions; each engine's dialect says where it differs.

Expressions come in as SQL that is already quoted, values only ever as the name of a bound parameter.
"""

import struct
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from owox.reading.controls import Unit
from owox.reading.fields import Category, Function, category, plain_name, scale
from owox.reading.operands import Operand
from owox.reading.plan import Output

SEPARATOR: Final = ", "
_DIGITS: Final = 38
FRACTIONS: Final = {Function.P25: 0.25, Function.P50: 0.5, Function.P75: 0.75, Function.P95: 0.95}


class Dialect:
    """SQL as the standard has it."""

    def identifier(self, name: str) -> str:
        """Quote a name."""
        return '"' + name.replace('"', '""') + '"'

    def parameter(self, at: int) -> str:
        """Name the parameter with this number, from 1 on."""
        return f"${at}"

    def comparable(self, value: str, type_name: str) -> str:
        """Return an expression whose order and equality are those of the contract, text by code point."""
        return value

    def digits(self, type_name: str) -> int | None:
        """Return the digits after the point that a number's type keeps; None where numbers compare as they are."""
        return scale(type_name)

    def bound(self, operand: Operand, type_name: str) -> Any:
        """Return a filter's value as the driver takes it: here always text, which the statement casts."""
        if isinstance(operand, Decimal):
            return f"{operand:f}"
        return operand.isoformat() if isinstance(operand, date | datetime | time) else operand

    def holds(self, number: Decimal, digits: int, type_name: str) -> bool:
        """Tell whether a number with so many digits after the point fits what values are cast to."""
        return number.adjusted() + digits < _DIGITS

    def zone(self, name: str) -> str:
        """Return a time zone of the IANA database as the engine calls it."""
        return name

    def cast(self, parameter: str, type_name: str) -> str:
        """Return a parameter as a value of the type that it is compared with."""
        return f"CAST({parameter} AS {self.cast_name(type_name)})"

    def cast_name(self, type_name: str) -> str:
        """Return the name of the type that values are cast to."""
        return "TEXT" if category(type_name) is Category.STRING else plain_name(type_name)

    def compares(self, value: str, sign: str, parameter: str, type_name: str) -> str:
        """Return whether a value stands so to a parameter; never true of NULL."""
        return f"{self.comparable(value, type_name)} {sign} {self.cast(parameter, type_name)}"

    def in_text(self, value: str, parameter: str) -> str:
        """Return whether a text holds another, letter by letter."""
        raise NotImplementedError

    def at_start(self, value: str, parameter: str) -> str:
        """Return whether a text begins with another."""
        raise NotImplementedError

    def at_end(self, value: str, parameter: str) -> str:
        """Return whether a text ends with another."""
        raise NotImplementedError

    def matches(self, value: str, parameter: str) -> str:
        """Return whether a regular expression, in the engine's own dialect, finds something in a text."""
        raise NotImplementedError

    def has_truth(self, value: str, truth: bool) -> str:
        """Return whether a boolean is this one."""
        return f"{value} = {truth}"

    def bucket(self, value: str, type_name: str, unit: Unit, zone: str | None) -> str:
        """Return the start of the unit that a date lies in; ``zone`` is a parameter. Weeks begin on Monday."""
        raise NotImplementedError

    def aggregate(self, function: Function, value: str, type_name: str) -> str:
        """Return an aggregate; text is joined and compared by code point."""
        if function is Function.COUNT:
            return f"count({value})"
        if function is Function.COUNT_DISTINCT:
            return f"count(DISTINCT {self.comparable(value, type_name)})"
        name = "max" if function is Function.MAX else "min"
        return f"{name}({self.comparable(value, type_name)})"

    def aggregate_to_compare(self, function: Function, value: str, type_name: str) -> str:
        """Return an aggregate as filters compare it."""
        return self.aggregate(function, value, type_name)

    def sort_key(self, value: str, output: Output) -> str:
        """Return what the rows are ordered by, given the name of a column of the plan."""
        return self.comparable(value, output.type)


def nearest(number: Decimal, *, is_single: bool) -> float:
    """Return the double that is nearest to a number; for a column of singles, the double that the single equals."""
    if not is_single:
        return float(number)
    try:
        return float(struct.unpack("f", struct.pack("f", float(number)))[0])
    except OverflowError:
        return float(number)

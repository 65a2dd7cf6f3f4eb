"""The columns of a mart: the category of their type (contract.md 4.3) and the aggregates they allow (4.5).

Type names are the engines' own; what the contract's list leaves out of an engine's names stands beside it here. A type
in no list is of the category ``other``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Category(StrEnum):
    """What kind of values a column has."""

    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    BOOLEAN = "boolean"
    OTHER = "other"


class Function(StrEnum):
    """An aggregate, by its name in requests."""

    STRING_AGG = "STRING_AGG"
    MAX = "MAX"
    MIN = "MIN"
    SUM = "SUM"
    AVG = "AVG"
    COUNT = "COUNT"
    COUNT_DISTINCT = "COUNT_DISTINCT"
    ANY_VALUE = "ANY_VALUE"
    P25 = "P25"
    P50 = "P50"
    P75 = "P75"
    P95 = "P95"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a mart: its exact name, the engine's name of its type, and whether readers may not see it.

    ``aggregations`` names the aggregates that its owner allows; None means the usual ones of its category.
    """

    name: str
    type: str
    hidden: bool = False
    aggregations: tuple[str, ...] | None = None


_NAMES: Final = {
    Category.STRING: ("STRING", "VARCHAR", "CHAR", "TEXT", "BPCHAR", "ENUM"),
    Category.NUMBER: (
        "INTEGER", "INT", "BIGINT", "SMALLINT", "TINYINT", "FLOAT", "REAL", "DOUBLE", "DOUBLE PRECISION", "NUMERIC",
        "BIGNUMERIC", "DECIMAL", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    ),
    Category.DATE: (
        "DATE", "DATETIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "TIMESTAMP_NTZ",
        "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS",
    ),
    Category.TIME: ("TIME", "TIME WITH TIME ZONE", "TIMETZ"),
    Category.BOOLEAN: ("BOOLEAN", "BOOL"),
}  # fmt: skip
_CATEGORIES: Final = {name: category for category, names in _NAMES.items() for name in names}
_WHOLE: Final = {
    "INTEGER", "INT", "BIGINT", "SMALLINT", "TINYINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
}  # fmt: skip
_FLOATING: Final = {"FLOAT", "REAL", "DOUBLE", "DOUBLE PRECISION"}
_ZONED: Final = {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ", "TIME WITH TIME ZONE", "TIMETZ"}
_PARAMETERS: Final = re.compile(r"\([^()]*\)")
_SCALE: Final = re.compile(r"\(\s*\d+\s*(?:,\s*(\d+)\s*)?\)")

_OF_TEXT: Final = (
    Function.MIN, Function.MAX, Function.ANY_VALUE, Function.COUNT, Function.COUNT_DISTINCT, Function.STRING_AGG,
)  # fmt: skip
_SUPPORTED: Final = {
    Category.NUMBER: (
        Function.SUM, Function.AVG, Function.MIN, Function.MAX, Function.ANY_VALUE, Function.P25, Function.P50,
        Function.P75, Function.P95, Function.COUNT, Function.COUNT_DISTINCT,
    ),
    Category.STRING: _OF_TEXT,
    Category.DATE: _OF_TEXT,
    Category.TIME: _OF_TEXT,
    Category.BOOLEAN: (Function.COUNT, Function.COUNT_DISTINCT, Function.ANY_VALUE),
    Category.OTHER: (Function.COUNT, Function.ANY_VALUE),
}  # fmt: skip
_USUAL: Final = {
    Category.NUMBER: (Function.SUM, Function.AVG, Function.MIN, Function.MAX),
    Category.STRING: (Function.COUNT, Function.COUNT_DISTINCT, Function.STRING_AGG, Function.ANY_VALUE),
    Category.DATE: (Function.MIN, Function.MAX),
    Category.TIME: (Function.MIN, Function.MAX),
    Category.BOOLEAN: (Function.COUNT, Function.COUNT_DISTINCT),
    Category.OTHER: (Function.COUNT,),
}


def field_of(kept: Mapping[str, Any]) -> Field:
    """Read a field as a mart keeps it: ``name``, ``type``, and perhaps ``hidden`` and ``aggregations``."""
    allowed = kept.get("aggregations")
    return Field(kept["name"], kept["type"], bool(kept.get("hidden")), None if allowed is None else tuple(allowed))


def plain_name(type_name: str) -> str:
    """Return a type's name without its parameters: ``DECIMAL(10,2)`` is ``DECIMAL``."""
    return " ".join(_PARAMETERS.sub("", type_name).upper().split())


def category(type_name: str) -> Category:
    """Return the category of a type (contract.md 4.3)."""
    return _CATEGORIES.get(plain_name(type_name), Category.OTHER)


def is_whole(type_name: str) -> bool:
    """Tell whether a type holds whole numbers only."""
    return plain_name(type_name) in _WHOLE


def is_floating(type_name: str) -> bool:
    """Tell whether a type holds binary floating point numbers."""
    return plain_name(type_name) in _FLOATING


def is_zoned(type_name: str) -> bool:
    """Tell whether a type of dates or times knows its time zone."""
    return plain_name(type_name) in _ZONED


def is_day(type_name: str) -> bool:
    """Tell whether a type holds dates without a time."""
    return plain_name(type_name) == "DATE"


def scale(type_name: str) -> int | None:
    """Return the digits after the point that a number's type keeps; None for any number of them."""
    if is_whole(type_name):
        return 0
    match = _SCALE.search(type_name)
    return int(match[1] or 0) if match and not is_floating(type_name) else None


def supported(type_name: str) -> tuple[Function, ...]:
    """Return the aggregates that can be computed over a type."""
    return _SUPPORTED[category(type_name)]


def allowed(field: Field) -> tuple[Function, ...]:
    """Return the aggregates that readers may use on a field: those its owner chose, else the usual ones."""
    if field.aggregations is None:
        return _USUAL[category(field.type)]
    return tuple(function for function in supported(field.type) if function.value in field.aggregations)


def result_type(function: Function, type_name: str) -> str:
    """Return the type that filters on an aggregate are checked against (contract.md 4.3)."""
    if function in {Function.COUNT, Function.COUNT_DISTINCT}:
        return "INTEGER"
    if function in {Function.AVG, Function.P25, Function.P50, Function.P75, Function.P95}:
        return "DOUBLE"
    return "STRING" if function is Function.STRING_AGG else type_name

"""PostgreSQL's SQL where it has its own words. Text is compared by code point: collation "C" of a database in UTF-8.

Functions are named with their schema, and operators meet the types of PostgreSQL's own: see ``postgresql_values``.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from owox.reading.controls import Unit
from owox.reading.dialect import FRACTIONS, SEPARATOR, Dialect, nearest
from owox.reading.fields import Category, Function, category, is_day, is_floating, is_whole, is_zoned, plain_name
from owox.reading.operands import Operand

# Four zones that PostgreSQL takes for abbreviations, which know no summer time, by the places that they are named for.
_ZONES: Final = {"CET": "Europe/Brussels", "MET": "Europe/Brussels", "EET": "Europe/Athens", "WET": "Europe/Lisbon"}
_AS_TEXT: Final = {"XML", "POINT", "LINE", "LSEG", "BOX", "PATH", "POLYGON", "CIRCLE", "ACLITEM", "TXID_SNAPSHOT"}
_SAFE: Final = 2**63


class PostgreSqlDialect(Dialect):
    """SQL for PostgreSQL, in a session whose zone is UTC.

    ``casts`` has, for the expressions of columns, the words that SQL casts to their types with.
    """

    def __init__(self, casts: Mapping[str, str | None]) -> None:
        self._casts = casts

    def comparable(self, value: str, type_name: str) -> str:
        kind = plain_name(type_name)
        if category(type_name) is Category.STRING:
            return f'CAST({value} AS text) COLLATE "C"'
        if kind == "REAL":
            return f"CAST({value} AS double precision)"
        if kind in _AS_TEXT:
            return f'CAST({value} AS text) COLLATE "C"'
        return f"CAST({value} AS jsonb)" if kind == "JSON" else value

    def zone(self, name: str) -> str:
        return _ZONES.get(name, name)

    def bound(self, operand: Operand, type_name: str) -> Any:
        if isinstance(operand, Decimal) and is_floating(type_name):
            return repr(nearest(operand, is_single=plain_name(type_name) == "REAL"))
        return super().bound(operand, type_name)

    def cast_name(self, type_name: str) -> str:
        if is_floating(type_name):
            return "double precision"
        return "bigint" if is_whole(type_name) else super().cast_name(type_name)

    def holds(self, number: Decimal, digits: int, type_name: str) -> bool:
        return -_SAFE <= number < _SAFE if is_whole(type_name) else True

    def compares(self, value: str, sign: str, parameter: str, type_name: str) -> str:
        exact = super().compares(value, sign, parameter, type_name)
        if sign != "=" or category(type_name) is not Category.STRING:
            return exact
        # Whatever is equal by code point is so in the column's own collation, which an index can look up.
        return f"(CAST({value} AS text) = CAST({parameter} AS text) AND {exact})"

    def in_text(self, value: str, parameter: str) -> str:
        return f"pg_catalog.strpos({_c(value)}, CAST({parameter} AS text)) > 0"

    def at_start(self, value: str, parameter: str) -> str:
        return f"pg_catalog.starts_with({_c(value)}, CAST({parameter} AS text))"

    def at_end(self, value: str, parameter: str) -> str:
        text = f"CAST({parameter} AS text)"
        return f"pg_catalog.right({_c(value)}, pg_catalog.length({text})) = {text}"

    def matches(self, value: str, parameter: str) -> str:
        return f"{_c(value)} ~ CAST({parameter} AS text)"

    def bucket(self, value: str, type_name: str, unit: Unit, zone: str | None) -> str:
        if is_day(type_name):
            return f"CAST(pg_catalog.date_trunc('{unit}', CAST({value} AS timestamp)) AS date)"
        moment = value
        if zone is not None:
            instant = value if is_zoned(type_name) else f"pg_catalog.timezone('UTC', {value})"
            moment = f"pg_catalog.timezone(CAST({zone} AS text), {instant})"
        return f"pg_catalog.date_trunc('{unit}', {moment})"

    def aggregate(self, function: Function, value: str, type_name: str) -> str:
        if function in FRACTIONS:
            order = f"WITHIN GROUP (ORDER BY CAST({value} AS double precision))"
            return f"pg_catalog.percentile_cont(CAST({FRACTIONS[function]} AS double precision)) {order}"
        if function is Function.SUM:
            return f"pg_catalog.sum({_number(value, type_name)})"
        if function is Function.AVG:
            total = f"CAST(pg_catalog.sum({_number(value, type_name)}) AS double precision)"
            return f"{total} / CAST(pg_catalog.count({value}) AS double precision)"
        if function is Function.STRING_AGG:
            text = _text(value, type_name)
            return f"pg_catalog.string_agg({text}, '{SEPARATOR}' ORDER BY {text})"
        if function is Function.ANY_VALUE:
            return self._any(value, type_name)
        return f"pg_catalog.{super().aggregate(function, value, type_name)}"

    def _any(self, value: str, type_name: str) -> str:
        """Take the least, by its text where a type has no order; going through text and back loses nothing."""
        kind = category(type_name)
        if kind is Category.BOOLEAN:
            return f"pg_catalog.bool_and({value})"
        if kind is not Category.OTHER:
            return f"pg_catalog.min({self.comparable(value, type_name)})"
        cast = self._casts.get(value)
        least = f"pg_catalog.min({_c(value)})"
        return f"CAST({least} AS {cast})" if cast else least


def _c(value: str) -> str:
    return f'(CAST({value} AS text) COLLATE "C")'


def _number(value: str, type_name: str) -> str:
    return f"CAST({value} AS double precision)" if is_floating(type_name) else value


def _text(value: str, type_name: str) -> str:
    if category(type_name) is not Category.DATE or is_day(type_name):
        return _c(value)
    text = f"pg_catalog.btrim(CAST(pg_catalog.to_json({value}) AS text), '\"')"
    return _c(f"pg_catalog.replace({text}, '+00:00', 'Z')" if is_zoned(type_name) else text)

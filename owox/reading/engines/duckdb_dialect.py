"""DuckDB's SQL where it has its own words. Its text is compared by code point as it is."""

from decimal import Decimal
from typing import Any

from owox.reading.controls import Unit
from owox.reading.dialect import FRACTIONS, SEPARATOR, Dialect, nearest
from owox.reading.fields import Category, Function, category, is_day, is_floating, is_zoned, plain_name, scale
from owox.reading.operands import Operand


class DuckDbDialect(Dialect):
    """SQL for DuckDB, in a session whose zone is UTC."""

    def comparable(self, value: str, type_name: str) -> str:
        if plain_name(type_name) == "ENUM":
            return f"CAST({value} AS VARCHAR)"
        return f"CAST({value} AS DOUBLE)" if plain_name(type_name) in {"FLOAT", "REAL"} else value

    def bound(self, operand: Operand, type_name: str) -> Any:
        if isinstance(operand, Decimal) and is_floating(type_name):
            return repr(nearest(operand, is_single=plain_name(type_name) in {"FLOAT", "REAL"}))
        return super().bound(operand, type_name)

    def cast_name(self, type_name: str) -> str:
        digits = scale(type_name)
        if is_floating(type_name):
            return "DOUBLE"
        if digits is not None and category(type_name) is Category.NUMBER:
            return f"DECIMAL(38, {digits})" if digits else "HUGEINT"
        return super().cast_name(type_name)

    def in_text(self, value: str, parameter: str) -> str:
        return f"contains({value}, {parameter})"

    def at_start(self, value: str, parameter: str) -> str:
        return f"starts_with({value}, {parameter})"

    def at_end(self, value: str, parameter: str) -> str:
        return f"ends_with({value}, {parameter})"

    def matches(self, value: str, parameter: str) -> str:
        return f"regexp_matches({value}, {parameter}, 's')"

    def bucket(self, value: str, type_name: str, unit: Unit, zone: str | None) -> str:
        if is_day(type_name):
            return f"CAST(date_trunc('{unit}', {value}) AS DATE)"
        moment = value if is_zoned(type_name) else f"CAST({value} AS TIMESTAMP)"
        if zone is not None:
            instant = moment if is_zoned(type_name) else f"{moment} AT TIME ZONE 'UTC'"
            moment = f"({instant}) AT TIME ZONE {zone}"
        return f"date_trunc('{unit}', {moment})"

    def aggregate(self, function: Function, value: str, type_name: str) -> str:
        if function in FRACTIONS:
            return f"quantile_cont(CAST({value} AS DOUBLE), {FRACTIONS[function]})"
        if function is Function.SUM:
            return f"sum(CAST({value} AS DOUBLE))" if is_floating(type_name) else f"sum({value})"
        if function is Function.AVG:
            return f"CAST(avg({value}) AS DOUBLE)"
        if function is Function.STRING_AGG:
            text = _text(value, type_name)
            return f"string_agg({text}, '{SEPARATOR}' ORDER BY {text})"
        if function is Function.ANY_VALUE and category(type_name) is Category.OTHER:
            return f"any_value({value})"
        return super().aggregate(function, value, type_name)


def _text(value: str, type_name: str) -> str:
    text = f"CAST({value} AS VARCHAR)"
    if category(type_name) is not Category.DATE or is_day(type_name):
        return text
    text = f"replace({text}, ' ', 'T')"
    return f"replace({text}, '+00', 'Z')" if is_zoned(type_name) else text

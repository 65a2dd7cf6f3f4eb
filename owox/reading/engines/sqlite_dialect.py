"""SQLite's SQL where it has its own words, over columns that may hold anything (see ``sqlite_types``)."""

import math
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Final

from owox.reading.controls import Unit
from owox.reading.dialect import FRACTIONS, Dialect
from owox.reading.engines.sqlite_types import MOMENTS, ZONED
from owox.reading.engines.sqlite_values import is_text, is_written_by
from owox.reading.fields import Category, Function, category, is_day, is_floating, is_whole, plain_name, scale
from owox.reading.operands import Operand
from owox.reading.plan import Output

_NUMBERS: Final = "'integer', 'real'"


class SqliteDialect(Dialect):
    """SQL for SQLite; ``collation`` orders text by code point."""

    def __init__(self, collation: str = "BINARY") -> None:
        self._collation = collation

    def parameter(self, at: int) -> str:
        return f"?{at}"

    def comparable(self, value: str, type_name: str) -> str:
        kind = category(type_name)
        if kind is Category.STRING:
            return f"{value} COLLATE {self._collation}"
        return f"coalesce({_moment(value, type_name)}, {value})" if kind in {Category.DATE, Category.TIME} else value

    def digits(self, type_name: str) -> int | None:
        return None

    def bound(self, operand: Operand, type_name: str) -> Any:
        if isinstance(operand, Decimal):
            return float(operand) if is_floating(type_name) else _number(operand)
        text = super().bound(operand, type_name)
        return text.rstrip("0") if isinstance(operand, datetime | time) and operand.microsecond else text

    def cast(self, parameter: str, type_name: str) -> str:
        return parameter

    def compares(self, value: str, sign: str, parameter: str, type_name: str) -> str:
        kind = category(type_name)
        if kind is Category.NUMBER:
            # Anything that is no number is above all numbers.
            above = f" AND {value} < ''" if sign.startswith(">") else ""
            return f"({value} {sign} {parameter}{above})"
        if kind in {Category.DATE, Category.TIME}:
            key = _moment(value, type_name)
            key = f"substr({key}, 1, 10)" if is_day(type_name) else key
            return f"({key} {sign} {parameter}) IS TRUE"
        return super().compares(value, sign, parameter, type_name)

    def in_text(self, value: str, parameter: str) -> str:
        return f"({is_text(value)} AND instr({value}, {parameter}) > 0)"

    def at_start(self, value: str, parameter: str) -> str:
        return f"({is_text(value)} AND substr({value}, 1, length({parameter})) = {parameter})"

    def at_end(self, value: str, parameter: str) -> str:
        # As bytes: the length of a text ends at NUL.
        raw, end = f"CAST({value} AS BLOB)", f"CAST({parameter} AS BLOB)"
        return f"({is_text(value)} AND ({parameter} = '' OR substr({raw}, -length({end})) = {end}))"

    def matches(self, value: str, parameter: str) -> str:
        return f"({is_text(value)} AND owox_matches(CAST({value} AS BLOB), {parameter}))"

    def has_truth(self, value: str, truth: bool) -> str:
        return f"{value} = {truth:d}"

    def bucket(self, value: str, type_name: str, unit: Unit, zone: str | None) -> str:
        moment = _moment(value, type_name)
        if zone is not None:
            return f"CASE WHEN {moment} IS NOT NULL THEN owox_bucket({moment}, '{unit}', {zone}) END"
        day = _first_day(f"substr({moment}, 1, 10)", unit)
        return day if is_day(type_name) else f"{day} || 'T00:00:00'"

    def aggregate(self, function: Function, value: str, type_name: str) -> str:
        fitting = f"FILTER (WHERE {_fits(value, type_name)})"
        if function in FRACTIONS:
            return f"owox_quantile({value}, {FRACTIONS[function]}) {fitting}"
        if function in {Function.SUM, Function.AVG}:
            return _sum(value, type_name, fitting, is_mean=function is Function.AVG)
        if function is Function.STRING_AGG:
            texts = f"json_group_array({self._text(value, type_name)}) FILTER (WHERE {value} IS NOT NULL)"
            return f"owox_join(CAST({texts} AS BLOB))"
        if function in {Function.MIN, Function.MAX}:
            return f"{super().aggregate(function, value, type_name)} {fitting}"
        return super().aggregate(function, value, type_name)

    def aggregate_to_compare(self, function: Function, value: str, type_name: str) -> str:
        return self._as_number(super().aggregate_to_compare(function, value, type_name), function)

    def sort_key(self, value: str, output: Output) -> str:
        if output.function is Function.SUM:
            return self._as_number(value, output.function)
        return super().sort_key(value, output)

    def _as_number(self, value: str, function: Function) -> str:
        """A sum may be text, where 64 bits do not hold it, or a decimal."""
        return f"owox_near({value})" if function is Function.SUM else value

    def _text(self, value: str, type_name: str) -> str:
        kind = category(type_name)
        if kind not in {Category.DATE, Category.TIME}:
            return f"({value} || '')"
        mark = " || 'Z'" if plain_name(type_name) == ZONED else ""
        return f"coalesce({_moment(value, type_name)}{mark}, {value} || '')"


def _number(number: Decimal) -> int | float:
    """Return a whole number of 64 bits as one, any other as a double.

    SQLite compares the two exactly. A fraction so near to a whole number that its double is that number becomes the
    next double on its own side.
    """
    if number == number.to_integral_value():
        return int(number) if -(2**63) <= number < 2**63 else float(number)
    near = float(number)
    return math.nextafter(near, math.inf if number > near else -math.inf) if near.is_integer() else near


def _fits(value: str, type_name: str) -> str:
    kind = category(type_name)
    if kind in {Category.DATE, Category.TIME}:
        return f"{_moment(value, type_name)} IS NOT NULL"
    if kind is Category.NUMBER:
        return f"typeof({value}) IN ({_NUMBERS})"
    return is_text(value) if kind is Category.STRING else f"{value} IS NOT NULL"


def _moment(value: str, type_name: str) -> str:
    """Return the form of a date or time that sorts as text, in UTC and without its mark; NULL for anything else."""
    name = plain_name(type_name)
    raw = f"CAST({value} AS BLOB)"
    if name == "TIME":
        usual, other = f"WHEN {is_written_by('time', value)} THEN {value}", f"owox_clock({raw})"
    elif name == "DATE":
        usual, other = f"WHEN {is_written_by('date', value)} THEN {value}", f"owox_day({raw})"
    elif name in MOMENTS or name == ZONED:
        usual, other = f"WHEN {is_written_by('datetime', value)} THEN replace({value}, ' ', 'T')", f"owox_moment({raw})"
    else:
        raise ValueError(type_name)
    return f"CASE {usual} WHEN {is_text(value)} THEN {other} END"


def _first_day(day: str, unit: Unit) -> str:
    if unit is Unit.DAY:
        return day
    if unit is Unit.WEEK:
        return f"date({day}, 'weekday 0', '-6 days')"
    if unit is Unit.MONTH:
        return f"substr({day}, 1, 8) || '01'"
    if unit is Unit.YEAR:
        return f"substr({day}, 1, 5) || '01-01'"
    month = f"substr({day}, 6, 2)"
    start = (
        f"CASE WHEN {month} < '04' THEN '01' WHEN {month} < '07' THEN '04' WHEN {month} < '10' THEN '07' ELSE '10' END"
    )
    return f"substr({day}, 1, 5) || {start} || '-01'"


def _sum(value: str, type_name: str, fitting: str, *, is_mean: bool) -> str:
    if is_floating(type_name):
        return f"{'avg' if is_mean else 'sum'}(CAST({value} AS REAL)) {fitting}"
    if not is_whole(type_name):
        mean = f"owox_decimal_mean({value}) {fitting}"
        return mean if is_mean else f"owox_decimal_sum({value}, {scale(type_name) or 0}) {fitting}"
    whole, real = (f"FILTER (WHERE typeof({value}) = '{name}')" for name in ("integer", "real"))
    halves = f"sum({value} >> 32) {whole}, sum({value} & 4294967295) {whole}, sum({value}) {real}"
    return f"owox_mean({halves}, count({value}) {fitting})" if is_mean else f"owox_total({halves})"

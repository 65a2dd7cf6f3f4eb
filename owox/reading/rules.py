"""Whether a judged request fits a mart, with the error codes of contract.md 4.7, and the plan that it makes."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from owox.reading.controls import Aggregation, DateBucket, Filter, Operator
from owox.reading.fields import Category, Field, Function, allowed, category, is_day, result_type, supported
from owox.reading.operands import days, operand
from owox.reading.patterns import is_pattern
from owox.reading.plan import ROW_COUNT, Condition, Output, Plan
from owox.reading.query import OutputControlsError, Query, select

Error = dict[str, str]

_ALWAYS: Final = {Operator.IS_NULL, Operator.IS_NOT_NULL}
_ORDERED: Final = {
    Operator.EQ, Operator.NEQ, Operator.GT, Operator.LT, Operator.GTE, Operator.LTE, Operator.BETWEEN, Operator.IN,
    Operator.NOT_IN,
}  # fmt: skip
_OPERATORS: Final = {
    Category.STRING: {
        Operator.EQ, Operator.NEQ, Operator.CONTAINS, Operator.NOT_CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH,
        Operator.IN, Operator.NOT_IN, Operator.IS_EMPTY, Operator.IS_NOT_EMPTY, Operator.REGEX, Operator.NOT_REGEX,
    },
    Category.NUMBER: _ORDERED,
    Category.DATE: _ORDERED | {Operator.RELATIVE_DATE},
    Category.TIME: _ORDERED,
    Category.BOOLEAN: {Operator.IS_TRUE, Operator.IS_FALSE},
    Category.OTHER: set(),
}  # fmt: skip
_TOKENS: Final = {
    Function.COUNT_DISTINCT: "COUNTUNIQUE",
    Function.STRING_AGG: "STRINGAGG",
    Function.ANY_VALUE: "ANYVALUE",
    Function.P50: "MEDIAN",
}
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


def plan(query: Query, fields: Sequence[Field], today: date) -> Plan:
    """Return what to read from a mart with these fields; ``today`` is the day that relative dates start from.

    Raises ``UnknownColumns``, ``QueryError`` when nothing can be selected, and ``OutputControlsError`` with every
    rule that does not fit.
    """
    selected = {field.name: field for field in select(query, fields)}
    offered = {field.name: field for field in fields if not field.hidden}
    errors = [
        *_filter_errors(query, offered),
        *({"code": "SORT_COLUMN_NOT_SELECTED", "column": s.column} for s in query.sorts if s.column not in selected),
        *_aggregation_errors(query.aggregations, selected),
        *_bucket_errors(query, selected, offered),
    ]
    outputs = _outputs(query, selected)
    grouped = bool(query.aggregations or query.buckets)
    if errors or (errors := list(_collisions(outputs) if grouped else ())):
        raise OutputControlsError(errors)
    conditions = [_condition(rule, offered[rule.column], today) for rule in query.filters]
    return Plan(
        outputs,
        tuple(condition for condition in conditions if condition.function is None),
        tuple(condition for condition in conditions if condition.function is not None),
        tuple((_position(outputs, sort.column), sort.descending) for sort in query.sorts),
        grouped,
        query.limit,
    )


def label(column: str, function: Function) -> str:
    """Return the name of an aggregate in rows (contract.md 4.5)."""
    return f"{column.replace('.', '_')} | {_TOKENS.get(function, function.value)}"


def _outputs(query: Query, selected: dict[str, Field]) -> tuple[Output, ...]:
    buckets = {bucket.column: bucket for bucket in query.buckets}
    functions: dict[str, list[Function]] = {}
    for rule in query.aggregations:
        functions.setdefault(rule.column, []).append(rule.function)
    outputs: list[Output] = []
    for name, field in selected.items():
        outputs += [Output(label(name, function), field, function) for function in functions.get(name, ())] or [
            Output(name, field, None, buckets.get(name))
        ]
    return (*outputs, Output(ROW_COUNT, None)) if query.aggregations else tuple(outputs)


def _position(outputs: Sequence[Output], column: str) -> int:
    return next(at for at, output in enumerate(outputs) if output.field is not None and output.field.name == column)


def _collisions(outputs: Sequence[Output]) -> Iterator[Error]:
    seen = Counter(output.label.casefold() for output in outputs)
    for output in outputs:
        if seen.pop(output.label.casefold(), 0) > 1:
            yield {"code": "OUTPUT_COLUMN_NAME_COLLISION", "label": output.label}


def _filter_errors(query: Query, offered: dict[str, Field]) -> Iterator[Error]:
    aggregated = {(rule.column, rule.function) for rule in query.aggregations}
    for rule in query.filters:
        if rule.pre_join and rule.function:
            yield {"code": "HAVING_FILTER_INVALID_PLACEMENT", "column": rule.column, "function": rule.function}
        elif rule.pre_join:
            yield {"code": "PRE_JOIN_FILTERS_REQUIRE_JOINED_DATA_MART", "column": rule.column}
        elif rule.function and (rule.column, rule.function) not in aggregated:
            yield {"code": "HAVING_FILTER_NOT_AGGREGATED", "column": rule.column, "function": rule.function}
        else:
            yield from _type_errors(rule, _compared(rule, offered[rule.column]))


def _compared(rule: Filter, field: Field) -> str:
    return result_type(rule.function, field.type) if rule.function else field.type


def _type_errors(rule: Filter, type_name: str) -> Iterator[Error]:
    wrong = {"code": "INVALID_OPERATOR_FOR_TYPE", "column": rule.column, "type": type_name, "operator": rule.operator}
    if rule.operator not in _OPERATORS[category(type_name)] | _ALWAYS:
        yield wrong
        return
    try:
        for value in rule.values:
            operand(value, type_name)
    except ValueError as error:
        yield wrong | {"message": str(error)}
    if rule.operator in {Operator.REGEX, Operator.NOT_REGEX}:
        pattern = str(rule.values[0])
        if not is_pattern(pattern):
            yield {"code": "INVALID_REGEX_PATTERN", "column": rule.column, "pattern": pattern}


def _aggregation_errors(rules: Sequence[Aggregation], selected: dict[str, Field]) -> Iterator[Error]:
    seen = set()
    for rule in rules:
        about = {"column": rule.column, "function": rule.function.value}
        if rule in seen:
            yield {"code": "DUPLICATE_AGGREGATION", **about}
            continue
        seen.add(rule)
        field = selected.get(rule.column)
        if field is None:
            yield {"code": "AGGREGATION_COLUMN_NOT_SELECTED", "column": rule.column}
        elif rule.function not in supported(field.type):
            yield {"code": "AGGREGATION_FUNCTION_NOT_ALLOWED_FOR_TYPE", **about, "type": field.type}
        elif rule.function not in allowed(field):
            yield {"code": "AGGREGATION_FUNCTION_NOT_ALLOWED_FOR_FIELD", **about}


def _bucket_errors(query: Query, selected: dict[str, Field], offered: dict[str, Field]) -> Iterator[Error]:
    aggregated = {rule.column for rule in query.aggregations}
    seen = set()
    for rule in query.buckets:
        if rule.column in seen:
            yield {"code": "DUPLICATE_DATE_TRUNC", "column": rule.column}
            continue
        seen.add(rule.column)
        if rule.column not in selected:
            yield {"code": "DATE_TRUNC_COLUMN_NOT_SELECTED", "column": rule.column}
        else:
            yield from _bucket_errors_of(rule, offered[rule.column], is_aggregated=rule.column in aggregated)


def _bucket_errors_of(rule: DateBucket, field: Field, *, is_aggregated: bool) -> Iterator[Error]:
    if category(field.type) is not Category.DATE:
        yield {"code": "DATE_TRUNC_REQUIRES_DATE_COLUMN", "column": rule.column, "type": field.type}
        return
    if is_aggregated:
        yield {"code": "DATE_TRUNC_COLUMN_IS_AGGREGATED", "column": rule.column}
    if rule.time_zone is None:
        return
    if not _ZONE.fullmatch(rule.time_zone) or rule.time_zone not in _zones():
        yield {"code": "DATE_TRUNC_INVALID_TIMEZONE", "column": rule.column, "timeZone": rule.time_zone}
    elif is_day(field.type):
        yield {"code": "DATE_TRUNC_TIMEZONE_REQUIRES_TIMESTAMP", "column": rule.column, "type": field.type}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _condition(rule: Filter, field: Field, today: date) -> Condition:
    type_name = _compared(rule, field)
    if rule.relative is not None:
        return Condition(field, rule.operator, type_name, days(rule.relative, today), rule.function)
    operands = tuple(operand(value, type_name) for value in rule.values)
    return Condition(field, rule.operator, type_name, operands, rule.function)

"""What a request asked for, as the JSON values that a record keeps: the rules as they were understood, no more."""

from decimal import Decimal
from typing import Any, Final

from owox.reading.controls import Aggregation, DateBucket, Filter, Operator, Relative, Scalar, Sort
from owox.reading.query import Query

_EXACT_DIGITS: Final = 38


def describe(query: Query) -> dict[str, Any]:
    """Return those of ``filter``, ``sort``, ``aggregation``, ``dateTrunc`` and ``limit`` that were given.

    The rules are those of contract.md 4.2. Whole numbers of up to 38 digits are exact, others the nearest doubles.
    """
    asked: dict[str, Any] = {
        "filter": [_filter(rule) for rule in query.filters],
        "sort": [_sort(rule) for rule in query.sorts],
        "aggregation": [_aggregation(rule) for rule in query.aggregations],
        "dateTrunc": [_bucket(rule) for rule in query.buckets],
    }
    given = {name: rules for name, rules in asked.items() if rules}
    return given if query.limit is None else given | {"limit": query.limit}


def _filter(rule: Filter) -> dict[str, Any]:
    described: dict[str, Any] = {"column": rule.column, "operator": rule.operator.value}
    if rule.relative is not None:
        described["value"] = _relative(rule.relative)
    elif rule.values:
        described["value"] = _value(rule.operator, [_scalar(value) for value in rule.values])
    if rule.function is not None:
        described["function"] = rule.function.value
    return described | ({"placement": "pre-join"} if rule.pre_join else {})


def _value(operator: Operator, values: list[Any]) -> Any:
    if operator in {Operator.IN, Operator.NOT_IN}:
        return values
    return {"from": values[0], "to": values[1]} if operator is Operator.BETWEEN else values[0]


def _relative(relative: Relative) -> dict[str, Any]:
    return {"kind": relative.span.value} | ({"n": relative.n} if relative.n else {})


def _scalar(value: Scalar) -> Any:
    if not isinstance(value, Decimal):
        return value
    whole = value.adjusted() < _EXACT_DIGITS and value == value.to_integral_value()
    return int(value) if whole else float(value)


def _sort(rule: Sort) -> dict[str, Any]:
    return {"column": rule.column, "direction": "desc" if rule.descending else "asc"}


def _aggregation(rule: Aggregation) -> dict[str, Any]:
    return {"column": rule.column, "function": rule.function.value}


def _bucket(rule: DateBucket) -> dict[str, Any]:
    zone = {} if rule.time_zone is None else {"timeZone": rule.time_zone}
    return {"column": rule.column, "unit": rule.unit.value} | zone

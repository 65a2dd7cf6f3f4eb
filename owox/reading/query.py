"""The parameters of a rows request (contract.md 4.2), judged without knowing the mart: ``rules`` does the rest.

Parameters that the contract does not know are ignored; those it knows and refuses are refused here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from owox.reading.controls import Aggregation, DateBucket, Filter, Sort
from owox.reading.encoding import (
    ENCODED_MAX,
    ControlError,
    read_aggregations,
    read_buckets,
    read_filters,
    read_sorts,
)
from owox.reading.fields import Field

LIMIT_MAX: Final = 2**63 - 1

_ALL: Final = ("*", "**")
_UNSUPPORTED: Final = ("offset", "pageToken")
_LIMIT: Final = re.compile(r"([0-9]{1,19})(?:[eE]\+?([0-9]{1,2}))?")
_CONTROLS: Final[dict[str, Callable[[str], tuple[Any, ...]]]] = {
    "filter": read_filters,
    "sort": read_sorts,
    "aggregation": read_aggregations,
    "dateTrunc": read_buckets,
}


@dataclass(frozen=True, slots=True)
class Query:
    """What a request asks for; ``columns`` are exact names in the order asked, ``limit`` None means all rows."""

    all_columns: bool
    columns: tuple[str, ...] = ()
    limit: int | None = None
    filters: tuple[Filter, ...] = ()
    sorts: tuple[Sort, ...] = ()
    aggregations: tuple[Aggregation, ...] = ()
    buckets: tuple[DateBucket, ...] = ()

    def referenced(self) -> tuple[str, ...]:
        """Every column that is named anywhere but in a filter before joining, each once, in reading order."""
        names = [*self.columns]
        for rules in (self.sorts, self.aggregations, self.buckets):
            names += [rule.column for rule in rules]
        names += [rule.column for rule in self.filters if not rule.pre_join]
        return tuple(dict.fromkeys(names))


class QueryError(ValueError):
    """A request that breaks the rules; the message is made for the caller (contract.md 4.2)."""


class UnknownColumns(QueryError):
    """Names that the mart does not offer, in ``columns``, each once and in the order asked."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        super().__init__(f"Unknown column{'s' if len(columns) > 1 else ''}: {', '.join(columns)}")
        self.columns = columns


class OutputControlsError(QueryError):
    """Rules that do not fit the mart (contract.md 4.7), in ``errors``: each has a ``code`` and what it is about."""

    def __init__(self, errors: Sequence[Mapping[str, str]]) -> None:
        super().__init__("Output controls validation failed")
        self.errors = [dict(error) for error in errors]


def parse_query(pairs: Sequence[tuple[str, str]]) -> Query:
    """Validate the decoded query string, given as (name, value) pairs in their order.

    Raises ``QueryError`` with every broken rule as ``path: text``, joined by ``; ``. Names that the contract does
    not know are ignored.
    """
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    columns = tuple(values.get("column", ()))
    limit, limit_errors = _limit(values.get("limit", []))
    controls: dict[str, tuple[Any, ...]] = {}
    control_errors = []
    for name, read in _CONTROLS.items():
        controls[name], wrong = _control(name, values.get(name, []), read)
        control_errors += wrong
    errors = [
        *_columns_errors(values.get("columns", []), columns),
        *(f"column.{at}: column value must not be empty" for at, name in enumerate(columns) if not name),
        *control_errors,
        *_grouping_errors(controls, alone="columns" not in values and bool(columns)),
        *(f'{name}: Parameter "{name}" is not supported by HTTP Data API' for name in _UNSUPPORTED if name in values),
        *limit_errors,
    ]
    if errors:
        raise QueryError("; ".join(errors))
    return Query("columns" in values or not columns, columns, limit, *controls.values())


def parse_report_query(pairs: Sequence[tuple[str, str]]) -> int | None:
    """Validate the query string of a saved report, which may hold nothing but a limit; return that, or None.

    Raises ``QueryError`` as ``parse_query`` does (contract.md 4.1).
    """
    others = dict.fromkeys(name[:100] for name, _ in pairs if name != "limit")
    limit, limit_errors = _limit([value for name, value in pairs if name == "limit"])
    errors = [f'{name}: Parameter "{name}" is not supported for reports' for name in list(others)[:20]]
    if errors or limit_errors:
        raise QueryError("; ".join([*errors, *limit_errors]))
    return limit


def select(query: Query, fields: Sequence[Field]) -> tuple[Field, ...]:
    """Return the fields that a query selects from a mart's schema, each once, its first position winning.

    Raises ``UnknownColumns`` for any name the mart does not offer, also a hidden one and wherever the query names
    it, and ``QueryError`` when nothing can be selected.
    """
    offered: Mapping[str, Field] = {field.name: field for field in fields if not field.hidden}
    unknown = tuple(name for name in query.referenced() if name not in offered)
    if unknown:
        raise UnknownColumns(unknown)
    names = dict.fromkeys([*(offered if query.all_columns else ()), *query.columns])
    if not names:
        raise QueryError("No columns available for the requested Data Mart")
    return tuple(offered[name] for name in names)


def _columns_errors(given: list[str], exact: tuple[str, ...]) -> list[str]:
    if len(given) > 1:
        return ['columns: Parameter "columns" cannot be repeated']
    if given and given[0] not in _ALL:
        return ['columns: "columns" must be "*" or "**"']
    if given == ["**"] and exact:
        return ['columns: "**" cannot be combined with exact column values']
    return []


def _control(name: str, given: list[str], read: Callable[[str], tuple[Any, ...]]) -> tuple[tuple[Any, ...], list[str]]:
    if not given:
        return (), []
    if len(given) > 1:
        return (), [f'{name}: Parameter "{name}" cannot be repeated']
    if not 1 <= len(given[0]) <= ENCODED_MAX:
        return (), [f"{name}: {name} must be 1 to {ENCODED_MAX} characters"]
    try:
        return read(given[0]), []
    except ControlError as error:
        return (), [f"{name}: Invalid {name}: {error}"]


def _grouping_errors(controls: Mapping[str, tuple[Any, ...]], *, alone: bool) -> list[str]:
    """Groups need to be told by exact columns: "all of them" would change with the mart."""
    names = [name for name in ("aggregation", "dateTrunc") if controls[name] and not alone]
    return [f'{name}: "{name}" requires at least one "column" and no "columns"' for name in names]


def _limit(given: list[str]) -> tuple[int | None, list[str]]:
    """Read a limit as the contract's clients write it, and in the exponent form that JavaScript gives large numbers."""
    if not given:
        return None, []
    if len(given) > 1:
        return None, ['limit: Parameter "limit" cannot be repeated']
    match = _LIMIT.fullmatch(given[0])
    number = int(match[1]) * 10 ** int(match[2] or 0) if match else 0
    if not 1 <= number <= LIMIT_MAX:
        return None, [f"limit: limit must be a whole number from 1 to {LIMIT_MAX}"]
    return number, []

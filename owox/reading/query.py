"""The parameters of a rows request (contract.md 4.2): which columns of a mart, and at most how many rows.

Parameters that change which rows or values come back but cannot be honoured yet are refused, never ignored.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LIMIT_MAX: Final = 2**63 - 1

_ALL: Final = ("*", "**")
_UNSUPPORTED: Final = {
    **dict.fromkeys(("filter", "sort", "aggregation", "dateTrunc"), "is not supported by this version"),
    **dict.fromkeys(("offset", "pageToken"), "is not supported by HTTP Data API"),
}
_LIMIT: Final = re.compile(r"([0-9]{1,19})(?:[eE]\+?([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a mart: its exact name, the engine's name of its type, and whether readers may not see it."""

    name: str
    type: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What a request asks for; ``columns`` are exact names in the order asked, ``limit`` None means all rows."""

    all_columns: bool
    columns: tuple[str, ...] = ()
    limit: int | None = None


class QueryError(ValueError):
    """A request that breaks the rules; the message is made for the caller (contract.md 4.2)."""


class UnknownColumns(QueryError):
    """Names that the mart does not offer, in ``columns``, each once and in the order asked."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        super().__init__(f"Unknown column{'s' if len(columns) > 1 else ''}: {', '.join(columns)}")
        self.columns = columns


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
    errors = [
        *_columns_errors(values.get("columns", []), columns),
        *(f"column.{at}: column value must not be empty" for at, name in enumerate(columns) if not name),
        *(f'{name}: Parameter "{name}" {why}' for name, why in _UNSUPPORTED.items() if name in values),
        *limit_errors,
    ]
    if errors:
        raise QueryError("; ".join(errors))
    return Query("columns" in values or not columns, columns, limit)


def select(query: Query, fields: Sequence[Field]) -> tuple[Field, ...]:
    """Return the fields that a query selects from a mart's schema, each once, its first position winning.

    Raises ``UnknownColumns``, also for a hidden field, and ``QueryError`` when nothing can be selected.
    """
    offered: Mapping[str, Field] = {field.name: field for field in fields if not field.hidden}
    names = dict.fromkeys([*(offered if query.all_columns else ()), *query.columns])
    unknown = tuple(name for name in names if name not in offered)
    if unknown:
        raise UnknownColumns(unknown)
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

"""Which rows and columns to read, and how they go into a URL (contract.md 4.2)."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from owox.client.errors import ConfigError

Rule = Mapping[str, Any]


class Query(TypedDict, total=False):
    """The options of a stream. Names of columns are exact; rules have the form of contract.md 4.3-4.6."""

    columns: Literal["*", "**"]
    """``*`` all native columns, which is the default; ``**`` the joined ones too, not to be had with ``column``."""
    column: Sequence[str]
    """These columns in this order, or with ``columns="*"`` after the native ones."""
    filter: Sequence[Rule]
    """``{"column", "operator", "value"?, "placement"?, "function"?}``, all of which must hold."""
    sort: Sequence[Rule]
    """``{"column", "direction": "asc" | "desc"}``, in order."""
    aggregation: Sequence[Rule]
    """``{"column", "function": "SUM" | "COUNT" | ...}``; selected columns without one group the rows."""
    date_trunc: Sequence[Rule]
    """``{"column", "unit": "DAY" | "WEEK" | "MONTH" | "QUARTER" | "YEAR", "timeZone"?}``."""
    limit: int
    """At most so many rows, 1 or more."""


_RULES = {"filter": "filter", "sort": "sort", "aggregation": "aggregation", "date_trunc": "dateTrunc"}


def parameters(query: Query) -> tuple[tuple[str, str], ...]:
    """Return a query as parameters, in the contract's order; raise ``ConfigError``, ``TypeError`` for other names."""
    if unknown := query.keys() - Query.__annotations__.keys():
        raise TypeError(f"stream() got an unexpected keyword argument {min(unknown)!r}")
    columns, column = query.get("columns"), query.get("column", ())
    if columns not in (None, "*", "**"):
        raise ConfigError('columns must be "*" or "**"', hint="Exact names go into column.")
    if columns == "**" and column:
        raise ConfigError('columns "**" cannot be combined with exact column values')
    limit = query.get("limit")
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise ConfigError("limit must be an integer of at least 1")
    return (
        *((("columns", columns),) if columns is not None else ()),
        *(("column", name) for name in ([column] if isinstance(column, str) else column)),
        *((wire, _encoded(name, query[name])) for name, wire in _RULES.items() if query.get(name) is not None),  # type: ignore[literal-required]
        *((("limit", str(limit)),) if limit is not None else ()),
    )


def _encoded(name: str, rules: Sequence[Rule]) -> str:
    """Return base64url without padding of the compact JSON array."""
    if isinstance(rules, str | bytes | Mapping):
        raise ConfigError(f"{name} must be a list of rules")
    try:
        text = json.dumps(list(rules), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise ConfigError(f"{name} holds a value that JSON has no form for") from None
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()

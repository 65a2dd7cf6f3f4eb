"""The types of columns: looked up in PostgreSQL's catalogue, domains resolved to what they stand for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from owox.reading.engines.postgresql_connection import Column, Session

NUMERIC: Final = 1700
_VARCHAR: Final = 1043
_CHAR: Final = 1042
_HEADER: Final = 4

# The names are those of contract.md 4.3 where it has the type.
_NAMES: Final = {
    16: "BOOLEAN", 17: "BYTEA", 20: "BIGINT", 21: "SMALLINT", 23: "INTEGER", 25: "TEXT", 114: "JSON", 700: "REAL",
    701: "DOUBLE PRECISION", 1042: "CHAR", 1043: "VARCHAR", 1082: "DATE", 1083: "TIME", 1114: "TIMESTAMP",
    1184: "TIMESTAMP WITH TIME ZONE", 1186: "INTERVAL", 1266: "TIME WITH TIME ZONE", 1700: "NUMERIC", 2950: "UUID",
    3802: "JSONB",
}  # fmt: skip

_CATALOGUE: Final = """
WITH RECURSIVE needed (oid) AS (
    SELECT unnest(CAST($1 AS oid[]))
    UNION
    SELECT more.oid FROM needed JOIN pg_type t ON t.oid = needed.oid CROSS JOIN LATERAL (
        SELECT t.typbasetype AS oid WHERE t.typtype = 'd'
        UNION ALL
        SELECT e.oid FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid
        UNION ALL
        SELECT a.atttypid FROM pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS more
)
SELECT t.oid, CAST(t.typtype AS text), CAST(t.typcategory AS text), t.typbasetype, t.typtypmod,
    format_type(t.oid, NULL), (SELECT e.oid FROM pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid),
    ARRAY(SELECT ARRAY[CAST(a.attname AS text), CAST(a.atttypid AS text), CAST(a.atttypmod AS text)] FROM pg_attribute a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
FROM needed JOIN pg_type t ON t.oid = needed.oid
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type: its number in PostgreSQL, its name for readers, and the words that SQL casts to it with, if it can.

    ``element`` is that of an array; ``members`` are the names and types of a composite type, which may have none.
    """

    oid: int
    name: str
    cast: str | None
    element: "Kind | None" = None
    members: "tuple[tuple[str, Kind], ...] | None" = None


def is_text(kind: Kind) -> bool:
    """Tell whether a type holds text under some name, or the names of an enumeration."""
    return kind.oid == _CHAR or kind.name in {"TEXT", "ENUM"}


def kinds(session: Session, columns: Sequence[Column]) -> list[Kind]:
    """Return the types of columns."""
    unknown = {column.oid for column in columns} - _NAMES.keys()
    catalogue = {}
    if unknown:
        oids = "{" + ",".join(map(str, unknown)) + "}"
        catalogue = {row[0]: row[1:] for row in session.execute(_CATALOGUE, (oids,)).fetchall()}
    return [_kind(column.oid, column.modifier, catalogue) for column in columns]


def _kind(oid: int, modifier: int, catalogue: Mapping[int, tuple[Any, ...]]) -> Kind:
    if oid in _NAMES:
        return Kind(oid, _NAMES[oid] + _parameters(oid, modifier), _NAMES[oid])
    sort, category, base, base_modifier, name, element, members = catalogue[oid]
    if sort == "d":
        return _kind(base, base_modifier, catalogue)
    if sort == "c":
        parts = tuple((part, _kind(int(kind), int(of), catalogue)) for part, kind, of in members)
        return Kind(oid, name, name, members=parts)
    if element is not None:
        return Kind(oid, name, name, element=_kind(element, modifier, catalogue))
    if sort == "e":
        return Kind(oid, "ENUM", name)
    return Kind(oid, "TEXT" if category == "S" else name, None if sort == "p" else name)


def _parameters(oid: int, modifier: int) -> str:
    if modifier < _HEADER:
        return ""
    given = modifier - _HEADER
    if oid == NUMERIC:
        # Eleven bits of scale with a sign, above them the precision.
        return f"({given >> 16 & 0xFFFF},{((given & 0x7FF) ^ 0x400) - 0x400})"
    return f"({given})" if oid in {_VARCHAR, _CHAR} else ""

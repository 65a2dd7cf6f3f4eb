"""How PostgreSQL writes a value as JSON: SQL expressions for the table of forms in the package's docstring.

Lines are joined text rather than ``row_to_json``: that takes its keys from the names of columns, which end at 63
bytes, and needs a second conversion for each value whose form it has not; joined text is no slower.

Every function is named with its schema, and every operator meets exactly the types that PostgreSQL's own has, so that
one somebody put into another schema is never called.
"""

import json
from collections.abc import Sequence
from typing import Final

from owox.reading.engines.postgresql_types import NUMERIC, Kind, is_text

_PLAIN: Final = {16, 21, 23, 26}  # boolean, smallint, integer, oid
_BIGINT: Final = 20
_NATIVE: Final = {25, 700, 701, 1043, 1114}  # text, real, double, varchar, timestamp: to_json has their form
_QUOTED: Final = {1082, 1083, 1186, 1266, 1560, 1562, NUMERIC, 2950}  # dates, times, intervals, bits, UUIDs
_ZONED: Final = 1184
_BYTEA: Final = 17
_JSON: Final = {114, 3802}
_SAFE: Final = 2**53 - 1
_DIMENSIONS: Final = 6  # the most that an array can have
_ARGUMENTS: Final = 90  # a function takes 100 at most


def identifier(name: str) -> str:
    """Quote a name for PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for PostgreSQL, in a session with standard_conforming_strings."""
    return "'" + text.replace("'", "''") + "'"


def select(expressions: str, source: str | None = None) -> str:
    """Return a statement, of parts that are quoted already."""
    return f"SELECT {expressions}" + (f" FROM {source}" if source else "")  # noqa: S608


def line(members: Sequence[tuple[str, str, Kind, bool]]) -> str:
    """Return the expression that writes a JSON object of these (label, expression, type, whole), without line end.

    ``whole`` marks whole numbers that PostgreSQL keeps as numeric, as it does for sums.
    """
    return _object([(label, _whole(value) if whole else written(value, kind)) for label, value, kind, whole in members])


def written(value: str, kind: Kind, depth: int = 0) -> str:
    """Return an expression for the JSON text of an expression of this type; it is NULL where the value is NULL.

    ``depth`` counts the arrays around it, whose names must differ.
    """
    if kind.element is not None:
        return _array(value, kind.element, depth)
    if kind.members is not None:
        parts = [(name, written(f"({value}).{identifier(name)}", member, depth)) for name, member in kind.members]
        return f"CASE WHEN {value} IS DISTINCT FROM NULL THEN {_object(parts)} END"
    return _scalar(value, kind)


def _scalar(value: str, kind: Kind) -> str:
    oid = kind.oid
    text = f"CAST({value} AS text)"
    if oid in _PLAIN:
        return text
    if oid == _BIGINT:
        return f"CASE WHEN {value} BETWEEN -{_SAFE} AND {_SAFE} THEN {text} ELSE {_quoted(text)} END"
    if oid in _NATIVE:
        return _native(value)
    if oid in _QUOTED:
        return _quoted(text)
    if oid == _ZONED:
        return _in_utc(value)
    if oid == _BYTEA:
        return _quoted(f"pg_catalog.translate(pg_catalog.encode({value}, 'base64'), E'\\n', '')")
    if oid in _JSON:
        return _compact(text)
    return _native(text) if is_text(kind) else f"CASE WHEN {value} IS DISTINCT FROM NULL THEN {_printed(value)} END"


def _whole(value: str) -> str:
    text = f"CAST({value} AS text)"
    low, high = f"CAST(-{_SAFE} AS numeric)", f"CAST({_SAFE} AS numeric)"
    return f"CASE WHEN CAST({value} AS numeric) BETWEEN {low} AND {high} THEN {text} ELSE {_quoted(text)} END"


def _native(value: str) -> str:
    return f"pg_catalog.to_json({value})"


def _printed(value: str) -> str:
    """Write what PostgreSQL prints; a cast to text would add to some types, such as the mask to an address."""
    return _native(f"pg_catalog.concat({value})")


def _in_utc(value: str) -> str:
    # The session's zone is UTC, so the database always writes +00:00.
    return f"pg_catalog.replace(CAST({_native(value)} AS text), '+00:00', 'Z')"


def _quoted(text: str) -> str:
    return f"""('"' || {text} || '"')"""


def _object(members: Sequence[tuple[str, str]]) -> str:
    parts = []
    for at, (name, text) in enumerate(members):
        key = json.dumps(name, ensure_ascii=False) + ":"
        parts += [literal(("," if at else "{") + key), f"coalesce({text}, 'null')"]
    return _joined([*(parts or ["'{'"]), "'}'"])


def _joined(parts: list[str]) -> str:
    if len(parts) > _ARGUMENTS:
        parts = [_joined(parts[at : at + _ARGUMENTS]) for at in range(0, len(parts), _ARGUMENTS)]
    return f"pg_catalog.concat({', '.join(parts)})"


def _array(value: str, element: Kind, depth: int) -> str:
    """Write an array, of as many dimensions as it has: its type does not tell."""
    if element.element is None and element.members is None:
        if element.oid in _PLAIN | _NATIVE:
            return _native(value)
        if element.oid == _ZONED:
            return _in_utc(value)
        if element.oid in _QUOTED or is_text(element):
            return _native(f"CAST({value} AS text[])")
    item, at, shape = f"item{depth}", f"at{depth}", f"shape{depth}"
    text = f"coalesce({written(f'{item}.value', element, depth + 1)}, 'null')"
    opened, closed = (_brackets(sign, at, shape) for sign in ("[", "]"))
    each = f"({select(f'pg_catalog.unnest({value}) AS value OFFSET 0')}) AS value{depth}"
    counted = f"({select(f'pg_catalog.row_number() OVER () AS {at}, value', each)}) AS {item}"
    sizes = f"({select('ARRAY[' + ', '.join(_sizes(value)) + '] AS sizes')}) AS {shape}"
    joined = f"pg_catalog.string_agg(pg_catalog.concat({opened}, {text}, {closed}), ',' ORDER BY {item}.{at})"
    array = select(joined, f"{counted}, {sizes}")
    return f"CASE WHEN pg_catalog.cardinality({value}) = 0 THEN '[]' ELSE ({array}) END"


def _sizes(value: str) -> list[str]:
    """How many elements one part of each dimension has, from the outermost on; NULL beyond the last."""
    lengths = [f"CAST(pg_catalog.array_length({value}, {at}) AS bigint)" for at in range(1, _DIMENSIONS + 1)]
    inner = [f"coalesce({length}, CAST(1 AS bigint))" for length in lengths]
    return [" * ".join([length, *inner[at + 1 :]]) for at, length in enumerate(lengths)]


def _brackets(sign: str, at: str, shape: str) -> str:
    """Return the brackets that open before an element, or close after it."""
    place = f"{at} - CAST(1 AS bigint)" if sign == "[" else at
    sizes = f"pg_catalog.unnest({shape}.sizes) AS size WHERE ({place}) % size = CAST(0 AS bigint)"
    return f"pg_catalog.repeat('{sign}', CAST(({select('pg_catalog.count(*)', sizes)}) AS integer))"


def _compact(text: str) -> str:
    """Take the spaces out of a document, outside of its strings.

    A document holds no control characters but those spaces, so two can stand for what is no end of a string.
    """
    escaped = f"pg_catalog.replace(pg_catalog.replace({text}, '\\\\', E'\\x01'), '\\\"', E'\\x02')"
    outside = "at & CAST(1 AS bigint) = CAST(1 AS bigint)"
    cleaned = f"CASE WHEN {outside} THEN pg_catalog.translate(piece, E' \\t\\n\\r', '') ELSE piece END"
    pieces = f"pg_catalog.unnest(pg_catalog.string_to_array({escaped}, '\"')) WITH ORDINALITY AS pieces (piece, at)"
    joined = select(f"pg_catalog.string_agg({cleaned}, '\"' ORDER BY at)", pieces)
    return f"pg_catalog.replace(pg_catalog.replace(({joined}), E'\\x02', '\\\"'), E'\\x01', '\\\\')"

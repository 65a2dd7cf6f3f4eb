"""How DuckDB writes a value as JSON: SQL expressions for the table of forms in the package's docstring.

Lines are joined text rather than ``to_json`` of a structure: that function writes bare NaN and Infinity, drops the
scale of decimals and the end of large integers, and is slower once those are mended.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

_PLAIN: Final = {"boolean", "tinyint", "smallint", "integer", "utinyint", "usmallint", "uinteger"}
_LARGE: Final = {"bigint", "hugeint"}
_LARGE_UNSIGNED: Final = {"ubigint", "uhugeint"}
_FLOAT: Final = {"float", "double"}
_QUOTED: Final = {"decimal", "date", "time", "time_ns", "time with time zone", "uuid", "interval", "bit"}
_TIMESTAMP: Final = {"timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"}
_ZONED: Final = {"timestamp with time zone", "timestamptz_ns"}
_SAFE: Final = 2**53 - 1


def identifier(name: str) -> str:
    """Quote a name for DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for DuckDB."""
    return "'" + text.replace("'", "''") + "'"


def line(members: Sequence[tuple[str, str, "DuckDBPyType"]]) -> str:
    """Return the expression that writes a JSON object of these (label, expression, type), as bytes of one line.

    Bytes, since Python would have to decode a text, and the network needs it encoded.
    """
    text = _object([(label, written(value, kind)) for label, value, kind in members])
    return f"encode({text} || chr(10))"


def written(value: str, kind: "DuckDBPyType", depth: int = 0) -> str:
    """Return an expression for the JSON text of an expression of this type; it is NULL where the value is NULL.

    ``depth`` counts the lambdas around it, whose variables must differ.
    """
    if str(kind) == "JSON":
        return _document(value)
    members = _members(kind)
    if kind.id in {"list", "array"}:
        return _list(value, members[0][1], depth)
    if kind.id == "map":
        return _map(value, members[1][1], depth)
    if kind.id == "struct" and members:
        parts = [(name, written(_part(value, name), child, depth)) for name, child in members]
        return f"CASE WHEN {value} IS NOT NULL THEN {_object(parts)} END"
    return _scalar(value, kind.id)


def _members(kind: "DuckDBPyType") -> list[tuple[str, "DuckDBPyType"]]:
    """The named types inside a nested type; a fixed array also counts its size among them, left out here."""
    if kind.id not in {"list", "array", "map", "struct"}:
        return []
    return [(name, child) for name, child in kind.children if not isinstance(child, (int, list))]


def _part(value: str, name: str) -> str:
    return f"struct_extract({value}, {literal(name)})"


def _scalar(value: str, name: str) -> str:
    text = f"CAST({value} AS VARCHAR)"
    if name in _PLAIN:
        return text
    if name in _LARGE:
        return f"CASE WHEN {value} BETWEEN -{_SAFE} AND {_SAFE} THEN {text} ELSE {_quoted(text)} END"
    if name in _LARGE_UNSIGNED:
        return f"CASE WHEN {value} <= {_SAFE} THEN {text} ELSE {_quoted(text)} END"
    if name == "bignum":
        return (
            f"CASE WHEN TRY_CAST({value} AS HUGEINT) BETWEEN -{_SAFE} AND {_SAFE} THEN {text} ELSE {_quoted(text)} END"
        )
    if name in _FLOAT:
        return (
            f"CASE WHEN isfinite({value}) THEN {text} WHEN isnan({value}) THEN '\"NaN\"'"
            f" WHEN {value} > 0 THEN '\"Infinity\"' WHEN {value} < 0 THEN '\"-Infinity\"' END"
        )
    if name in _QUOTED:
        return _quoted(text)
    return _converted(value, text, name)


def _converted(value: str, text: str, name: str) -> str:
    if name in _TIMESTAMP:
        return _quoted(f"replace({text}, ' ', 'T')")
    if name in _ZONED:
        # The session's zone is UTC, so the database always prints +00.
        return _quoted(f"replace(replace({text}, ' ', 'T'), '+00', 'Z')")
    if name == "blob":
        return _quoted(f"to_base64({value})")
    return f"CAST(to_json({text}) AS VARCHAR)"


def _quoted(text: str) -> str:
    return f"""('"' || {text} || '"')"""


def _object(members: Sequence[tuple[str, str]]) -> str:
    parts = []
    for at, (name, text) in enumerate(members):
        key = json.dumps(name, ensure_ascii=False) + ":"
        parts += [literal(("," if at else "{") + key), f"coalesce({text}, 'null')"]
    return f"concat({', '.join(parts)}, '}}')"


def _list(value: str, element: "DuckDBPyType", depth: int) -> str:
    item = f"item{depth}"
    texts = f"list_transform({value}, lambda {item}: coalesce({written(item, element, depth + 1)}, 'null'))"
    return f"('[' || array_to_string({texts}, ',') || ']')"


def _map(value: str, content: "DuckDBPyType", depth: int) -> str:
    item = f"item{depth}"
    key = f"CAST(to_json(CAST({item}.key AS VARCHAR)) AS VARCHAR)"
    entry = f"concat({key}, ':', coalesce({written(f'{item}.value', content, depth + 1)}, 'null'))"
    return f"('{{' || array_to_string(list_transform(map_entries({value}), lambda {item}: {entry}), ',') || '}}')"


def _document(value: str) -> str:
    """DuckDB's reader of JSON lets bare NaN and Infinity through; they can only be seen with the strings taken out."""
    text = f"CAST({value} AS VARCHAR)"
    bare = f"""regexp_replace({text}, '"(?:[^"\\\\]|\\\\.)*"', '""', 'g')"""
    return (
        f"CASE WHEN regexp_matches({bare}, '(?i)nan|inf') THEN CAST(to_json({text}) AS VARCHAR)"
        f" ELSE CAST(json({value}) AS VARCHAR) END"
    )

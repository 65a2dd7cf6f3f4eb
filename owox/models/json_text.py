"""JSON text that the database writes: that of a compact ``json.dumps`` with ``ensure_ascii=False``, on either one."""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    Text,
    case,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)

Written = ColumnElement[str]


class JsonText:
    """Writes values on one dialect, ``sqlite`` or ``postgresql``. What it returns is text and never NULL."""

    def __init__(self, dialect: str) -> None:
        self._sqlite = dialect == "sqlite"
        self._joined = func.group_concat if self._sqlite else func.string_agg

    def text(self, value: SQLColumnExpression[Any]) -> Written:
        """A string, or null."""
        if self._sqlite:
            return func.json_quote(value, type_=Text)
        return func.coalesce(cast(func.to_json(cast(value, Text)), Text), _constant("null"))

    def flag(self, value: SQLColumnExpression[bool]) -> Written:
        """true or false."""
        return case((value, _constant("true")), else_=_constant("false"))

    def instant(self, value: SQLColumnExpression[Any]) -> Written:
        """A column of type ``Instant`` that is never NULL, as ``"YYYY-MM-DDTHH:MM:SS.mmmZ"``."""
        milliseconds = type_coerce(value, BigInteger)
        if self._sqlite:
            seconds = milliseconds / literal_column("1000.0")
            return func.strftime(_constant('"%Y-%m-%dT%H:%M:%fZ"'), seconds, _constant("unixepoch"), type_=Text)
        moment: ColumnElement[Any] = literal_column("timestamp '1970-01-01'") + milliseconds * literal_column(
            "interval '1 millisecond'"
        )
        return func.to_char(moment, _constant('\\"YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\\"'), type_=Text)

    def object(self, members: Mapping[str, Written | str]) -> Written:
        """An object; a ``str`` is the JSON text of a member that is the same in every row."""
        parts: list[Written | str] = []
        for name, value in members.items():
            parts += [f'{"," if parts else "{"}"{name}":', value]
        return _concatenated([*parts, "}"])

    def array(self, items: Select[str]) -> Written:
        """An array of what a select of one column of JSON text finds, in its order."""
        found = items.subquery()
        (item,) = found.c
        joined = func.coalesce(self._joined(item, _constant(",")), "")
        return select(_concatenated(["[", joined, "]"])).select_from(found).scalar_subquery()


def _concatenated(parts: Sequence[Written | str]) -> Written:
    """Text after text, neighbours that are the same in every row made one."""
    texts: list[Written] = []
    fixed = ""
    for part in (*parts, None):
        if isinstance(part, str):
            fixed += part
            continue
        texts += [_constant(fixed)] if fixed else []
        texts += [] if part is None else [part]
        fixed = ""
    return reduce(lambda text, more: text.concat(more), texts)


def _constant(text: str) -> Written:
    quoted = text.replace("'", "''")
    return literal_column(f"'{quoted}'", Text)

"""The four output controls of a rows request as they travel: base64url of a JSON array (contract.md 4.2 to 4.6).

Only their shape is judged here. Whether a mart has the columns, and its columns the types, is decided by ``rules``.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, TypeVar

from owox.reading.controls import Aggregation, DateBucket, Filter, Operator, Relative, Scalar, Sort, Span, Unit
from owox.reading.fields import Function

ENCODED_MAX: Final = 8192
IN_MAX: Final = 500
RELATIVE_MAX: Final = 3650

_T = TypeVar("_T")
_Choice = TypeVar("_Choice", bound=StrEnum)


class _Direction(StrEnum):
    ASC = "asc"
    DESC = "desc"


class _Placement(StrEnum):
    PRE = "pre-join"
    POST = "post-join"


class ControlError(ValueError):
    """A control that has not the shape the contract gives it; the text is ``path: what`` or ``what``."""


def read_filters(encoded: str) -> tuple[Filter, ...]:
    """Read the value of ``filter``; raise ``ControlError``."""
    return _rules(encoded, _filter)


def read_sorts(encoded: str) -> tuple[Sort, ...]:
    """Read the value of ``sort``; raise ``ControlError``."""
    return _rules(encoded, lambda rule: Sort(_column(rule), _choice(_Direction, rule, "direction") is _Direction.DESC))


def read_aggregations(encoded: str) -> tuple[Aggregation, ...]:
    """Read the value of ``aggregation``; raise ``ControlError``."""
    return _rules(encoded, lambda rule: Aggregation(_column(rule), _choice(Function, rule, "function")))


def read_buckets(encoded: str) -> tuple[DateBucket, ...]:
    """Read the value of ``dateTrunc``; raise ``ControlError``."""

    def bucket(rule: dict[str, Any]) -> DateBucket:
        zone = rule.get("timeZone")
        return DateBucket(_column(rule), _choice(Unit, rule, "unit"), None if zone is None else _text(zone, "timeZone"))

    return _rules(encoded, bucket)


def _rules(encoded: str, read: Callable[[dict[str, Any]], _T]) -> tuple[_T, ...]:
    rules = _decode(encoded)
    if rules is None:
        return ()
    if not isinstance(rules, list):
        raise _expected("array", rules)
    found = []
    for at, rule in enumerate(rules):
        if not isinstance(rule, dict):
            raise _expected("object", rule, f"{at}")
        try:
            found.append(read(rule))
        except ControlError as error:
            raise ControlError(f"{at}.{error}") from None
    return tuple(found)


def _decode(encoded: str) -> Any:
    """Decode leniently, as the contract's server does: both alphabets, with padding or without."""
    plain = encoded.replace(" ", "+").replace("+", "-").replace("/", "_").rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", plain):
        raise ControlError("value is not valid base64url")
    try:
        text = base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4)).decode()
        return json.loads(
            text, parse_int=Decimal, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_object
        )
    except (ValueError, binascii.Error, RecursionError):
        raise ControlError("value is not valid JSON") from None


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("a name stands twice")
    return found


def _filter(rule: dict[str, Any]) -> Filter:
    operator = _choice(Operator, rule, "operator")
    column = _column(rule)
    placement = None if rule.get("placement") is None else _choice(_Placement, rule, "placement")
    function = None if rule.get("function") is None else _choice(Function, rule, "function")
    relative = _relative(rule.get("value", ...)) if operator is Operator.RELATIVE_DATE else None
    return Filter(column, operator, _values(operator, rule), relative, placement is _Placement.PRE, function)


_WITHOUT_VALUE: Final = {
    Operator.IS_EMPTY, Operator.IS_NOT_EMPTY, Operator.IS_NULL, Operator.IS_NOT_NULL, Operator.IS_TRUE,
    Operator.IS_FALSE, Operator.RELATIVE_DATE,
}  # fmt: skip


def _values(operator: Operator, rule: dict[str, Any]) -> tuple[Scalar, ...]:
    if operator in _WITHOUT_VALUE:
        return ()
    value = rule.get("value", ...)
    if operator in {Operator.IN, Operator.NOT_IN}:
        return _listed(value)
    if operator is not Operator.BETWEEN:
        return (_scalar(value, "value"),)
    if not isinstance(value, dict):
        raise _expected("object", value, "value")
    ends = (_scalar(value.get("from", ...), "value.from"), _scalar(value.get("to", ...), "value.to"))
    if type(ends[0]) is not type(ends[1]):
        raise ControlError("value: from and to must have the same type")
    return ends


def _listed(value: Any) -> tuple[Scalar, ...]:
    if not isinstance(value, list):
        raise _expected("array", value, "value")
    if not 1 <= len(value) <= IN_MAX:
        raise ControlError(f"value: Array must contain 1 to {IN_MAX} elements")
    scalars = tuple(_scalar(item, f"value.{at}") for at, item in enumerate(value))
    if {type(item) for item in scalars} not in ({str}, {Decimal}):
        raise ControlError("value: All elements must be strings, or all must be numbers")
    return scalars


def _relative(value: Any) -> Relative:
    if not isinstance(value, dict):
        raise _expected("object", value, "value")
    span = _choice(Span, value, "kind", "value.")
    if "_n_" not in span:
        return Relative(span)
    n = value.get("n", ...)
    if not isinstance(n, Decimal):
        raise _expected("number", n, "value.n")
    if not (1 <= n <= RELATIVE_MAX and n == int(n)):
        raise ControlError(f"value.n: Number must be a whole number from 1 to {RELATIVE_MAX}")
    return Relative(span, int(n))


def _scalar(value: Any, path: str) -> Scalar:
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        if not math.isfinite(float(value)):
            raise ControlError(f"{path}: Number must be finite")
        return value
    if not isinstance(value, str):
        raise _expected("string, number or boolean", value, path)
    return _text(value, path)


def _column(rule: dict[str, Any]) -> str:
    column = _text(rule.get("column", ...), "column")
    if not column:
        raise ControlError("column: String must contain at least 1 character(s)")
    return column


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _expected("string", value, path)
    if re.search("[\x00\ud800-\udfff]", value):
        raise ControlError(f"{path}: String must not contain NUL or a lone surrogate")
    return value


def _choice(choices: type[_Choice], rule: dict[str, Any], name: str, prefix: str = "") -> _Choice:
    value = rule.get(name, ...)
    options: Sequence[str] = [choice.value for choice in choices]
    if not isinstance(value, str):
        raise _expected(" | ".join(f"'{option}'" for option in options), value, prefix + name)
    if value not in options:
        known = " | ".join(f"'{option}'" for option in options)
        shown = _text(value, prefix + name)[:100]
        raise ControlError(f"{prefix}{name}: Invalid enum value. Expected {known}, received '{shown}'")
    return choices(value)


def _expected(kind: str, value: Any, path: str = "") -> ControlError:
    names = {bool: "boolean", str: "string", Decimal: "number", list: "array", dict: "object", type(None): "null"}
    text = "Required" if value is ... else f"Expected {kind}, received {names[type(value)]}"
    return ControlError(f"{path}: {text}" if path else text)

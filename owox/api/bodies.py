"""Reading and writing JSON bodies: strict in what comes in, in the server's own order and UTF-8 in what goes out."""

import json
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from flask import Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from owox.api.errors import ValidationFailed

DEPTH: Final = 32
SAFE_INTEGER: Final = 2**53 - 1
DESCRIPTION_BYTES: Final = 128 * 1024  # 10,000 characters, each written as two escapes of six


_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def respond(data: object, status: int = 200) -> Response:
    """Answer with compact JSON."""
    return Response(_encode(data), status, content_type="application/json")


def read_object(*allowed: str, required: bool = False) -> dict[str, Any]:
    """The JSON object in the request's body; unless ``required``, no body at all counts as an empty one.

    Raises ``UnsupportedMediaType`` unless it is labelled ``application/json``, ``BadRequest`` for anything that is not
    exactly JSON in UTF-8 (duplicate names, NaN, NUL, lone surrogates, integers past 2^53 and nesting past 32 included),
    ``ValidationFailed`` for members that are not in ``allowed``.
    """
    data = request.get_data(cache=False)
    # A form was read before, in search of its token: its label alone shows that there was one.
    if request.mimetype != "application/json" and (required or data or request.mimetype):
        raise UnsupportedMediaType("Send the body as JSON, with the header Content-Type: application/json.")
    if not data:
        return {}
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except RecursionError:
        raise BadRequest(f"The JSON is nested deeper than {DEPTH} levels.") from None
    except ValueError as error:
        raise BadRequest(f"The body is not valid JSON: {_shown(error)}") from None
    if not isinstance(value, dict):
        raise BadRequest("The body must be a JSON object.")
    _check(value)
    if unknown := [name for name in value if name not in allowed]:
        raise ValidationFailed([f"property {name[:100]} should not exist." for name in unknown[:20]])
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object names a member twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _shown(error: ValueError) -> str:
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)[:200]


def _check(value: object) -> None:
    level: list[object] = [value]
    for _depth in range(DEPTH + 1):
        if not level:
            return
        for item in level:
            _check_scalar(item)
        level = [inner for item in level for inner in _inside(item)]
    raise BadRequest(f"The JSON is nested deeper than {DEPTH} levels.")


def _inside(item: object) -> Iterable[object]:
    if isinstance(item, dict):
        return [*item.keys(), *item.values()]
    return item if isinstance(item, list) else ()


def _check_scalar(item: object) -> None:
    if isinstance(item, str) and any(char == "\0" or "\ud800" <= char <= "\udfff" for char in item):
        raise BadRequest("A text in the JSON holds NUL or half of a surrogate pair.")
    if isinstance(item, int) and abs(item) > SAFE_INTEGER:
        raise BadRequest("An integer in the JSON lies beyond 2^53 - 1.")

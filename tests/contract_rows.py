"""What unmodified clients demand of the exchange (contract.md 2.1) and of row streams (4.9, 4.10), from its text."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.contract import if_there, members, problems, text
from tests.contract_project import number, uuid

EXCHANGE = members({"accessToken": text, "accessTokenExpiresIn": if_there(number)})
RUN_STARTED = members({"runId": uuid})
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no", "transfer-encoding": "chunked"}


def stream_problems(headers: Mapping[str, str], body: bytes, columns: Sequence[str]) -> list[str]:
    """Everything that a client would not accept in a stream of rows with these columns."""
    found = [
        f"{name} is {headers.get(name)!r}, not {value!r}"
        for name, value in _HEADERS.items()
        if headers.get(name) != value
    ]
    if headers.get("content-type", "").partition(";")[0].strip() != "application/x-ndjson":
        found.append(f"the media type is {headers.get('content-type')!r}")
    found += problems(uuid, headers.get("x-owox-run-id"))
    if "content-length" in headers:
        found.append("a stream that says its length could be cut unseen")
    if body and not body.endswith(b"\n"):
        found.append("the last line has no end")
    for position, line in enumerate(body.split(b"\n")[:-1], 1):
        found += _line_problems(line, columns, f"line {position}")
    return found


def _line_problems(line: bytes, columns: Sequence[str], at: str) -> list[str]:
    try:
        row: Any = json.loads(line.decode("utf-8"), object_pairs_hook=_Members, parse_constant=_no_constant)
    except ValueError as error:
        return [f"{at} is no JSON: {error}"]
    if not isinstance(row, _Members):
        return [f"{at} is no object"]
    names = [name for name, _ in row]
    return [] if names == list(columns) else [f"{at} has the members {names}, not {list(columns)}"]


class _Members(list[tuple[str, Any]]):
    """The members of an object in their order, repeated ones too."""


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")

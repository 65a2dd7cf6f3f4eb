"""Which part of a history a request asks for. Values that make no sense mean the default (contract.md 3.8)."""

import math
import re
from dataclasses import dataclass
from typing import Final

from flask import request

from owox.services.runs import PAGE_SIZE

OFFSET_MAX: Final = 100_000
_MOST: Final = 2**63 - 1
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|\+?Infinity")


@dataclass(frozen=True, slots=True)
class Part:
    """At most ``limit`` items, after the first ``offset``."""

    limit: int
    offset: int


def read_part(most: int = PAGE_SIZE) -> Part:
    """``limit`` and ``offset`` of the query string: rounded down, the limit at most ``most``."""
    limit = _whole("limit")
    return Part(min(limit if limit > 0 else PAGE_SIZE, most), min(max(_whole("offset"), 0), OFFSET_MAX))


def read_part_of_all() -> Part:
    """The same with no other end to the limit than the database's."""
    return read_part(_MOST)


def _whole(name: str) -> int:
    """A parameter rounded down; 0 if it is missing, repeated or no number."""
    given = [text.strip() for text in request.args.getlist(name)]
    if len(given) != 1 or not _NUMBER.fullmatch(given[0]):
        return 0
    number = float(given[0])
    return _MOST if number >= _MOST else max(math.floor(number), -1) if number > -_MOST else -1

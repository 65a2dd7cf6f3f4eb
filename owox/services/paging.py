"""Pages of a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

Entry = TypeVar("Entry")


class Place(NamedTuple):
    """A page of a list: how many entries there are in all, its number from 1, of how many, and what comes before it."""

    total: int
    number: int
    pages: int
    offset: int


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry]):
    """The entries of one page, the number of all that match, and which page of how many it is."""

    entries: tuple[Entry, ...]
    total: int
    number: int
    pages: int


def place(total: int, number: int, size: int) -> Place:
    """The page that is asked for, ``size`` entries long; past the end, the last one."""
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    return Place(total, number, pages, (number - 1) * size)


def page_at(where: Place, entries: Iterable[Entry]) -> Page[Entry]:
    """The page with what was found there."""
    return Page(tuple(entries), where.total, where.number, where.pages)

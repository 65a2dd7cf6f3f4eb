"""Which page of a list, of how many."""

from typing import NamedTuple


class Place(NamedTuple):
    """A page's number, from 1, how many pages there are, and how many entries come before it."""

    number: int
    pages: int
    offset: int


def place(total: int, number: int, size: int) -> Place:
    """The page that is asked for, ``size`` entries long; past the end, the last one."""
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    return Place(number, pages, (number - 1) * size)

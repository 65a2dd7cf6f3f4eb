"""Lists that come in parts: followed to the end, each item once."""

from collections.abc import Callable, Iterator
from typing import Any

from owox.client.connection import Connection
from owox.client.errors import ApiError
from owox.client.shapes import Check, count, having, listing, nullable

PART = 100


def every_page(connection: Connection, path: str, what: str, item: Check, params: dict[str, str]) -> list[Any]:
    """Return the items of all pages of ``{items, total, nextOffset}``; raise ``ApiError`` when a page comes again."""
    from owox.client.transport import Call

    page = having(items=listing(item), total=count, nextOffset=nullable(count))
    found: list[Any] = []
    seen: set[int] = set()
    while True:
        body = connection.json(Call("GET", path, tuple(params.items())), what, page)
        found += body["items"]
        offset = body["nextOffset"]
        if offset is None:
            return found
        if offset in seen:
            raise ApiError(f"OWOX {what} API returned repeated nextOffset {offset}")
        seen.add(offset)
        params = {**params, "offset": str(offset)}


def every_part(part: Callable[[int, int], list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Yield what ``part(limit, offset)`` returns, part by part, until one is empty.

    What is added meanwhile moves the rest back, so an item that comes a second time is passed over. Two parts in a row
    with nothing new are the end too: a server may cap the offset (contract.md 3.8).
    """
    seen: set[str] = set()
    offset, stale = 0, False
    while items := part(PART, offset):
        new = [item for item in items if item["id"] not in seen]
        if stale and not new:
            return
        yield from new
        seen.update(item["id"] for item in new)
        offset, stale = offset + len(items), not new


def part_params(limit: int | None, offset: int | None) -> tuple[tuple[str, str], ...]:
    """Return ``limit`` and ``offset`` as parameters, each where it is given."""
    given = (("limit", limit), ("offset", offset))
    return tuple((name, str(value)) for name, value in given if value is not None)

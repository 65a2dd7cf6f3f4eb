"""The first rows of a data mart for whoever looks at it: a real read, short in time and size, that is no run.

A preview leaves nothing in the run history, which tells what was handed out to read. It takes one of the places that
streams have, so that nobody can hold more storage connections by it than by reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from owox.models import DataMart
from owox.reading.engines import Rows
from owox.reading.fields import Field, field_of
from owox.reading.query import Query
from owox.reading.rules import plan
from owox.services.errors import BadSetting
from owox.services.mart_definitions import current_fields
from owox.services.storage_config import Keeper

ROWS: Final = 50
SECONDS: Final = 30.0
SIZE_MAX: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Preview:
    """``lines`` are JSON objects whose members are ``fields``; ``more`` says that there are rows after them.

    ``cut`` says that they end early because the rows are large.
    """

    fields: tuple[Field, ...]
    lines: tuple[bytes, ...]
    more: bool
    cut: bool


def read(keeper: Keeper, mart: DataMart, now: datetime) -> Preview:
    """Read as a reader would, hidden fields left out; needs no session, and waits ``SECONDS`` for the rows at most.

    Raises ``BadSetting`` for a data mart without a definition, ``QueryError`` when all its fields are hidden,
    ``StorageError``.
    """
    if mart.definition is None:
        raise BadSetting("definition", "The data mart has no definition yet. Define it first.")
    fields = [field_of(kept) for kept in current_fields(keeper, mart, now)]
    wanted = plan(Query(all_columns=True, limit=ROWS + 1), fields, now.date())
    with keeper.opened(mart.storage, SECONDS) as engine:
        rows = engine.open_rows(mart.definition, wanted)
        try:
            found, cut = _some(_lines(rows))
        finally:
            rows.close()
    shown = tuple(output.field for output in wanted.outputs if output.field is not None)
    return Preview(shown, tuple(found[:ROWS]), more=cut or len(found) > ROWS, cut=cut)


def _lines(rows: Rows) -> Iterator[bytes]:
    for piece in rows:
        yield from piece.splitlines()


def _some(lines: Iterator[bytes]) -> tuple[list[bytes], bool]:
    """As many lines as fit, one at least, and whether the size was what ended them."""
    found: list[bytes] = []
    size = 0
    for line in lines:
        size += len(line)
        if found and size > SIZE_MAX:
            return found, True
        found.append(line)
    return found, False

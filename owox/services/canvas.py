"""The canvas of models: the data marts of one storage, as far as the caller sees them (contract.md 3.10)."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from owox.models import DataMart
from owox.services import marts, storages
from owox.services.authentication import Caller

PAGE_SIZE: Final = 1000  # contract.md 3.10


@dataclass(frozen=True, slots=True)
class CanvasMart:
    """A data mart as the canvas shows it; ``fields`` counts all of them, hidden ones too."""

    id: str
    title: str
    status: str
    description: str | None
    fields: int


@dataclass(frozen=True, slots=True)
class CanvasPage:
    """One page; ``total`` counts all that the caller sees."""

    marts: tuple[CanvasMart, ...]
    total: int


def page(session: Session, caller: Caller, storage_id: str, offset: int) -> CanvasPage:
    """The data marts of a storage by title, from ``offset`` on.

    Raises ``NotFound`` and ``Forbidden`` for the storage, the latter for every viewer (contract.md 6.2).
    """
    storages.get(session, caller, storage_id)
    shown = (DataMart.storage_id == storage_id, marts.seen_by(caller))
    count = func.json_array_length(DataMart.fields)
    columns = select(DataMart.id, DataMart.title, DataMart.status, DataMart.description, count)
    rows = session.execute(columns.where(*shown).order_by(DataMart.title, DataMart.id).limit(PAGE_SIZE).offset(offset))
    total = session.scalar(select(func.count()).select_from(DataMart).where(*shown)) or 0
    return CanvasPage(tuple(CanvasMart(*row) for row in rows), total)

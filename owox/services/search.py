"""Search by keywords in data marts, storages and destinations, as far as the caller sees them (contract.md 3.7).

Each word of the query must occur in the title or the description. It counts by its best place:

100  a word of the title                60  inside a word of the title      20  elsewhere in the description
 80  the beginning of a title's word    40  a word of the description

A thing's score is the mean of what the words of the query count. Case is no difference in any alphabet, and no
character has a special meaning.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, literal, null, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from owox.models import DataMart, Destination, MartStatus, Storage
from owox.models.searchable import words
from owox.services import destinations, marts, storages
from owox.services.authentication import Caller

TERMS_MAX: Final = 8
Place = InstrumentedAttribute[str]


class Kind(StrEnum):
    """What can be found."""

    DATA_MART = "DATA_MART"
    DATA_STORAGE = "DATA_STORAGE"
    DATA_DESTINATION = "DATA_DESTINATION"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for. Words past the eighth are looked for as they stand there, together with the eighth."""

    text: str
    kinds: Collection[Kind] = tuple(Kind)
    drafts: bool = True

    @property
    def terms(self) -> tuple[str, ...]:
        """The words, each once, folded as the words that are searched."""
        parts = (words(part) for part in self.text.split(maxsplit=TERMS_MAX - 1))
        return tuple(dict.fromkeys(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found; ``score`` is from 0 to 100."""

    kind: Kind
    id: str
    title: str
    description: str | None
    score: int


def query(session: Session, caller: Caller, wanted: Wanted, limit: int) -> list[Hit]:
    """The best matches, best first, then by title."""
    terms = wanted.terms
    if not terms or not wanted.kinds:
        return []
    found = union_all(*(_SOURCES[kind](caller, wanted) for kind in wanted.kinds)).subquery()
    best = select(found).order_by(found.c.score.desc(), found.c.words, found.c.id).limit(limit)
    return [
        Hit(Kind(row.kind), row.id, row.title, row.description, round(row.score / len(terms)))
        for row in session.execute(best)
    ]


def _marts(caller: Caller, wanted: Wanted) -> Select[Any]:
    places = (DataMart.search_title, DataMart.search_description)
    found = _source(Kind.DATA_MART, DataMart, wanted, places).add_columns(DataMart.description)
    found = found.where(marts.seen_by(caller))
    return found if wanted.drafts else found.where(DataMart.status != MartStatus.DRAFT)


def _storages(caller: Caller, wanted: Wanted) -> Select[Any]:
    found = _source(Kind.DATA_STORAGE, Storage, wanted, (Storage.search_title,))
    return found.add_columns(null().label("description")).where(storages.listed_for(caller))


def _destinations(caller: Caller, wanted: Wanted) -> Select[Any]:
    found = _source(Kind.DATA_DESTINATION, Destination, wanted, (Destination.search_title,))
    return found.add_columns(null().label("description")).where(destinations.seen_by(caller))


def _source(
    kind: Kind,
    table: type[DataMart | Storage | Destination],
    wanted: Wanted,
    places: tuple[Place, ...],
) -> Select[Any]:
    matches = (or_(*(_has(place, term) for place in places)) for term in wanted.terms)
    counts = (_count(term, *places) for term in wanted.terms)
    score = sum(counts, start=literal(0)).label("score")
    named: list[Any] = [literal(kind.value).label("kind"), table.id, table.title, table.search_title.label("words")]
    return select(*named, score).where(*matches)


def _count(term: str, title: Place, description: Place | None = None) -> ColumnElement[int]:
    in_title = ((_has(title, f" {term} "), 100), (_has(title, f" {term}"), 80), (_has(title, term), 60))
    if description is None:
        return case(*in_title, else_=0)
    return case(*in_title, (_has(description, f" {term} "), 40), else_=20)


def _has(place: Place, text: str) -> ColumnElement[bool]:
    return place.contains(text, autoescape=True)


_SOURCES: Final[dict[Kind, Callable[[Caller, Wanted], Select[Any]]]] = {
    Kind.DATA_MART: _marts,
    Kind.DATA_STORAGE: _storages,
    Kind.DATA_DESTINATION: _destinations,
}

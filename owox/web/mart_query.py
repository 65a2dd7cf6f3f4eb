"""What the address of the data mart list asks for; anything else in it counts as not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from flask import request, url_for

from owox.access import caller
from owox.models import MartStatus, Member
from owox.services.audit import one_line
from owox.services.mart_pages import NOBODY, SEARCH_MAX, Filter, Sort
from owox.web.paging import page_number


class Shown(StrEnum):
    """The choices of the status filter."""

    ALL = "all"
    PUBLISHED = "published"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Query:
    """Search, filters, order and page number of the list."""

    search: str
    shown: Shown
    owner: str
    sort: Sort
    number: int

    @classmethod
    def read(cls) -> "Query":
        """From the current request."""
        status, sort = (request.args.get(name, "") for name in ("status", "sort"))
        return cls(
            search=one_line(request.args.get("q", ""), SEARCH_MAX),
            shown=Shown(status) if status in list(Shown) else Shown.ALL,
            owner=_owner(request.args.get("owner", "")),
            sort=Sort(sort) if sort in list(Sort) else Sort.NEWEST,
            number=page_number(),
        )

    @property
    def filter(self) -> Filter:
        """The same in the words of the service."""
        status = None if self.shown is Shown.ALL else MartStatus(self.shown.upper())
        return Filter(self.search, status, self.owner, self.sort, self.number)

    @property
    def narrowed(self) -> bool:
        """Whether something may be left out of the list."""
        return bool(self.search or self.owner or self.shown is not Shown.ALL)

    def url(self, **changes: Any) -> str:
        """The list's address with these changes; what is as usual stays out of it."""
        values = {"q": self.search, "status": self.shown, "owner": self.owner, "sort": self.sort, "page": self.number}
        rest: dict[str, Any] = {name: str(value) for name, value in (values | changes).items() if value != _USUAL[name]}
        return url_for("data_marts.listed", project_id=caller().project_id, **rest)

    def sorting(self, first: str, second: str) -> tuple[str, str]:
        """The address that sorts by a column, and how it is sorted now (for aria-sort)."""
        direction = "descending" if self.sort.startswith("-") else "ascending"
        return self.url(sort=second if self.sort == first else first, page=1), (
            direction if self.sort in (first, second) else "none"
        )

    def owner_choices(self, owners: Sequence[Member]) -> list[tuple[str, str]]:
        """Value and label of each choice of the owner filter: oneself first."""
        others = [
            (member.id, f"{member.name} ({member.email})") for member in owners if member.id != caller().member_id
        ]
        chosen = {self.owner} - {"", NOBODY, caller().member_id, *(each for each, _ in others)}
        # An owner who has just lost their last data mart stays chosen, so that the list does what its filter says.
        return [
            ("", "All owners"),
            (caller().member_id, "Owned by me"),
            (NOBODY, "Without an owner"),
            *others,
            *((each, "Another member") for each in chosen),
        ]


_USUAL: Final = {"q": "", "status": Shown.ALL, "owner": "", "sort": Sort.NEWEST, "page": 1}


def _owner(text: str) -> str:
    if text == NOBODY:
        return text
    try:
        return str(UUID(text))
    except ValueError:
        return ""

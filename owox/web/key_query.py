"""What the address of the list of keys asks for."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from flask import request, url_for

from owox import keys
from owox.access import caller
from owox.keys import State
from owox.services.audit import one_line
from owox.services.key_list import Filter, Sort

Choice = TypeVar("Choice", bound=StrEnum)


class Shown(StrEnum):
    """The choices of the status filter."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    REPLACED = "replaced"
    REVOKED = "revoked"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Query:
    """What the list's address asks for; anything else in it counts as not there."""

    search: str
    shown: Shown
    sort: Sort
    number: int

    @classmethod
    def read(cls) -> "Query":
        """From the current request."""
        page = request.args.get("page", "")
        return cls(
            search=one_line(request.args.get("q", ""), keys.NAME_MAX),
            shown=_known(Shown, request.args.get("status"), Shown.ACTIVE),
            sort=_known(Sort, request.args.get("sort"), Sort.NEWEST),
            number=int(page) if re.fullmatch(r"[0-9]{1,6}", page, re.ASCII) else 1,
        )

    @property
    def filter(self) -> Filter:
        """The same in the words of the service."""
        state = None if self.shown is Shown.ALL else State(self.shown)
        return Filter(self.search, state, self.sort, self.number)

    def url(self, **changes: Any) -> str:
        """The list's address with these changes; what is as usual stays out of it."""
        values = {"q": self.search, "status": self.shown, "sort": self.sort, "page": self.number, **changes}
        usual = {"q": "", "status": Shown.ACTIVE, "sort": Sort.NEWEST, "page": 1}
        rest: dict[str, Any] = {name: str(value) for name, value in values.items() if value != usual[name]}
        return url_for("api_keys.listed", project_id=caller().project_id, **rest)

    def columns(self) -> list[tuple[str, str, str]]:
        """Heading, address that sorts by it, and how it is sorted now (for aria-sort), of each column with an order."""
        return [self._column(*column) for column in _COLUMNS]

    def _column(self, label: str, first: Sort, second: Sort) -> tuple[str, str, str]:
        direction = {True: "descending", False: "ascending"}
        now_sorted = direction[self.sort.startswith("-")] if self.sort in (first, second) else "none"
        return label, self.url(sort=second if self.sort is first else first, page=1), now_sorted


_COLUMNS: Final = (
    ("Name", Sort.NAME, Sort.NAME_DESC),
    ("Expires", Sort.EXPIRES, Sort.EXPIRES_DESC),
    ("Created", Sort.NEWEST, Sort.OLDEST),
    ("Last used", Sort.USED, Sort.USED_ASC),
)


def _known(kind: type[Choice], text: str | None, usual: Choice) -> Choice:
    return kind(text) if text in list(kind) else usual

"""What the address of a list of keys asks for: of one's own, or of all in the project."""

from dataclasses import dataclass
from typing import Any, Final

from flask import request, url_for

from owox import keys
from owox.access import caller
from owox.keys import State
from owox.services.audit import one_line
from owox.services.key_list import ID_PART_MIN, Filter, Sort
from owox.web.paging import page_number

ALL: Final = "all"
OWN_STATES: Final = (State.ACTIVE, State.SUSPENDED, State.EXPIRED, State.REPLACED, State.REVOKED)
ALL_STATES: Final = (*OWN_STATES, State.OWNER_DISABLED, State.MEMBERSHIP_ENDED)


@dataclass(frozen=True, slots=True)
class Query:
    """What a list's address asks for; anything else in it counts as not there.

    ``shown`` is one of ``states``, or ``ALL``. ``endpoint`` is the list's own.
    """

    endpoint: str
    states: tuple[State, ...]
    search: str
    shown: str
    sort: Sort
    number: int

    @classmethod
    def read(cls, endpoint: str, states: tuple[State, ...]) -> "Query":
        """From the current request."""
        status, sort = (request.args.get(name, "") for name in ("status", "sort"))
        return cls(
            endpoint,
            states,
            search=one_line(request.args.get("q", ""), keys.NAME_MAX),
            shown=status if status in (*states, ALL) else State.ACTIVE.value,
            sort=Sort(sort) if sort in list(Sort) else Sort.NEWEST,
            number=page_number(),
        )

    @property
    def by_owner(self) -> bool:
        """Whether the keys are those of several members."""
        return self.states is ALL_STATES

    @property
    def longer_for_ids(self) -> int:
        """The number of characters that a search would need to look at IDs too, 0 where it does."""
        return ID_PART_MIN if len(self.search) < ID_PART_MIN else 0

    @property
    def choices(self) -> tuple[str, ...]:
        """What the status filter offers."""
        return (*self.states, ALL)

    @property
    def home(self) -> str:
        """The list's address as it stands in the menu."""
        return url_for(self.endpoint, project_id=caller().project_id)

    @property
    def filter(self) -> Filter:
        """The same in the words of the service."""
        state = None if self.shown == ALL else State(self.shown)
        return Filter(self.search, state, self.sort, self.number)

    def url(self, **changes: Any) -> str:
        """The list's address with these changes; what is as usual stays out of it."""
        values = {"q": self.search, "status": self.shown, "sort": self.sort, "page": self.number, **changes}
        usual = {"q": "", "status": State.ACTIVE, "sort": Sort.NEWEST, "page": 1}
        rest: dict[str, Any] = {name: str(value) for name, value in values.items() if value != usual[name]}
        return url_for(self.endpoint, project_id=caller().project_id, **rest)

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

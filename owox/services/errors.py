"""What a use case may answer instead of a result. Each edge maps these to a status, an exit code, a message."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from owox.keys import State


class Problem(StrEnum):
    """What is wrong with one value that somebody typed."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    CONTROL = "control"
    NOT_A_DATE = "not_a_date"
    PAST = "past"
    NOT_AN_EMAIL = "not_an_email"
    TOO_COMMON = "too_common"
    UNKNOWN = "unknown"


class DomainError(Exception):
    """Base of the errors below."""


class Invalid(DomainError):
    """A value that is refused; ``field`` is its name, ``problem`` what is wrong with it."""

    def __init__(self, field: str, problem: Problem) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class BadSetting(DomainError):
    """A setting that is refused; ``field`` is its name in the API, the message a sentence for whoever entered it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Unsupported(DomainError):
    """The thing is of a kind that this cannot be done with; ``code`` and ``details`` are for programs (JSON values)."""

    def __init__(self, message: str, code: str = "", **details: str) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


class NotFound(DomainError):
    """No such thing, or none that the caller may know of; ``what`` is a sentence."""


class Conflict(DomainError):
    """The thing is in a state that does not allow the act; the message says which."""


class Forbidden(DomainError):
    """The caller is known and may not do this; the message is what they are told.

    ``api_key_id`` is set where only the key is known so far, and not yet as the caller's.
    """

    def __init__(self, message: str, api_key_id: str | None = None) -> None:
        super().__init__(message)
        self.api_key_id = api_key_id


class Refused(DomainError):
    """A credential that is not accepted.

    ``state`` and ``at`` are set only when the caller holds the right secret, so that they may be told why.
    ``key_id`` is what was claimed, ``hint`` a sentence that depends on the presented text alone. ``ended`` says that
    it is a token of ours whose time is over: that is no guess, and counts as no failed attempt.
    """

    def __init__(
        self,
        state: State | None = None,
        at: datetime | None = None,
        *,
        key_id: str = "",
        hint: str = "",
        ended: bool = False,
    ) -> None:
        super().__init__(state or "not accepted")
        self.state = state
        self.at = at
        self.key_id = key_id
        self.hint = hint
        self.ended = ended


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` of something in ``seconds``, or open at one time; ``name`` is a word for clients."""

    name: str
    most: int
    seconds: int | None = None


class Throttled(DomainError):
    """Too many failed attempts, or too many of ``what`` else; ``retry_after`` is in whole seconds."""

    def __init__(self, retry_after: int, limit: Limit, what: str = "failed attempts") -> None:
        super().__init__(f"too many {what}, wait {retry_after} s")
        self.retry_after = retry_after
        self.limit = limit
        self.what = what


class Unavailable(DomainError):
    """The server cannot do this now; trying again later may work."""

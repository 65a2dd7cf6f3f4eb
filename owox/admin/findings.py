"""What `owox doctor` has found at one place."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """How it stands there: all right, worth knowing, or to be mended."""

    FINE = "fine"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line; for what is to be mended, the message says what to do."""

    check: str
    result: Result
    message: str


def fine(check: str, message: str) -> Finding:
    """All is right."""
    return Finding(check, Result.FINE, message)


def note(check: str, message: str) -> Finding:
    """Nothing is wrong, and somebody should know."""
    return Finding(check, Result.NOTE, message)


def mend(check: str, message: str) -> Finding:
    """Something is wrong."""
    return Finding(check, Result.MEND, message)

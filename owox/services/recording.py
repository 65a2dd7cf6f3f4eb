"""What is written down of a read: that it began, how it ended, or that it was refused (contract.md 3.8, 4.8).

Every function runs in the write transaction of its caller.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, case, literal, update
from sqlalchemy.orm import Session

from owox.models import Run, RunStatus
from owox.models.base import Instant
from owox.reading.engines import StorageError
from owox.reading.query import OutputControlsError
from owox.reading.stream import End, Outcome, StreamCut
from owox.services.authentication import Caller

ERROR_MAX: Final = 4000  # characters
_STATUS: Final = {
    Outcome.SUCCESS: RunStatus.SUCCESS,
    Outcome.CUT: RunStatus.RESTRICTED,
    Outcome.FAILED: RunStatus.FAILED,
    Outcome.CANCELLED: RunStatus.CANCELLED,
    Outcome.INTERRUPTED: RunStatus.INTERRUPTED,
}


class ReaderLeft(Exception):
    """The reader left before the first rows came."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads which data mart, and what they asked for, as JSON values."""

    run_id: str
    caller: Caller
    mart_id: str
    asked: dict[str, Any]


def begin(session: Session, reading: Reading, now: datetime) -> None:
    """Record a read whose first rows are there."""
    session.add(_run(reading, RunStatus.RUNNING, now))


def refuse(session: Session, reading: Reading, error: Exception, begun: datetime, now: datetime) -> None:
    """Record a read that was answered with an error instead of rows, or whose reader did not wait for them."""
    run = _run(reading, RunStatus.CANCELLED if isinstance(error, ReaderLeft) else RunStatus.FAILED, begun)
    run.error, run.row_count, run.bytes_written, run.finished_at = _text(error), 0, 0, now
    session.add(run)


def finish(session: Session, run_id: str, end: End, now: datetime) -> None:
    """Record how a read ended. One that was cancelled stays so, whatever its stream then came to."""
    ours = (RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.INTERRUPTED)
    cancelled = Run.status == RunStatus.CANCELLED
    cause = None if end.cause is None else _text(end.cause)
    session.execute(
        update(Run)
        .where(Run.id == run_id, Run.status.in_(ours))
        .values(
            status=case((cancelled, Run.status), else_=_STATUS[end.outcome]),
            error=case((cancelled, Run.error), else_=literal(cause, Text)),
            row_count=end.row_count,
            bytes_written=end.byte_count,
            finished_at=case((cancelled, Run.finished_at), else_=literal(now, Instant)),
        )
    )


def go_on(session: Session, run_id: str) -> None:
    """Correct a server that was started beside this one and took the read for one that a stopped server left behind.

    Only the server that reads knows how the read ended: it then records counts, which ``interrupt_left_over`` does not.
    """
    wrong = (Run.id == run_id, Run.status == RunStatus.INTERRUPTED, Run.row_count.is_(None))
    session.execute(update(Run).where(*wrong).values(status=RunStatus.RUNNING, finished_at=None))


def interrupt_left_over(session: Session, now: datetime) -> None:
    """Mark the reads that a stopped server left behind. Another server's, still going on, is corrected by it."""
    left = update(Run).where(Run.status == RunStatus.RUNNING)
    session.execute(left.values(status=RunStatus.INTERRUPTED, finished_at=now))


def _run(reading: Reading, status: RunStatus, now: datetime) -> Run:
    caller = reading.caller
    return Run(
        id=reading.run_id,
        project_id=caller.project_id,
        data_mart_id=reading.mart_id,
        member_id=caller.member_id,
        api_key_id=caller.api_key_id,
        status=status,
        query=reading.asked,
        created_at=now,
    )


def _text(error: Exception) -> str:
    """What members are told of an error, in characters that both databases keep."""
    if isinstance(error, OutputControlsError):
        text = f"{error}: {'; '.join(map(_rule, error.errors))}"
    elif isinstance(error, StorageError):
        text = error.provider_message
    elif isinstance(error, ReaderLeft):
        text = "The reader left."
    else:
        text = str(error) if isinstance(error, StreamCut) else "The server failed."
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()[:ERROR_MAX]


def _rule(error: dict[str, str]) -> str:
    about = ", ".join(f"{name}: {value}" for name, value in error.items() if name != "code")
    return f"{error['code']} ({about})" if about else error["code"]

"""Runs: the history of what was read, of all data marts or of one, and ending a run that is still going on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NoReturn

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, load_only

from owox.models import DataMart, Member, Run, RunStatus
from owox.roles import Action
from owox.services import marts
from owox.services.audit import Actor, record
from owox.services.authentication import Caller
from owox.services.errors import Conflict, Forbidden, NotFound, Unsupported
from owox.services.paging import Page, page_at, place

PAGE_SIZE: Final = 100  # contract.md 3.8
SHORT_PAGE: Final = 20  # of the dashboard


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run, of which data mart it was, and whose."""

    run: Run
    mart_title: str
    member: Member


def everywhere(session: Session, caller: Caller, limit: int = PAGE_SIZE, offset: int = 0) -> list[RunInfo]:
    """Runs of all data marts that a caller may see, newest first."""
    return _found(session, _query().where(marts.seen_by(caller)).limit(limit).offset(offset))


def for_mart(session: Session, caller: Caller, mart_id: str, limit: int = PAGE_SIZE, offset: int = 0) -> list[RunInfo]:
    """Runs of one data mart, newest first. Raises ``NotFound`` and ``Forbidden`` for the data mart."""
    mart = marts.for_seeing(session, caller, mart_id)
    return _found(session, _query().where(Run.data_mart_id == mart.id).limit(limit).offset(offset))


def page(session: Session, caller: Caller, mart_id: str, number: int = 1) -> Page[RunInfo]:
    """One page of a data mart's runs, newest first; a number past the end gives the last page.

    Raises ``NotFound`` and ``Forbidden`` for the data mart.
    """
    mart = marts.for_seeing(session, caller, mart_id)
    total = session.scalar(select(func.count()).where(Run.data_mart_id == mart.id)) or 0
    where = place(total, number, SHORT_PAGE)
    query = _query().where(Run.data_mart_id == mart.id).limit(SHORT_PAGE).offset(where.offset)
    return page_at(where, _found(session, query))


def get(session: Session, caller: Caller, mart_id: str, run_id: str) -> RunInfo:
    """One run of a data mart. Raises ``NotFound`` and ``Forbidden``."""
    mart = marts.for_seeing(session, caller, mart_id)
    found = _found(session, _query().where(Run.id == run_id, Run.data_mart_id == mart.id))
    if not found:
        raise NotFound("Run not found")
    return found[0]


def start(session: Session, caller: Caller, mart_id: str) -> NoReturn:
    """Start a data mart that collects its data when it runs: ``Unsupported``, since none here does.

    Raises ``NotFound`` and ``Forbidden`` first.
    """
    _editable(session, caller, mart_id)
    raise Unsupported("Only data marts with connector definition type can be run manually")


def cancel(session: Session, caller: Caller, mart_id: str, run_id: str, actor: Actor, now: datetime) -> None:
    """End a run that is going on; its stream is cut within about a second.

    Raises ``NotFound``, ``Forbidden``, and ``Conflict`` for a run that has ended.
    """
    mart = _editable(session, caller, mart_id)
    ours = (Run.id == run_id, Run.data_mart_id == mart.id)
    ending = update(Run).where(*ours, Run.status == RunStatus.RUNNING)
    ended = session.execute(ending.values(status=RunStatus.CANCELLED, finished_at=now).returning(Run.id))
    if ended.first() is None:
        if session.scalar(select(Run.id).where(*ours)) is None:
            raise NotFound("Data mart run not found")
        raise Conflict("The run has already finished.")
    record(session, "run.cancel", actor, now, subject_id=run_id, data_mart_id=mart.id)


def _query() -> Select[Run, str, Member]:
    return (
        select(Run, DataMart.title, Member)
        .join(DataMart, DataMart.id == Run.data_mart_id)
        .join(Member, Member.id == Run.member_id)
        .options(load_only(Member.id, Member.name, Member.email))
        .order_by(Run.created_at.desc(), Run.id.desc())
    )


def _found(session: Session, query: Select[Run, str, Member]) -> list[RunInfo]:
    return [RunInfo(run, title, member) for run, title, member in session.execute(query)]


def _editable(session: Session, caller: Caller, mart_id: str) -> DataMart:
    mart = marts.for_seeing(session, caller, mart_id)
    if Action.EDIT not in marts.actions(caller, mart):
        raise Forbidden(f"Editing Data Mart {mart_id} is not allowed")
    return mart

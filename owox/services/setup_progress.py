"""How far a project is set up: which steps are done, seen from what the project holds now (contract.md 3.6)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from owox.models import DataMart, Destination, Invitation, MartStatus, Membership, Storage


class StepName(StrEnum):
    """The steps, in the contract's order."""

    STORAGE = "hasStorage"
    DRAFT = "hasDraftDataMart"
    PUBLISHED = "hasPublishedDataMart"
    DESTINATION = "hasDestination"
    REPORT = "hasReport"
    REPORT_RUN = "hasReportRun"
    TEAMMATES = "hasTeammatesInvited"
    SHEETS_DESTINATION = "hasGoogleSheetsDestination"
    SHEETS_EXTENSION = "hasGoogleSheetsExtension"
    SHEETS_RUN = "hasGoogleSheetsReportRun"


@dataclass(frozen=True, slots=True)
class Step:
    """Whether a step is done, and since when as far as that is known."""

    done: bool = False
    completed_at: datetime | None = None


def steps(session: Session, project_id: str) -> dict[StepName, Step]:
    """Every step of a project, the same for all its members.

    Every data mart begins as a draft, so the first data mart does that step and publishing it does not undo it; when a
    data mart was published is not kept. There are no reports here and no extension, so their steps are never done.
    """
    known = {
        StepName.STORAGE: _oldest(session, Storage, project_id),
        StepName.DRAFT: _oldest(session, DataMart, project_id),
        StepName.PUBLISHED: _published(session, project_id),
        StepName.DESTINATION: _oldest(session, Destination, project_id),
        StepName.TEAMMATES: _teammates(session, project_id),
        StepName.SHEETS_DESTINATION: _oldest(session, Destination, project_id, type="GOOGLE_SHEETS"),
    }
    return {name: known.get(name, Step()) for name in StepName}


def _oldest(session: Session, kind: type[Storage | DataMart | Destination], project_id: str, **more: str) -> Step:
    query = select(func.min(kind.created_at)).where(kind.project_id == project_id, kind.deleted_at.is_(None))
    at = session.scalar(query.filter_by(**more))
    return Step(at is not None, at)


def _published(session: Session, project_id: str) -> Step:
    published = select(DataMart.id).where(
        DataMart.project_id == project_id, DataMart.deleted_at.is_(None), DataMart.status == MartStatus.PUBLISHED
    )
    return Step(session.scalar(published.limit(1)) is not None)


def _teammates(session: Session, project_id: str) -> Step:
    """Done by an invitation that was not withdrawn, or by a second member, however they came."""
    second = (
        select(Membership.created_at)
        .where(Membership.project_id == project_id, Membership.ended_at.is_(None))
        .order_by(Membership.created_at)
        .offset(1)
        .limit(1)
    )
    invited = select(func.min(Invitation.created_at)).where(
        Invitation.project_id == project_id, Invitation.withdrawn_at.is_(None)
    )
    at = min((found for found in (session.scalar(second), session.scalar(invited)) if found), default=None)
    return Step(at is not None, at)

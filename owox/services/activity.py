"""What happened in a project, newest first, page by page: the audit log as its admins read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from owox.models import ApiKey, AuditEvent, DataMart, Destination, Member, Storage

PAGE_SIZE: Final = 50
_Subject: Final = aliased(Member)


@dataclass(frozen=True, slots=True)
class Event:
    """One act. Names are those of today, and None for what is gone; ``member_name`` is None for the server's operator.

    ``api_key_id`` is the key that was acted on, or by which the member acted. ``details`` hold no secret.
    """

    id: str
    at: datetime
    action: str
    result: str
    member_name: str | None
    member_email: str | None
    api_key_id: str | None
    api_key_name: str | None
    subject_id: str | None
    subject_name: str | None
    address: str
    client: str
    details: dict[str, Any]

    @property
    def by_key(self) -> bool:
        """Whether the member acted with the key; acts on keys are done without one."""
        return self.api_key_id is not None and not self.action.startswith("api_key.")


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in a row; ``older`` is what to ask for next, None at the end of the log."""

    events: tuple[Event, ...]
    older: str | None


def page(session: Session, project_id: str, before: str | None = None) -> Page:
    """The newest events, or those before the event with the id ``before``; an unknown one counts as none."""
    query = _events(project_id)
    if before and (last := session.get(AuditEvent, before)) and last.project_id == project_id:
        earlier = and_(AuditEvent.at == last.at, AuditEvent.number < last.number)
        query = query.where(AuditEvent.at <= last.at, or_(AuditEvent.at < last.at, earlier))
    rows = session.execute(query.limit(PAGE_SIZE + 1)).all()
    events = tuple(_info(row) for row in rows[:PAGE_SIZE])
    return Page(events, events[-1].id if len(rows) > PAGE_SIZE else None)


def _events(project_id: str) -> Select[*tuple[Any, ...]]:
    subject = func.coalesce(_Subject.name, DataMart.title, Storage.title, Destination.title)
    query = select(AuditEvent, Member.name, Member.email, ApiKey.name.label("key_name"), subject.label("subject_name"))
    query = query.outerjoin(Member, Member.id == AuditEvent.member_id)
    query = query.outerjoin(ApiKey, ApiKey.id == AuditEvent.api_key_id)
    for thing in (_Subject, DataMart, Storage, Destination):
        query = query.outerjoin(thing, thing.id == AuditEvent.subject_id)
    query = query.where(AuditEvent.project_id == project_id)
    return query.order_by(AuditEvent.at.desc(), AuditEvent.number.desc())


def _info(row: Row[*tuple[Any, ...]]) -> Event:
    event: AuditEvent = row.AuditEvent
    return Event(
        id=event.id,
        at=event.at,
        action=event.action,
        result=event.result,
        member_name=row.name,
        member_email=row.email,
        api_key_id=event.api_key_id,
        api_key_name=row.key_name,
        subject_id=event.subject_id,
        subject_name=row.subject_name,
        address=event.address,
        client=event.client,
        details=event.details,
    )

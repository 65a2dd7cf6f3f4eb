"""What happened, who did it, from where, and how it ended. Rows are only ever added."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from owox.models.base import Base, Id, Instant, new_id


class AuditEvent(Base):
    """One act. No foreign keys: a record outlives what it speaks of."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_project_id_at", "project_id", "at", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    action: Mapped[str] = mapped_column(String(50))
    result: Mapped[str] = mapped_column(String(20))
    project_id: Mapped[str | None] = mapped_column(Id)
    member_id: Mapped[str | None] = mapped_column(Id)
    api_key_id: Mapped[str | None] = mapped_column(String(26), index=True)
    subject_id: Mapped[str | None] = mapped_column(Id)
    address: Mapped[str] = mapped_column(String(45))
    client: Mapped[str] = mapped_column(String(200))
    request_id: Mapped[str] = mapped_column(Id)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)

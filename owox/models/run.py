"""A run: one read of a data mart's rows, recorded from its start to its end."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from owox.models.base import Base, Id, Instant, new_id


class RunStatus(StrEnum):
    """How a run stands (contract.md 3.8)."""

    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    INTERRUPTED = "INTERRUPTED"
    RESTRICTED = "RESTRICTED"


class Run(Base):
    """One read. ``query`` is what was asked for; counts are what was handed to the server when it ended."""

    __tablename__ = "run"
    __table_args__ = (Index("ix_run_history", "data_mart_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    data_mart_id: Mapped[str] = mapped_column(ForeignKey("data_mart.id"))
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"))
    api_key_id: Mapped[str | None] = mapped_column(ForeignKey("api_key.id"))
    status: Mapped[str] = mapped_column(String(20))
    query: Mapped[dict[str, Any]] = mapped_column(JSON)
    row_count: Mapped[int | None] = mapped_column(BigInteger)
    bytes_written: Mapped[int | None] = mapped_column(BigInteger)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

"""What happened, who did it, from where, and how it ended. Rows are only ever added: triggers refuse all else.

The rows make a chain. ``number`` counts them without a gap, and ``digest`` is made of the digest before and of the
row's own columns, so that a row that was changed, moved or taken out past the triggers shows.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from owox.models.base import Base, Id, Instant, new_id

# In the order in which a digest takes them.
CHAINED: Final = (
    "number", "id", "at", "action", "result", "project_id", "member_id", "api_key_id", "subject_id", "address",
    "client", "request_id", "details",
)  # fmt: skip


def as_text(details: dict[str, Any]) -> str:
    """Details as they are stored."""
    return json.dumps(details)


class Details(TypeDecorator[dict[str, Any]]):
    """A JSON object, stored as the very text that goes into the digest, on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:
        """Store."""
        return None if value is None else as_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read."""
        return None if value is None else json.loads(value)


class AuditEvent(Base):
    """One act. No foreign keys: a record outlives what it speaks of."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_project_id_at", "project_id", "at", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    digest: Mapped[str] = mapped_column(String(64))
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
    details: Mapped[dict[str, Any]] = mapped_column(Details)


def digest_after(previous: str, stored: Iterable[object]) -> str:
    """The digest of the row that follows the digest ``previous``, which is empty for the first row.

    SHA-256, in hex, of a JSON array in ASCII without spaces: ``previous``, then the ``CHAINED`` columns as they are
    stored, ``at`` in milliseconds since 1970 UTC and ``details`` as text. Raises ``TypeError`` for bytes.
    """
    text = json.dumps([previous, *stored], separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()

"""An API key as stored; ``owox.keys`` says what its columns mean together."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from owox.models.base import Base, Id, Instant
from owox.models.searchable import Named


class ApiKey(Named, Base):
    """A key of one membership. ``form_token`` is that of the form that made it: one form, one key.

    A rotated key names its successor in ``replaced_by_id`` and ends at ``overlap_ends_at``.
    """

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    membership_id: Mapped[str] = mapped_column(ForeignKey("membership.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(67))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    suspended_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    replaced_by_id: Mapped[str | None] = mapped_column(ForeignKey("api_key.id"))
    replaced_at: Mapped[datetime | None] = mapped_column(Instant)
    overlap_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    last_used_address: Mapped[str | None] = mapped_column(String(45))
    last_used_client: Mapped[str | None] = mapped_column(String(200))
    form_token: Mapped[str | None] = mapped_column(Id, unique=True)

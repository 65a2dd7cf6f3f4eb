"""What a terminal asks a member for in the browser, and what the member said (RFC 8628)."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from owox.models.base import Base, Id, Instant, new_id


class DeviceAuthorization(Base):
    """One request of a terminal, which alone holds the device code; this row holds the SHA-256 of that in hex.

    ``name``, ``client`` and ``address`` are the terminal's: what it suggests, how it describes itself, where it is.
    An approval is ``membership_id``, ``key_name`` and ``key_expires_at``; no secret ever waits here.
    """

    __tablename__ = "device_authorization"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_code: Mapped[str] = mapped_column(String(8), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(100))
    client: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(45), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    polled_at: Mapped[datetime | None] = mapped_column(Instant)
    membership_id: Mapped[str | None] = mapped_column(ForeignKey("membership.id"))
    key_name: Mapped[str | None] = mapped_column(String(100))
    key_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    denied_at: Mapped[datetime | None] = mapped_column(Instant)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)

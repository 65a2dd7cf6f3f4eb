"""A sign-in to the dashboard, and the one-time links by which members are made."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from owox.models.base import Base, Id, Instant, new_id


class SignIn(Base):
    """One browser's sign-in, or one terminal's. The cookie or token holds a random value, this row its SHA-256 in hex.

    ``membership_id`` marks a terminal's: it is the one whose API keys may be managed from there. ``proven_at`` is when
    the password was shown again after ``created_at``.
    """

    __tablename__ = "sign_in"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    time_zone: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45))
    client: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    proven_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    membership_id: Mapped[str | None] = mapped_column(ForeignKey("membership.id"))


class SetupLink(Base):
    """The link that ``owox serve`` prints while no member exists; the row holds the SHA-256 of its token."""

    __tablename__ = "setup_link"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    project_id: Mapped[str | None] = mapped_column(ForeignKey("project.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Invitation(Base):
    """The one-time link by which an admin adds a member; the row holds the SHA-256 of its token."""

    __tablename__ = "invitation"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(Id, unique=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(20))
    created_by_id: Mapped[str] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)

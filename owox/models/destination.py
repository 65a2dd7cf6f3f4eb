"""A destination: where a project's reports are sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from owox.models.base import Base, Id, Instant, new_id
from owox.models.member import Member
from owox.models.searchable import Searchable


class DestinationOwner(Base):
    """A member who owns a destination."""

    __tablename__ = "destination_owner"

    destination_id: Mapped[str] = mapped_column(ForeignKey("destination.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), primary_key=True)

    member: Mapped[Member] = relationship(lazy="raise")


class Destination(Searchable, Base):
    """A destination of a project; ``config`` holds its settings, ``secret`` those that nobody sees again, encrypted."""

    __tablename__ = "destination"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"), index=True)
    type: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(255))
    config: Mapped[dict[str, Any]] = mapped_column(JSON)
    secret: Mapped[str | None] = mapped_column(Text)
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    available_for_use: Mapped[bool] = mapped_column(default=True)
    available_for_maintenance: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    modified_at: Mapped[datetime] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    owners: Mapped[list[DestinationOwner]] = relationship(lazy="raise", order_by=DestinationOwner.member_id)

"""A data mart: a named query or table of a storage, and who owns it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from owox.models.base import Base, Id, Instant, new_id
from owox.models.member import Member
from owox.models.searchable import Searchable, Words, between_spaces
from owox.models.storage import Storage


class MartStatus(StrEnum):
    """Only a published data mart can be read."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"


class DataMartOwner(Base):
    """A member who owns a data mart, ``kind`` being ``technical`` or ``business``."""

    __tablename__ = "data_mart_owner"

    data_mart_id: Mapped[str] = mapped_column(ForeignKey("data_mart.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)

    member: Mapped[Member] = relationship(lazy="raise")


class DataMart(Searchable, Base):
    """A data mart. ``fields`` is its schema as read from the engine at ``fields_read_at``, in column order: a list of
    ``{"name", "type"}``, with ``hidden``, ``description`` and ``aggregations`` where a member has set them.
    """

    __tablename__ = "data_mart"
    __table_args__ = (Index("ix_data_mart_list", "project_id", "created_at", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    storage_id: Mapped[str] = mapped_column(ForeignKey("storage.id"), index=True)
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    search_description: Mapped[str] = mapped_column(
        Words, server_default=text("''"), deferred=True, deferred_raiseload=True
    )
    status: Mapped[str] = mapped_column(String(20))
    definition_type: Mapped[str | None] = mapped_column(String(20))
    definition: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    available_for_reporting: Mapped[bool] = mapped_column(default=True)
    available_for_maintenance: Mapped[bool] = mapped_column(default=True)
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    modified_at: Mapped[datetime] = mapped_column(Instant)
    fields_read_at: Mapped[datetime | None] = mapped_column(Instant)
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)

    storage: Mapped[Storage] = relationship(lazy="raise")
    created_by: Mapped[Member | None] = relationship(lazy="raise")
    owners: Mapped[list[DataMartOwner]] = relationship(lazy="raise", order_by=DataMartOwner.member_id)

    @validates("description")
    def _keep_description(self, _name: str, description: str | None) -> str | None:
        self.search_description = between_spaces(description or "")
        return description

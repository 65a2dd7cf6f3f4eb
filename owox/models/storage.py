"""A storage: where the rows of data marts are read from."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from owox.models.base import Base, Id, Instant, new_id
from owox.models.member import Member
from owox.models.searchable import Searchable


class StorageType(StrEnum):
    """The engine that reads a storage."""

    DUCKDB = "DUCKDB"
    SQLITE = "SQLITE"
    POSTGRESQL = "POSTGRESQL"


class StorageOwner(Base):
    """A member who owns a storage."""

    __tablename__ = "storage_owner"

    storage_id: Mapped[str] = mapped_column(ForeignKey("storage.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), primary_key=True)

    member: Mapped[Member] = relationship(lazy="raise")


class Storage(Searchable, Base):
    """A storage of a project; ``config`` is what its engine opens, such as ``{"path": "/data/shop.duckdb"}``.

    ``secret`` is the part of it that nobody sees again, encrypted.
    """

    __tablename__ = "storage"

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

    owners: Mapped[list[StorageOwner]] = relationship(lazy="raise", order_by=StorageOwner.member_id)

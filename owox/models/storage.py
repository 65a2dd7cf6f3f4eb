"""A storage: where the rows of data marts are read from."""

from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from owox.models.base import Base
from owox.models.member import Member
from owox.models.resource import Resource


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


class Storage(Resource, Base):
    """A storage of a project; ``config`` is what its engine opens, such as ``{"path": "/data/shop.duckdb"}``."""

    __tablename__ = "storage"

    owners: Mapped[list[StorageOwner]] = relationship(lazy="raise", order_by=StorageOwner.member_id)

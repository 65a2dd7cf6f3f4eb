"""A project: what members, keys, storages and data marts belong to."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from owox.models.base import Base, Id, Instant, new_id


class Project(Base):
    """A project; its title is what the project menu shows."""

    __tablename__ = "project"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)

"""A member (a person) and their memberships (a role in a project, for a time)."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, or_, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from owox.models.base import Base, Id, Instant, new_id
from owox.models.project import Project
from owox.models.searchable import Named, words


class Member(Named, Base):
    """A person who signs in. ``email`` is stored lower-case and is unique; a disabled member can do nothing."""

    __tablename__ = "member"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)

    @classmethod
    def matching(cls, search: str) -> ColumnElement[bool]:
        """Those who have this in their name or address, in any case; all for nothing."""
        if not search:
            return true()
        named = cls.search_name.contains(words(search), autoescape=True)
        return or_(named, cls.email.contains(search.lower(), autoescape=True))


class Membership(Base):
    """A member's role in a project. Ended ones stay; a member added again gets a new row, and so no old keys."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_current",
            "project_id",
            "member_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)

    project: Mapped[Project] = relationship(lazy="raise")
    member: Mapped[Member] = relationship(lazy="raise")

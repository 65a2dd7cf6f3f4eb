"""A destination: where a project's reports are sent."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from owox.models.base import Base
from owox.models.member import Member
from owox.models.resource import Resource


class DestinationOwner(Base):
    """A member who owns a destination."""

    __tablename__ = "destination_owner"

    destination_id: Mapped[str] = mapped_column(ForeignKey("destination.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), primary_key=True)

    member: Mapped[Member] = relationship(lazy="raise")


class Destination(Resource, Base):
    """A destination of a project."""

    __tablename__ = "destination"

    owners: Mapped[list[DestinationOwner]] = relationship(lazy="raise", order_by=DestinationOwner.member_id)

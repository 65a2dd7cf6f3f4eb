"""A form that comes twice makes its thing once: the id of the thing is made of the form's token."""

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from owox.models import DataMart, Destination, Storage
from owox.services.errors import Conflict


class AlreadyMade(Conflict):
    """The form that was sent has made its thing before; ``id`` is that one's."""

    def __init__(self, thing: DataMart | Storage | Destination) -> None:
        super().__init__("This form has been sent before, and what it asked for was made then.")
        self.id = thing.id


def add(session: Session, thing: DataMart | Storage | Destination) -> None:
    """Add a row whose id may come from a form. Raises ``AlreadyMade`` when that is there already."""
    kind = type(thing)
    if session.scalar(select(exists().where(kind.id == thing.id))):
        raise AlreadyMade(thing)
    try:
        with session.begin_nested():
            session.add(thing)
    except IntegrityError:
        # Two requests of one form at the same moment: the other one was faster.
        raise AlreadyMade(thing) from None

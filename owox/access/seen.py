"""Noting that a sign-in is in use, so that its owner sees when it last was."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from owox.models import db, writing
from owox.services import sign_ins


def note(sign_in_id: str, seen_at: datetime, now: datetime) -> None:
    """Write it, at most once a minute, in a transaction of its own."""
    if now - seen_at >= sign_ins.SEEN_EVERY:
        # A busy database may skip this: the next request of the minute does it.
        with suppress(OperationalError), Session(db.engine) as session, writing(session):
            sign_ins.touch(session, sign_in_id, now)

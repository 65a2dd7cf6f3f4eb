"""Noting on record what was refused: a key at any door, exchange included, and an act that is not allowed.

A key that is none leaves nothing here, so that strangers cannot fill the log. Of each key, and of each member, ten
refusals in five minutes are noted at most, as the throttle counts. The note is written after the request: a refusal
takes the same time whether the key is known or not. A key or token that is accepted is not noted either:
``last_used`` of the key tells of it, and runs tell of rows that were read.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from owox.keys import is_key_id
from owox.models import NIL, ApiKey, Membership, writing
from owox.services.audit import Actor, record
from owox.services.errors import Forbidden, Refused
from owox.services.throttle import Throttle

_WRONG_SECRET: Final = "wrong secret"
_log = logging.getLogger(__name__)


class Refusals:
    """The notes of one process; ``later`` does what is given to it after the request."""

    def __init__(self, engine: Engine, throttle: Throttle, later: Callable[[Callable[[], None]], None]) -> None:
        self._engine = engine
        self._throttle = throttle
        self._later = later

    def note(self, error: Exception, actor: Actor, asked: str, now: datetime) -> None:
        """Note an error that is a refusal; returns at once. ``asked`` is the method and route of the request."""
        if isinstance(error, Refused) and is_key_id(error.key_id):
            refused = replace(actor, api_key_id=error.key_id)
            reason = (error.state or _WRONG_SECRET).replace("_", " ")
            self._later(partial(self._write, "api_key.refuse", refused, now, asked, reason))
        elif isinstance(error, Forbidden):
            known = replace(actor, api_key_id=actor.api_key_id or error.api_key_id)
            self._later(partial(self._write, "access.deny", known, now, asked, str(error)))

    def _write(self, action: str, actor: Actor, now: datetime, asked: str, reason: str) -> None:
        with Session(self._engine) as session:
            known = self._placed(session, actor)
            who = known.api_key_id or known.member_id
            if who is None or not self._throttle.worth_noting(who):
                return
            try:
                with writing(session):
                    record(session, action, known, now, result="refused", asked=asked, reason=reason)
            except SQLAlchemyError as error:
                _log.warning("%s of %s was not noted: %s", action, who, type(error).__name__)

    @staticmethod
    def _placed(session: Session, actor: Actor) -> Actor:
        """The actor in the project that the key belongs to; without the key when there is none with that ID."""
        if actor.api_key_id is None or actor.project_id is not None:
            return actor
        query = select(Membership.project_id).join(ApiKey, ApiKey.membership_id == Membership.id)
        project_id = session.scalar(query.where(ApiKey.id == actor.api_key_id, Membership.id != NIL))
        return replace(actor, project_id=project_id, api_key_id=actor.api_key_id if project_id else None)

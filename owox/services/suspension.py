"""Suspending a key and resuming it: the one end of a key that is taken back.

Whoever gets an exception must undo the transaction.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from owox.keys import State
from owox.models import ApiKey
from owox.services import keys
from owox.services.audit import Actor, record
from owox.services.errors import Conflict
from owox.services.keys import KeyInfo


def suspend(session: Session, membership_id: str, key_id: str, actor: Actor, now: datetime) -> KeyInfo:
    """Refuse an active key until it is resumed; on a suspended one the first moment stays.

    Raises ``NotFound``, or ``Conflict`` for a key that has ended otherwise.
    """
    if keys.change(session, membership_id, key_id, ApiKey.suspended_at.is_(None), suspended_at=now):
        record(session, "api_key.suspend", actor, now, api_key_id=key_id)
    return _checked(keys.get(session, membership_id, key_id, now), State.SUSPENDED, "suspended")


def resume(session: Session, membership_id: str, key_id: str, actor: Actor, now: datetime) -> KeyInfo:
    """Accept a suspended key again; an active one stays as it is.

    Raises ``NotFound``, or ``Conflict`` for a key that has ended otherwise, also since it was suspended.
    """
    before = keys.get(session, membership_id, key_id, now)
    _checked(before, before.state if before.state is State.SUSPENDED else State.ACTIVE, "resumed")
    if keys.change(session, membership_id, key_id, ApiKey.suspended_at.is_not(None), suspended_at=None):
        record(session, "api_key.resume", actor, now, api_key_id=key_id)
    return _checked(keys.get(session, membership_id, key_id, now), State.ACTIVE, "resumed")


def _checked(key: KeyInfo, state: State, act: str) -> KeyInfo:
    if key.state is not state:
        raise Conflict(f"This API key is {key.state}: it cannot be {act}.")
    return key

"""Rotating a key: a successor takes its place, and the old one goes on for an overlap, or ends at once.

A key has one successor at most, and that one is rotated next.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from owox.keys import State
from owox.models import ApiKey
from owox.services import keys
from owox.services.audit import Actor, record
from owox.services.errors import Conflict
from owox.services.keys import Created, KeyInfo, Wanted

LONGEST: Final = timedelta(days=7)
_LAST: Final = datetime(9999, 12, 31, 23, 59, 59, 999000, UTC)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a form or a call asks for; ``expires_at`` is the successor's and was checked by ``expiry``.

    ``overlap`` lies between nothing and ``LONGEST``, ``form_token`` is a form's own id.
    """

    expires_at: datetime | None
    overlap: timedelta = timedelta(0)
    form_token: str | None = None


def rotate(session: Session, membership_id: str, key_id: str, wanted: Rotation, actor: Actor, now: datetime) -> Created:
    """Make a successor of the same name; the old key ends with the overlap, and never later than by itself.

    Raises ``NotFound``, ``Conflict`` when the key cannot be rotated, ``AlreadyMade`` when the same form comes again.
    Of several at the same moment one succeeds; whoever gets an exception must undo the transaction.
    """
    old = keys.get(session, membership_id, key_id, now)
    successor = Wanted(old.name, wanted.expires_at, wanted.form_token)
    made = keys.create(session, membership_id, successor, actor, now)
    overlap_ends_at = now + wanted.overlap
    if old.ends_at is not None:
        overlap_ends_at = min(overlap_ends_at, max(old.ends_at, now))
    replaced = {"replaced_by_id": made.key.id, "replaced_at": now, "overlap_ends_at": overlap_ends_at}
    live = (ApiKey.replaced_by_id.is_(None), ApiKey.suspended_at.is_(None))
    if not keys.change(session, membership_id, key_id, *live, **replaced):
        raise Conflict(why_not(keys.get(session, membership_id, key_id, now)))
    details = {"successor": made.key.id, "overlap_ends_at": overlap_ends_at.isoformat()}
    record(session, "api_key.rotate", actor, now, api_key_id=key_id, **details)
    return Created(made.key, made.secret, replaces=keys.get(session, membership_id, key_id, now))


def why_not(key: KeyInfo) -> str:
    """Why a key cannot be rotated, in a sentence; empty when it can be."""
    if key.state is State.REVOKED:
        return "A revoked API key cannot be rotated. Create a new one."
    if key.replaced_by_id:
        return f"This API key was rotated already. Rotate the one that replaced it: {key.replaced_by_id}."
    return "A suspended API key cannot be rotated. Resume it first." if key.suspended_at else ""


def usual_expiry(key: KeyInfo, now: datetime) -> datetime | None:
    """The expiry that a successor has unless another is chosen: the same length of life, counted from now."""
    if key.expires_at is None:
        return None
    return now + min(key.expires_at - key.created_at, _LAST - now)


def make_again(
    session: Session, membership_id: str, key_id: str, form_token: str, actor: Actor, now: datetime
) -> Created:
    """Revoke a key whose secret was lost, and create another like it, which also succeeds what the lost one did.

    Raises ``NotFound``, ``Conflict`` for a key that is no longer active, ``AlreadyMade`` when the form comes again.
    """
    lost = keys.get(session, membership_id, key_id, now)
    made = keys.create(session, membership_id, Wanted(lost.name, lost.expires_at, form_token), actor, now)
    if lost.state is not State.ACTIVE or not keys.change(session, membership_id, key_id, revoked_at=now):
        raise Conflict("This API key is no longer active. Create a new one from the list.")
    record(session, "api_key.revoke", actor, now, api_key_id=key_id)
    succeeded = update(ApiKey).where(ApiKey.replaced_by_id == key_id).values(replaced_by_id=made.key.id)
    old_id = session.scalar(succeeded.returning(ApiKey.id))
    return replace(made, replaces=keys.get(session, membership_id, old_id, now)) if old_id else made

"""What a terminal gets for its device code, once a member has approved (RFC 8628, 3.4 and 3.5).

It is made at the moment at which the terminal fetches it, once: no secret waits for it, and what the member may do is
decided at that moment too.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from owox.models import DeviceAuthorization, Member, Membership, Project
from owox.services import keys, terminal_sign_ins
from owox.services.audit import Actor
from owox.services.device_authorizations import Purpose, change, digest
from owox.services.errors import Forbidden
from owox.services.keys import Created, Wanted

INTERVAL: Final = timedelta(seconds=2)


class Refusal(StrEnum):
    """Why a terminal gets nothing, by the codes of RFC 8628, 3.5; after the first two it may ask again."""

    PENDING = "AUTHORIZATION_PENDING"
    SLOW_DOWN = "SLOW_DOWN"
    DENIED = "ACCESS_DENIED"
    EXPIRED = "EXPIRED_TOKEN"
    UNKNOWN = "unknown"  # told as expired, and counted as a failed attempt


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an approval came to, a key or a sign-in, with the member and the project that it is for."""

    purpose: Purpose
    member: Member
    project: Project
    made: Created | terminal_sign_ins.Begun


def fetch(session: Session, device_code: str, actor: Actor, now: datetime) -> Fetched | Refusal:
    """What a terminal gets for its device code: once, and decided now. Of several fetches at a time one gets it.

    A refusal is an answer and no error, since the transaction that comes to it must be kept.
    """
    found = select(DeviceAuthorization).where(DeviceAuthorization.digest == digest(device_code))
    row = session.scalar(found.execution_options(populate_existing=True))
    if row is None:
        return Refusal.UNKNOWN
    if row.denied_at is not None:
        return Refusal.DENIED
    if row.taken_at is not None or row.expires_at <= now:
        return Refusal.EXPIRED
    if row.approved_at is None:
        rested = or_(DeviceAuthorization.polled_at.is_(None), DeviceAuthorization.polled_at <= now - INTERVAL)
        return Refusal.PENDING if change(session, row.id, rested, polled_at=now) else Refusal.SLOW_DOWN
    if not change(session, row.id, DeviceAuthorization.taken_at.is_(None), taken_at=now):
        return Refusal.EXPIRED
    return _made(session, row, actor, now)


def _made(session: Session, row: DeviceAuthorization, actor: Actor, now: datetime) -> Fetched | Refusal:
    """Make what was approved, as far as the member may still have it."""
    if row.key_expires_at is not None and row.key_expires_at <= now:
        return Refusal.EXPIRED
    query = (
        select(Member, Project)
        .join(Membership, Membership.member_id == Member.id)
        .join(Project, Project.id == Membership.project_id)
        .where(Membership.id == row.membership_id)
    )
    member, project = session.execute(query).one()
    by_member = replace(actor, member_id=member.id, project_id=project.id)
    membership_id = str(row.membership_id)
    made: Created | terminal_sign_ins.Begun | None = None
    with suppress(Forbidden):
        if row.purpose == Purpose.MANAGE:
            made = terminal_sign_ins.begin(session, membership_id, by_member, now)
        else:
            wanted = Wanted(str(row.key_name), row.key_expires_at)
            made = keys.create(session, membership_id, wanted, by_member, now)
    if made is None:
        change(session, row.id, denied_at=now)
        return Refusal.DENIED
    return Fetched(Purpose(row.purpose), member, project, made)

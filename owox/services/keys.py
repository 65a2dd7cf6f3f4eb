"""The acts on API keys: create, list, rename, revoke. Each transition is written once, with its audit event."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CursorResult, Select, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from owox import keys
from owox.keys import Facts, State
from owox.models import ApiKey, Member, Membership
from owox.services.audit import Actor, record
from owox.services.errors import Conflict, Forbidden, NotFound
from owox.services.names import clean_name

NOT_FOUND: Final = "API key not found"


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key as lists, JSON and pages show it; ``since`` is the instant since which ``state`` holds."""

    id: str
    name: str
    state: State
    since: datetime | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_address: str | None
    last_used_client: str | None


@dataclass(frozen=True, slots=True)
class Created:
    """A key just made. The secret can never be had again."""

    key: KeyInfo
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form or a call asks for; ``expires_at`` was checked by ``expiry``, ``form_token`` is a form's own id."""

    name: str
    expires_at: datetime | None = None
    form_token: str | None = None


class AlreadyMade(Conflict):
    """The form that was sent has made its key before; ``key`` is that one."""

    def __init__(self, key: KeyInfo) -> None:
        super().__init__(f"This form has already created the API key {key.name}.")
        self.key = key


def create(session: Session, membership_id: str, wanted: Wanted, actor: Actor, now: datetime) -> Created:
    """Create a key for a membership.

    Raises ``Invalid`` for the name, ``Forbidden`` when the membership has ended meanwhile, ``AlreadyMade`` when the
    same form comes again.
    """
    name = clean_name(wanted.name, keys.NAME_MAX)
    _check_membership(session, membership_id)
    if made := _by_form(session, membership_id, wanted.form_token, now):
        raise AlreadyMade(made)
    minted = keys.mint()
    row = ApiKey(
        id=minted.key_id,
        membership_id=membership_id,
        name=name,
        digest=keys.digest(minted.key_id, minted.secret),
        created_at=now,
        expires_at=wanted.expires_at,
        form_token=wanted.form_token,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Two requests of one form at the same moment: the other one was faster.
        if made := _by_form(session, membership_id, wanted.form_token, now):
            raise AlreadyMade(made) from None
        raise
    record(session, "api_key.create", actor, now, api_key_id=row.id, name=name, expires_at=_text(wanted.expires_at))
    session.flush()
    return Created(info(row, now), minted.secret)


def rename(session: Session, membership_id: str, key_id: str, name: str, actor: Actor, now: datetime) -> KeyInfo:
    """Give a key another name. Raises ``Invalid``, ``NotFound``, or ``Conflict`` for a revoked key."""
    name = clean_name(name, keys.NAME_MAX)
    before = get(session, membership_id, key_id, now)
    if not _change(session, membership_id, key_id, name=name):
        raise Conflict("A revoked API key cannot be renamed.")
    record(session, "api_key.rename", actor, now, api_key_id=key_id, name=name, before=before.name)
    return get(session, membership_id, key_id, now)


def revoke(session: Session, membership_id: str, key_id: str, actor: Actor, now: datetime) -> KeyInfo:
    """Revoke a key, for good. A second time changes nothing: the first moment stays. Raises ``NotFound``."""
    if _change(session, membership_id, key_id, revoked_at=now):
        record(session, "api_key.revoke", actor, now, api_key_id=key_id)
    return get(session, membership_id, key_id, now)


def get(session: Session, membership_id: str, key_id: str, now: datetime) -> KeyInfo:
    """One key of a membership. Raises ``NotFound``, the same for unknown ids and for other members' keys."""
    row = session.scalar(mine(membership_id).where(ApiKey.id == key_id).execution_options(populate_existing=True))
    if row is None:
        raise NotFound(NOT_FOUND)
    return info(row, now)


def all_of(session: Session, membership_id: str, now: datetime, *, revoked: bool) -> list[KeyInfo]:
    """All keys of a membership, newest first, for the JSON list; revoked ones only when asked for."""
    query = mine(membership_id).order_by(ApiKey.created_at.desc(), ApiKey.id)
    if not revoked:
        query = query.where(ApiKey.revoked_at.is_(None))
    return [info(row, now) for row in session.scalars(query)]


def mine(membership_id: str) -> Select[ApiKey]:
    """The keys of one membership: what a member may see and touch."""
    return select(ApiKey).where(ApiKey.membership_id == membership_id)


def _change(session: Session, membership_id: str, key_id: str, **values: Any) -> bool:
    """Change a key unless it is revoked, in one conditional statement; a revoke is never undone by a late write."""
    live = update(ApiKey).where(ApiKey.id == key_id, ApiKey.membership_id == membership_id, ApiKey.revoked_at.is_(None))
    result: CursorResult[Any] = session.execute(live.values(**values))  # type: ignore[assignment]
    return bool(result.rowcount)


def _by_form(session: Session, membership_id: str, form_token: str | None, now: datetime) -> KeyInfo | None:
    if form_token is None:
        return None
    row = session.scalar(mine(membership_id).where(ApiKey.form_token == form_token))
    return None if row is None else info(row, now)


def _check_membership(session: Session, membership_id: str) -> None:
    lasting = select(Membership.id).join(Member, Member.id == Membership.member_id)
    lasting = lasting.where(Membership.id == membership_id, Membership.ended_at.is_(None), Member.disabled_at.is_(None))
    if session.scalar(lasting) is None:
        raise Forbidden("You are no longer a member of this project.")


def info(row: ApiKey, now: datetime) -> KeyInfo:
    """A stored key with its state at ``now``."""
    state, since = keys.judge(Facts(row.expires_at, row.revoked_at, row.suspended_at), now)
    return KeyInfo(
        id=row.id,
        name=row.name,
        state=state,
        since=since,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        last_used_address=row.last_used_address,
        last_used_client=row.last_used_client,
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()

"""The acts on API keys: create, list, edit, revoke. Each transition is written once, with its audit event."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from owox import keys
from owox.keys import Facts, State
from owox.models import ApiKey, Member, Membership
from owox.models.searchable import renaming
from owox.services import endings
from owox.services.audit import Actor, record
from owox.services.errors import Conflict, Forbidden, NotFound
from owox.services.names import clean_name

NOT_FOUND: Final = "API key not found"


@dataclass(frozen=True, slots=True)
class Owner:
    """The member whose key it is."""

    member_id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """A key as lists, JSON and pages show it.

    ``since`` is the instant since which ``state`` holds. ``ends_at`` is when the key ends by itself: at its expiry, or
    with the overlap if ``replaced_by_id`` has taken its place and that is earlier. Only admins see the ``owner``.
    """

    id: str
    membership_id: str
    name: str
    state: State
    since: datetime | None
    created_at: datetime
    expires_at: datetime | None
    ends_at: datetime | None
    ends_soon: bool
    suspended_at: datetime | None
    revoked_at: datetime | None
    replaced_at: datetime | None
    replaced_by_id: str | None
    last_used_at: datetime | None
    last_used_address: str | None
    last_used_client: str | None
    owner: Owner | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """A key just made, and the one that it replaces. The secret can never be had again."""

    key: KeyInfo
    secret: str = field(repr=False)
    replaces: KeyInfo | None = None


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
    if not change(session, membership_id, key_id, **renaming(name)):
        raise Conflict("A revoked API key cannot be renamed.")
    record(session, "api_key.rename", actor, now, api_key_id=key_id, name=name, before=before.name)
    return get(session, membership_id, key_id, now)


def change_expiry(
    session: Session, membership_id: str, key_id: str, expires_at: datetime | None, actor: Actor, now: datetime
) -> KeyInfo:
    """Give an active key another expiry, checked by ``expiry``, or none. Raises ``NotFound`` or ``Conflict``."""
    before = get(session, membership_id, key_id, now)
    active = (
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
        ApiKey.replaced_by_id.is_(None),
        ApiKey.suspended_at.is_(None),
    )
    if not change(session, membership_id, key_id, *active, expires_at=expires_at):
        raise Conflict(why_it_ends_so(get(session, membership_id, key_id, now)))
    details = {"expires_at": _text(expires_at), "before": _text(before.expires_at)}
    record(session, "api_key.change_expiry", actor, now, api_key_id=key_id, **details)
    return get(session, membership_id, key_id, now)


def revoke(session: Session, membership_id: str, key_id: str, actor: Actor, now: datetime, **details: str) -> KeyInfo:
    """Revoke a key, for good. A second time changes nothing: the first moment stays. Raises ``NotFound``.

    ``details`` go on record.
    """
    if change(session, membership_id, key_id, revoked_at=now):
        record(session, "api_key.revoke", actor, now, api_key_id=key_id, **details)
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


def change(session: Session, membership_id: str, key_id: str, *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Change a key unless it is revoked, in one conditional statement; a revoke is never undone by a late write.

    Returns whether it was changed: that needs the other ``conditions`` too.
    """
    live = update(ApiKey).where(ApiKey.id == key_id, ApiKey.membership_id == membership_id, ApiKey.revoked_at.is_(None))
    result: CursorResult[Any] = session.execute(live.where(*conditions).values(**values))  # type: ignore[assignment]
    if not result.rowcount:
        return False
    endings.note(session, "api_key", key_id, values)
    return True


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


def info(row: ApiKey, now: datetime, membership: Membership | None = None) -> KeyInfo:
    """A stored key with its state at ``now``; with its membership (and the member in it) also what became of those."""
    owner = membership.member if membership else None
    facts = Facts(
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        suspended_at=row.suspended_at,
        membership_ended_at=membership.ended_at if membership else None,
        member_disabled_at=owner.disabled_at if owner else None,
        overlap_ends_at=row.overlap_ends_at,
    )
    state, since = keys.judge(facts, now)
    return KeyInfo(
        id=row.id,
        membership_id=row.membership_id,
        name=row.name,
        state=state,
        since=since,
        created_at=row.created_at,
        expires_at=row.expires_at,
        ends_at=facts.ends_at,
        ends_soon=state is State.ACTIVE and keys.ends_soon(facts.ends_at, now),
        suspended_at=row.suspended_at,
        revoked_at=row.revoked_at,
        replaced_at=row.replaced_at,
        replaced_by_id=row.replaced_by_id,
        last_used_at=row.last_used_at,
        last_used_address=row.last_used_address,
        last_used_client=row.last_used_client,
        owner=Owner(owner.id, owner.name, owner.email) if owner else None,
    )


def why_it_ends_so(key: KeyInfo) -> str:
    """Why a key's expiry cannot be changed, in a sentence; empty when it can be."""
    if key.state is not State.ACTIVE:
        return f"This API key is {key.state}: its expiry cannot be changed."
    if key.replaced_by_id:
        return f"{key.replaced_by_id} has replaced this API key: its end cannot be changed. Revoke it to end it sooner."
    return ""


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()

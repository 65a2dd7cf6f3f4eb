"""Turns a credential into a caller, with one SQL statement over key, membership, member and project.

Nothing is cached: each request is decided from the rows as they are at that moment. A miss reads the Nil rows
instead, so that an unknown key costs the same work as a wrong secret.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select

from owox import keys
from owox.keys import Facts, State
from owox.models import ApiKey, Member, Membership, Project
from owox.roles import Role
from owox.services.errors import Refused
from owox.tokens import Tokens

NIL_KEY_ID: Final = keys.ID_PREFIX + "-" * 22


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, in which project, with which role; ``api_key_id`` is set when a key was used."""

    member_id: str
    email: str
    name: str
    project_id: str
    project_title: str
    membership_id: str
    role: Role
    api_key_id: str | None = None
    key_expires_at: datetime | None = None


_KEY_ROW: Final = (
    select(
        ApiKey.id,
        ApiKey.digest,
        ApiKey.expires_at,
        ApiKey.revoked_at,
        ApiKey.suspended_at,
        Membership.id.label("membership_id"),
        Membership.role,
        Membership.ended_at,
        Member.id.label("member_id"),
        Member.email,
        Member.name,
        Member.disabled_at,
        Project.id.label("project_id"),
        Project.title,
    )
    .join(Membership, Membership.id == ApiKey.membership_id)
    .join(Member, Member.id == Membership.member_id)
    .join(Project, Project.id == Membership.project_id)
    .where(
        ApiKey.id
        == func.coalesce(select(ApiKey.id).where(ApiKey.id == bindparam("key_id")).scalar_subquery(), NIL_KEY_ID)
    )
)


def by_secret(connection: Connection, key_id: str, secret: str, now: datetime) -> Caller:
    """Accept both parts of a key; raise ``Refused``, with the reason only if the secret is right."""
    if not keys.is_key_id(key_id) or not keys.is_secret(secret):
        raise Refused(key_id=key_id)
    row = _read(connection, key_id)
    if not keys.matches(row.digest, key_id, secret):
        raise Refused(key_id=key_id)
    return _judged(row, now)


def by_combined(connection: Connection, value: str, origin: str, now: datetime) -> Caller:
    """Accept a combined value; one that was made by another server is refused with a hint that says so."""
    try:
        parts = keys.parse_combined(value)
    except keys.CombinedValueError:
        raise Refused(hint="The combined value is damaged: copy it again, whole.") from None
    try:
        return by_secret(connection, parts.key_id, parts.secret, now)
    except Refused as refused:
        if refused.state is None and parts.origin != origin:
            refused.hint = f"This key says that it belongs to {parts.origin}; this server is {origin}."
        raise


def by_token(connection: Connection, tokens: Tokens, token: str, now: datetime) -> Caller:
    """Accept an access token while its key would still be accepted; raise ``Refused``."""
    statement = tokens.read(token, now)
    if statement is None:
        raise Refused
    return by_key_id(connection, statement.key_id, now)


def by_key_id(connection: Connection, key_id: str, now: datetime) -> Caller:
    """Decide again about a key whose secret was proven before, as an open stream does; raise ``Refused``."""
    row = _read(connection, key_id)
    if row.id != key_id:
        raise Refused(key_id=key_id)
    return _judged(row, now)


def _read(connection: Connection, key_id: str) -> Any:
    return connection.execute(_KEY_ROW, {"key_id": key_id}).one()


def _judged(row: Any, now: datetime) -> Caller:
    facts = Facts(row.expires_at, row.revoked_at, row.suspended_at, row.ended_at, row.disabled_at)
    state, at = keys.judge(facts, now)
    if state is not State.ACTIVE:
        raise Refused(state, at, key_id=row.id)
    return Caller(
        member_id=row.member_id,
        email=row.email,
        name=row.name,
        project_id=row.project_id,
        project_title=row.title,
        membership_id=row.membership_id,
        role=Role(row.role),
        api_key_id=row.id,
        key_expires_at=row.expires_at,
    )

"""Turns a credential into a caller, with one SQL statement over key, membership, member and project.

Nothing is cached: each request is decided from the rows as they are at that moment. The statement runs on the driver
itself, since it is most of what a request costs. A miss reads the Nil rows instead, so that an unknown key costs the
same work as a wrong secret.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, cast

from sqlalchemy import PoolProxiedConnection, bindparam, func, select
from sqlalchemy.exc import OperationalError

from owox import keys
from owox.keys import Facts, State
from owox.models import ApiKey, Member, Membership, Project
from owox.models.base import instant, reading_engine
from owox.roles import Role
from owox.services.errors import Refused
from owox.tokens import Tokens

NIL_KEY_ID: Final = keys.ID_PREFIX + "-" * 22


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, in which project, with which role; ``api_key_id`` is set when a key was used.

    ``key_ends_at`` is when that key ends by itself, by its expiry or after its rotation. ``terminal_id`` is the sign-in
    of the terminal that was used.
    """

    member_id: str
    email: str
    name: str
    project_id: str
    project_title: str
    membership_id: str
    role: Role
    api_key_id: str | None = None
    key_ends_at: datetime | None = None
    terminal_id: str | None = None


_KEY_ROW: Final = (
    select(
        ApiKey.id,
        ApiKey.digest,
        ApiKey.expires_at,
        ApiKey.revoked_at,
        ApiKey.suspended_at,
        ApiKey.overlap_ends_at,
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
        == func.coalesce(select(ApiKey.id).where(ApiKey.id == bindparam("key_id")).scalar_subquery(), bindparam("nil"))
    )
)


class KeyRow(NamedTuple):
    """What is stored about a key, its membership, its owner and its project; instants are milliseconds."""

    id: str
    digest: str
    expires_at: int | None
    revoked_at: int | None
    suspended_at: int | None
    overlap_ends_at: int | None
    membership_id: str
    role: str
    ended_at: int | None
    member_id: str
    email: str
    name: str
    disabled_at: int | None
    project_id: str
    title: str


class KeyReader:
    """Reads the one row that decides about a key, on connections of its own that open no transaction."""

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        self.engine = reading_engine(url, options)
        self._compiled = _KEY_ROW.compile(dialect=self.engine.dialect)
        self._text = str(self._compiled)
        self._names = self._compiled.positiontup if self._compiled.positional else None
        self._failure = self.engine.dialect.loaded_dbapi.Error

    def read(self, key_id: str) -> KeyRow:
        """The row of a key, or the Nil row. Raises SQLAlchemy's ``OperationalError`` when the database is away."""
        named = {"key_id": key_id, "nil": NIL_KEY_ID}
        values = named if self._names is None else [named[name] for name in self._names]
        connection = self._connect()
        try:
            cursor = connection.cursor()
            cursor.execute(self._text, values)
            return KeyRow._make(cast(tuple[Any, ...], cursor.fetchone()))
        except self._failure as error:
            connection.invalidate(error)
            raise OperationalError(self._text, None, error) from error
        finally:
            connection.close()

    def _connect(self) -> PoolProxiedConnection:
        try:
            return self.engine.raw_connection()
        except self._failure as error:
            raise OperationalError(self._text, None, error) from error


def by_secret(reader: KeyReader, key_id: str, secret: str, now: datetime) -> Caller:
    """Accept both parts of a key; raise ``Refused``, with the reason only if the secret is right."""
    return _judged(prove(reader, key_id, secret), now)


def prove(reader: KeyReader, key_id: str, secret: str) -> KeyRow:
    """Return what is stored about a key, in whatever state, to whoever has both its parts; raise ``Refused``."""
    if not keys.is_key_id(key_id) or not keys.is_secret(secret):
        raise Refused(key_id=key_id)
    row = reader.read(key_id)
    if not keys.matches(row.digest, key_id, secret):
        raise Refused(key_id=key_id)
    return row


def by_combined(reader: KeyReader, value: str, origin: str, now: datetime) -> Caller:
    """Accept a combined value; one that was made by another server is refused with a hint that says so."""
    try:
        parts = keys.parse_combined(value)
    except keys.CombinedValueError:
        raise Refused(hint="The combined value is damaged: copy it again, whole.") from None
    try:
        return by_secret(reader, parts.key_id, parts.secret, now)
    except Refused as refused:
        if refused.state is None and parts.origin != origin:
            refused.hint = f"This key says that it belongs to {parts.origin}; this server is {origin}."
        raise


def by_token(reader: KeyReader, tokens: Tokens, token: str, now: datetime) -> Caller:
    """Accept an access token while its key would still be accepted; raise ``Refused``."""
    statement = tokens.read(token, now)
    if statement is None:
        raise Refused(ended=tokens.signed(token) is not None)
    return by_key_id(reader, statement.key_id, now)


def by_key_id(reader: KeyReader, key_id: str, now: datetime) -> Caller:
    """Decide again about a key whose secret was proven before, as an open stream does; raise ``Refused``."""
    row = reader.read(key_id)
    if row.id != key_id:
        raise Refused(key_id=key_id)
    return _judged(row, now)


def _judged(row: KeyRow, now: datetime) -> Caller:
    facts = Facts(
        _instant(row.expires_at),
        _instant(row.revoked_at),
        _instant(row.suspended_at),
        _instant(row.ended_at),
        _instant(row.disabled_at),
        _instant(row.overlap_ends_at),
    )
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
        key_ends_at=facts.ends_at,
    )


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else instant(milliseconds)

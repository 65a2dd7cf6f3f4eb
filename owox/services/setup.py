"""The first member of a server: a one-time link that is printed at start while no member exists."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, and_, delete, select, update
from sqlalchemy.orm import Session

from owox.models import SetupLink
from owox.services import members
from owox.services.audit import Actor, record
from owox.services.errors import NotFound

LIFETIME: Final = timedelta(hours=1)
_OVER: Final = "This set-up link was used before, has expired, or never existed, or somebody has signed up meanwhile."


def new_link(session: Session, project_id: str | None, actor: Actor, now: datetime) -> str:
    """Make a new link's token, ending every earlier one; its user becomes an admin of ``project_id``."""
    session.execute(delete(SetupLink).where(SetupLink.used_at.is_(None)))
    token = secrets.token_urlsafe(32)
    session.add(SetupLink(digest=_digest(token), project_id=project_id, created_at=now, expires_at=now + LIFETIME))
    record(session, "setup_link.create", actor, now, **({"project": project_id} if project_id else {}))
    session.flush()
    return token


def find(session: Session, token: str, now: datetime) -> str | None:
    """The project id that a link is for; with ``None`` its user names a new project. Raises ``NotFound`` once over."""
    link = session.scalar(select(SetupLink).where(_open(token, now)))
    if link is None or members.exist(session):
        raise NotFound(_OVER)
    return link.project_id


def use(session: Session, token: str, now: datetime) -> None:
    """End a link, for one caller only however many come at once. Raises ``NotFound``."""
    using = update(SetupLink).where(_open(token, now)).values(used_at=now)
    result: CursorResult[Any] = session.execute(using)  # type: ignore[assignment]
    if not result.rowcount or members.exist(session):
        raise NotFound(_OVER)


def _open(token: str, now: datetime) -> ColumnElement[bool]:
    return and_(SetupLink.digest == _digest(token), SetupLink.used_at.is_(None), SetupLink.expires_at > now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

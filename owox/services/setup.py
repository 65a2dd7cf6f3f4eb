"""The first member of a server: a one-time link that is printed at start while no member exists."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from owox.models import SetupLink
from owox.services.errors import NotFound

LIFETIME: Final = timedelta(hours=1)


def new_link(session: Session, project_id: str | None, now: datetime) -> str:
    """Make a new link's token, ending every earlier one; its user becomes an admin of ``project_id``."""
    session.execute(delete(SetupLink).where(SetupLink.used_at.is_(None)))
    token = secrets.token_urlsafe(32)
    session.add(SetupLink(digest=_digest(token), project_id=project_id, created_at=now, expires_at=now + LIFETIME))
    session.flush()
    return token


def find(session: Session, token: str, now: datetime) -> str | None:
    """The project id that a link is for; with ``None`` its user names a new project. Raises ``NotFound`` once over."""
    query = select(SetupLink).where(
        SetupLink.digest == _digest(token), SetupLink.used_at.is_(None), SetupLink.expires_at > now
    )
    link = session.scalar(query)
    if link is None:
        raise NotFound("This set-up link was used before, has expired, or never existed.")
    return link.project_id


def use(session: Session, token: str, now: datetime) -> None:
    """End a link, for one caller only however many come at once. Raises ``NotFound``."""
    using = update(SetupLink).where(
        SetupLink.digest == _digest(token), SetupLink.used_at.is_(None), SetupLink.expires_at > now
    )
    result: CursorResult[Any] = session.execute(using.values(used_at=now))  # type: ignore[assignment]
    if not result.rowcount:
        raise NotFound("This set-up link was used before, has expired, or never existed.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

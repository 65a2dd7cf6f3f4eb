"""A member's own account: name and password. What concerns a role in a project is in ``members``."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from owox.models import Member
from owox.models.searchable import renaming
from owox.services import sign_ins
from owox.services.audit import Actor, record
from owox.services.members import NAME_MAX
from owox.services.names import clean_name
from owox.services.passwords import hash_password


def rename(session: Session, member_id: str, name: str, actor: Actor, now: datetime) -> None:
    """Give a member another name. Raises ``Invalid``."""
    name = clean_name(name, NAME_MAX)
    session.execute(update(Member).where(Member.id == member_id).values(renaming(name)))
    record(session, "member.rename", actor, now, subject_id=member_id, name=name)


def hashed(password: str, email: str, name: str) -> str:
    """Check a new password and return what is stored of it; apart, since it takes its time. Raises ``Invalid``."""
    return hash_password(password, email.partition("@")[0], name)


def change_password(session: Session, member_id: str, password_hash: str, actor: Actor, now: datetime) -> None:
    """Store a new password and end all sign-ins. The caller has checked the old one. Keys stay as they are."""
    session.execute(update(Member).where(Member.id == member_id).values(password_hash=password_hash))
    sign_ins.end_all(session, member_id, now)
    record(session, "member.change_password", actor, now, subject_id=member_id)


def note_failure(session: Session, member_id: str, actor: Actor, now: datetime) -> None:
    """Record a password change that was refused, since the old password was wrong."""
    record(session, "member.change_password", actor, now, subject_id=member_id, result="refused")

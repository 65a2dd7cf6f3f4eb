"""Projects: create, list."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import NIL, Project
from owox.models.base import new_id
from owox.services.audit import Actor, record
from owox.services.names import clean_name

TITLE_MAX = 100


def create(session: Session, title: str, actor: Actor, now: datetime) -> str:
    """Create a project without members; return its id. Raises ``Invalid`` for the title."""
    project = Project(id=new_id(), title=clean_name(title, TITLE_MAX, "title"), created_at=now)
    session.add(project)
    record(session, "project.create", actor, now, subject_id=project.id, title=project.title)
    session.flush()
    return project.id


def listed(session: Session) -> list[Project]:
    """All projects of this server, oldest first."""
    return list(session.scalars(select(Project).where(Project.id != NIL).order_by(Project.created_at, Project.id)))


def get(session: Session, project_id: str) -> Project:
    """One project that is known to exist."""
    return session.get_one(Project, project_id)

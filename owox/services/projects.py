"""Projects: create, list, describe."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import NIL, Project
from owox.models.base import new_id
from owox.services.acting import Acting
from owox.services.audit import Actor, record
from owox.services.errors import Conflict, Invalid, NotFound, Problem
from owox.services.names import clean_name

TITLE_MAX = 100
DESCRIPTION_MAX = 10_000


def create(session: Session, title: str, actor: Actor, now: datetime) -> str:
    """Create a project without members; return its id. Raises ``Invalid`` for the title."""
    project = Project(id=new_id(), title=clean_name(title, TITLE_MAX, "title"), created_at=now)
    session.add(project)
    record(session, "project.create", actor, now, subject_id=project.id, project=project.id, title=project.title)
    session.flush()
    return project.id


def listed(session: Session) -> list[Project]:
    """All projects of this server, oldest first."""
    return list(session.scalars(select(Project).where(Project.id != NIL).order_by(Project.created_at, Project.id)))


def get(session: Session, project_id: str) -> Project:
    """One project that is known to exist."""
    return session.get_one(Project, project_id)


def describe(session: Session, by: Acting, description: str | None) -> None:
    """Set or, with None, clear what a project says about itself. Raises ``Invalid``."""
    get(session, by.project_id).description = None if description is None else clean_description(description)
    by.record(session, "project.describe", by.project_id)
    session.flush()


def clean_description(text: str) -> str:
    """Return the text as it is; raise ``Invalid`` unless it is 1 to 10,000 characters and holds no NUL."""
    if not text:
        raise Invalid("description", Problem.EMPTY)
    if len(text) > DESCRIPTION_MAX:
        raise Invalid("description", Problem.TOO_LONG)
    if "\0" in text:
        raise Invalid("description", Problem.CONTROL)
    return text


def check(session: Session, project_id: str) -> None:
    """Raise ``NotFound`` unless there is such a project."""
    if project_id == NIL or session.get(Project, project_id) is None:
        raise NotFound(f"There is no project with the id {project_id}.")


def only(session: Session) -> str:
    """The id of this server's one project. Raises ``NotFound`` when there is none, ``Conflict`` when there are more."""
    found = listed(session)
    if not found:
        raise NotFound("There is no project yet. Create one first: owox project create TITLE")
    if len(found) > 1:
        raise Conflict("There are several projects. Say which one with --project ID; owox project list shows them.")
    return found[0].id

"""Acts of the cast on storages, data marts and destinations."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from owox.access import now
from owox.services import members
from owox.services.acting import Acting
from owox.services.audit import Actor
from owox.services.errors import DomainError
from tests.cast import Stage


def acting(stage: Stage, name: str) -> Acting:
    """Somebody's act, now."""
    person = stage[name]
    actor = Actor("127.0.0.1", "tests", "tests", member_id=person.member_id, project_id=person.project_id)
    with Session(stage.engine) as session:
        caller = members.caller_in(session, person.member_id, person.project_id)
    return Acting(caller, actor, now())


def outcome(act: Callable[[], object]) -> str:
    """How an act ended."""
    try:
        act()
    except DomainError as error:
        return type(error).__name__
    return "done"

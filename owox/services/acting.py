"""An act on the things of a project: by whom, from where, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from owox.models import NIL
from owox.roles import Role
from owox.services import audit
from owox.services.audit import Actor
from owox.services.authentication import Caller


@dataclass(frozen=True, slots=True)
class Acting:
    """``caller`` decides what is allowed, ``actor`` is what the audit log keeps, ``now`` the moment of both."""

    caller: Caller
    actor: Actor
    now: datetime

    @property
    def project_id(self) -> str:
        """The project that the act is in."""
        return self.caller.project_id

    @property
    def member_id(self) -> str | None:
        """The acting member; None for the operator at the server's own command line."""
        return None if self.caller.member_id == NIL else self.caller.member_id

    def record(self, session: Session, action: str, subject_id: str, **details: Any) -> None:
        """Add the act to the audit log; ``details`` never hold a secret."""
        audit.record(session, action, self.actor, self.now, subject_id=subject_id, **details)


def as_operator(project_id: str) -> Caller:
    """The operator at the server's own command line, who may do everything in a project."""
    return Caller(
        member_id=NIL,
        email="",
        name="",
        project_id=project_id,
        project_title="",
        membership_id=NIL,
        role=Role.ADMIN,
    )

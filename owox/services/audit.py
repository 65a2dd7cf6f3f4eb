"""The audit log: who did what, when, from where, to what, and how it ended.

An event is added in the same transaction as the change that it speaks of, so that neither exists without the other:
when it cannot be written, nothing is changed. What is refused is noted afterwards (``refusals``). What succeeds and
changes nothing is not here: the exchange of a key and the reading of data, of which a key's last use and the runs tell.

Events are never deleted, so whatever strangers can bring about is throttled or left out. ``audit_chain`` says how the
events hang together.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from owox.models import AuditEvent
from owox.models.base import new_id
from owox.services import audit_chain

CLIENT_MAX = 200


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts and from where: ids as far as they are known, network address, client program, request id."""

    address: str
    client: str
    request_id: str
    member_id: str | None = None
    project_id: str | None = None
    api_key_id: str | None = None


def record(
    session: Session,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    subject_id: str | None = None,
    api_key_id: str | None = None,
    **details: Any,
) -> None:
    """Add one event, at the end of the transaction. ``details`` are JSON values and never hold a secret.

    ``result`` among them names how it ended, ``project`` the project of somebody who acts from outside it.
    """
    audit_chain.append(
        session,
        AuditEvent(
            id=new_id(),
            at=now,
            action=action,
            result=details.pop("result", "ok"),
            project_id=actor.project_id or details.get("project"),
            member_id=actor.member_id,
            api_key_id=api_key_id or actor.api_key_id,
            subject_id=subject_id,
            address=actor.address,
            client=actor.client,
            request_id=actor.request_id,
            details=details,
        ),
    )


def one_line(text: str, limit: int = CLIENT_MAX) -> str:
    """Text from outside made safe for logs and lists: no control or direction characters, at most ``limit`` long."""
    shown = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text[: limit * 2])
    return " ".join(shown.split())[:limit]

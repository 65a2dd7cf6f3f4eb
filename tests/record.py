"""What has gone on record since a moment, and the one place that requests come from whose events are read."""

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from owox.models import AuditEvent
from tests.cast import Stage, settle

ADDRESS, CLIENT, REQUEST = "203.0.113.7", "a client", "request-1"
PLACE = {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": CLIENT, "HTTP_X_REQUEST_ID": REQUEST}


def last_number(stage: Stage) -> int:
    """The newest event's."""
    settle(stage.app)
    with Session(stage.engine) as session:
        return session.scalar(select(func.max(AuditEvent.number))) or 0


def since(stage: Stage, number: int) -> list[AuditEvent]:
    """The events after that one."""
    settle(stage.app)
    with Session(stage.engine) as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.number > number).order_by(AuditEvent.number)))


def placed(client: FlaskClient) -> FlaskClient:
    """The same browser, at that place."""
    client.environ_base = {**client.environ_base, **PLACE}
    return client

"""Terminals that ask to be let in, and what became of their requests."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from owox.models import DeviceAuthorization
from owox.services import device_authorizations, device_tokens, members
from owox.services.device_authorizations import Asked, Begun, Purpose, Request
from owox.services.device_tokens import Fetched, Refusal
from owox.services.keys import Wanted
from owox.services.throttle import Throttle
from tests.cast import OPERATOR, Stage
from tests.people import acting

ADDRESS = "203.0.113.7"


def asked(
    stage: Stage,
    name: str = "laptop",
    *,
    at: datetime | None = None,
    address: str = ADDRESS,
    client: str = "owox-ctl",
    purpose: Purpose = Purpose.KEY,
) -> Begun:
    """A terminal that has just asked."""
    terminal = replace(OPERATOR, address=address, client=client)
    with stage.session() as session:
        wanted = Asked(purpose, name, client)
        return device_authorizations.begin(session, wanted, terminal, at or datetime.now(UTC))


def found(stage: Stage, typed: str, name: str = "alice", at: datetime | None = None) -> Request:
    """The request that somebody of the cast finds by what they type."""
    with Session(stage.engine) as session:
        member_id, moment = stage[name].member_id, at or datetime.now(UTC)
        return device_authorizations.look_up(session, typed, member_id, Throttle(), "192.0.2.1", moment)


def approve(
    stage: Stage, begun: Begun, name: str = "alice", at: datetime | None = None, expires_at: datetime | None = None
) -> None:
    """Somebody says yes, in their project."""
    moment, person = at or datetime.now(UTC), stage[name]
    request = found(stage, begun.user_code, name, moment)
    with stage.session() as session:
        caller = members.caller_in(session, person.member_id, person.project_id)
        wanted = Wanted(request.name, expires_at)
        device_authorizations.approve(session, request, caller, wanted, acting(stage, name), moment)


def deny(stage: Stage, begun: Begun, name: str = "alice") -> None:
    """Somebody says no."""
    moment = datetime.now(UTC)
    request = found(stage, begun.user_code, name, moment)
    with stage.session() as session:
        device_authorizations.deny(session, request, acting(stage, name), moment)


def fetch(stage: Stage, begun: Begun, at: datetime | None = None) -> Fetched | Refusal:
    """What the terminal gets now."""
    terminal = replace(OPERATOR, address=ADDRESS, client="owox-ctl")
    with stage.session() as session:
        return device_tokens.fetch(session, begun.device_code, terminal, at or datetime.now(UTC))


def row_of(stage: Stage, begun: Begun) -> DeviceAuthorization | None:
    """The request as it is stored."""
    code = begun.user_code.replace("-", "")
    with Session(stage.engine) as session:
        return session.query(DeviceAuthorization).filter(DeviceAuthorization.user_code == code).one_or_none()

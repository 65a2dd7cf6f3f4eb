"""Everybody who may knock at a route: by cookie, by key, and nobody."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from owox.services import terminal_sign_ins
from tests.cast import OPERATOR, Person, Stage
from tests.states import basic


@dataclass(frozen=True)
class Actor:
    """Somebody with a way of showing who they are; ``person`` is whose keys and project they name in addresses."""

    stage: Stage
    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)
    person: str = "vera"

    def send(self, method: str, path: str, **more: Any) -> TestResponse:
        """Send a request as a page of ours would, with its form's token."""
        headers = {**self.headers, "X-CSRFToken": form_token(self.stage, self.client), **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)


def form_token(stage: Stage, client: FlaskClient) -> str:
    """What stands in the head of a page that this browser gets."""
    cookies = [client.get_cookie(name) for name in ("owox_sign_in", "owox_form")]
    sent = "; ".join(f"{cookie.key}={cookie.value}" for cookie in cookies if cookie)
    with stage.app.test_request_context(headers={"Cookie": sent}):
        return generate_csrf()


def anonymous(stage: Stage) -> Actor:
    """Nobody, with a browser that has been here."""
    client = stage.app.test_client()
    client.get("/sign-in")
    return Actor(stage, client)


def by_cookie(stage: Stage, name: str, person: str | None = None) -> Actor:
    """Somebody who has signed in."""
    return Actor(stage, stage.visitor(name), person=person or name)


def by_key(stage: Stage, holder: Person, person: str) -> Actor:
    """Somebody who holds a key."""
    visitor = anonymous(stage)
    return Actor(stage, visitor.client, {"Authorization": basic(f"{holder.key_id}:{holder.secret}".encode())}, person)


def by_terminal(stage: Stage, name: str, person: str | None = None, since: datetime | None = None) -> Actor:
    """Somebody who has signed in at a terminal, now or at another moment."""
    with stage.session() as session:
        begun = terminal_sign_ins.begin(session, stage[name].membership_id, OPERATOR, since or datetime.now(UTC))
    return Actor(stage, anonymous(stage).client, {"Authorization": f"Bearer {begun.token}"}, person or name)


def expired_key(stage: Stage) -> Actor:
    """Vera with a key that has ended."""
    holder = stage.more("vera")
    stage.set_key(holder.key_id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    return by_key(stage, holder, "vera")


def revoked_key(stage: Stage) -> Actor:
    """Vera with a key that was revoked."""
    holder = stage.more("vera")
    stage.set_key(holder.key_id, revoked_at=datetime.now(UTC))
    return by_key(stage, holder, "vera")

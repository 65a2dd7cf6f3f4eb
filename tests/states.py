"""The state table: every state that a key can be in, and every way in which a credential can be wrong."""

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from owox import keys
from owox.keys import State
from owox.roles import Role
from owox.services import keys as key_service
from owox.services import members, rotation
from tests.cast import OPERATOR, Person, Stage

ORIGIN = "http://127.0.0.1:8000"
REVOKE = "/api/auth/api-keys/revoke"
EXCHANGE = "/api/auth/api-keys/exchange"
CONTEXT = "/api/auth/context"
Change = Callable[[Stage, Person, datetime], None]
CHANGED_BEFORE = timedelta(seconds=10)  # the end


@dataclass(frozen=True)
class Holder:
    """Somebody who presents a key: both its parts, and the token that it was exchanged for while it was active."""

    key_id: str
    secret: str
    token: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the table: what happens to bob's key, when it is used next, and what it is then.

    ``before_end`` is how long before its end that is; ``expires`` says that it ends by an expiry of its own.
    """

    state: State
    change: Change = lambda _stage, _person, _at: None
    before_end: timedelta | None = None
    expires: bool = True


def _revoke(stage: Stage, person: Person, at: datetime) -> None:
    with stage.session() as session:
        key_service.revoke(session, person.membership_id, person.key_id, OPERATOR, at)


def _rotate(stage: Stage, person: Person, at: datetime) -> None:
    wanted = rotation.Rotation(None, overlap=CHANGED_BEFORE)
    with stage.session() as session:
        rotation.rotate(session, person.membership_id, person.key_id, wanted, OPERATOR, at)


def _end_membership(stage: Stage, person: Person, at: datetime) -> None:
    with stage.session() as session:
        members.end_membership(session, person.member_id, person.project_id, OPERATOR, at)


def _disable(stage: Stage, person: Person, at: datetime) -> None:
    with stage.session() as session:
        members.disable(session, person.member_id, OPERATOR, at)


def _downgrade(stage: Stage, person: Person, at: datetime) -> None:
    with stage.session() as session:
        members.change_role(session, person.member_id, person.project_id, Role.VIEWER, OPERATOR, at)


TABLE = {
    "active": Row(State.ACTIVE),
    "revoked": Row(State.REVOKED, _revoke),
    "suspended": Row(State.SUSPENDED, lambda stage, person, at: stage.set_key(person.key_id, suspended_at=at)),
    "one millisecond before expiry": Row(State.ACTIVE, before_end=timedelta(milliseconds=1)),
    "at the instant of expiry": Row(State.EXPIRED, before_end=timedelta(0)),
    "one millisecond after expiry": Row(State.EXPIRED, before_end=timedelta(milliseconds=-1)),
    "replaced in overlap": Row(State.ACTIVE, _rotate, timedelta(milliseconds=1), expires=False),
    "at the end of the overlap": Row(State.REPLACED, _rotate, timedelta(0), expires=False),
    "replaced after the overlap": Row(State.REPLACED, _rotate, timedelta(milliseconds=-1), expires=False),
    "replaced and expired": Row(State.REPLACED, _rotate, timedelta(milliseconds=-1)),
    "membership ended": Row(State.MEMBERSHIP_ENDED, _end_membership),
    "member disabled": Row(State.OWNER_DISABLED, _disable),
    "downgraded": Row(State.ACTIVE, _downgrade),
}


@dataclass(frozen=True)
class Played:
    """A line of the table, played on a stage: who holds the key, the moment of its use, and since when it is so."""

    holder: Holder
    moment: datetime
    since: datetime | None


def play(stage: Stage, row: Row) -> Played:
    """Make a key for bob, exchange it, and do to it what the line says."""
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=60)
    person = stage.more("bob", expires_at=end if row.before_end is not None and row.expires else None)
    answer = stage.app.test_client().post(
        EXCHANGE, headers={"x-owox-api-key-id": person.key_id}, json={"apiKeySecret": person.secret}
    )
    changed = end - CHANGED_BEFORE
    row.change(stage, person, changed)
    since = None if row.state is State.ACTIVE else end if row.state in (State.EXPIRED, State.REPLACED) else changed
    moment = end - (row.before_end or timedelta(0))
    return Played(Holder(person.key_id, person.secret, answer.get_json()["accessToken"]), moment, since)


def headers(door: str, holder: Holder, origin: str = ORIGIN) -> dict[str, str]:
    """What a client sends at a door."""
    if door == "own token":
        return {"x-owox-authorization": f"Bearer {holder.token}", "x-owox-api-key-id": holder.key_id}
    if door == "bearer token":
        return {"Authorization": f"Bearer {holder.token}"}
    if door == "basic":
        return {"Authorization": basic(f"{holder.key_id}:{holder.secret}".encode())}
    return {"Authorization": f"Bearer {keys.combine(origin, holder.key_id, holder.secret)}"}


def basic(text: bytes) -> str:
    """The value of a header for the Basic scheme."""
    return f"Basic {base64.b64encode(text).decode()}"


TOKEN_DOORS = ("own token", "bearer token")
SECRET_DOORS = ("exchange", "basic", "combined")
DOORS = TOKEN_DOORS + SECRET_DOORS


def knock(client: FlaskClient, door: str, holder: Holder, address: str = "127.0.0.1") -> TestResponse:
    """Present a key at a door, from an address."""
    environ = {"REMOTE_ADDR": address}
    if door == "exchange":
        sent = {"x-owox-api-key-id": holder.key_id}
        return client.post(EXCHANGE, headers=sent, json={"apiKeySecret": holder.secret}, environ_base=environ)
    return client.get(CONTEXT, headers=headers(door, holder), environ_base=environ)


def comparable(answer: TestResponse) -> tuple[int, Mapping[str, Any], dict[str, str], int]:
    """All of an answer that may not tell two failures apart: status, body, headers, length."""
    body = dict(answer.get_json())
    for name in ("timestamp", "requestId", "instance"):
        body.pop(name)
    return answer.status_code, body, dict(answer.headers), len(answer.data)


def wrong(person: Person, other: Person) -> dict[str, Holder]:
    """Every way in which both parts of a key can be wrong; the well-formed ones get as far as the database."""
    right, stranger = Holder(person.key_id, person.secret), keys.mint()
    prefix, body, checksum = person.secret[:9], person.secret[9:-6], person.secret[-6:]
    return {
        "unknown id": Holder(stranger.key_id, stranger.secret),
        "unknown id with a known secret": Holder(stranger.key_id, person.secret),
        "the row that a miss reads": Holder(keys.ID_PREFIX + "-" * 22, person.secret),
        "another key's secret": replace(right, secret=other.secret),
        "another key's id": replace(right, key_id=other.key_id),
        "a fresh secret": replace(right, secret=stranger.secret),
        **{f"secret altered at {at}": replace(right, secret=resigned(prefix + _swap(body, at))) for at in (0, 21, 42)},
        "altered without its checksum": replace(right, secret=prefix + _swap(body, 7) + checksum),
        "checksum altered": replace(right, secret=prefix + body + _swap(checksum, 2)),
        "prefix altered": replace(right, secret="owox_Sec_" + body + checksum),
        "cut secret": replace(right, secret=person.secret[:-1]),
        "doubled secret": replace(right, secret=person.secret * 2),
        "secret in another alphabet": replace(right, secret=prefix + "-" + body[1:] + checksum),
        "secret in capitals": replace(right, secret=person.secret.swapcase()),
        "secret with a space": replace(right, secret=person.secret + " "),
        "cut id": replace(right, key_id=person.key_id[:-1]),
        "doubled id": replace(right, key_id=person.key_id * 2),
        "id in another alphabet": replace(right, key_id=person.key_id[:-1] + "+"),
        "id in capitals": replace(right, key_id=person.key_id.upper()),
        "parts exchanged": Holder(person.secret, person.key_id),
        "no id": replace(right, key_id=""),
        "a UUID": replace(right, key_id=person.member_id),
    }


def wrong_tokens(stage: Stage, person: Person, token: str) -> dict[str, str]:
    """Every way in which a token can be wrong."""
    now = datetime.now(UTC)
    prefix, statement = "owox_at_", token.removeprefix("owox_at_")
    unknown, _ = stage.services.tokens.issue(keys.mint().key_id, None, now)
    ended, _ = stage.services.tokens.issue(person.key_id, None, now - timedelta(seconds=900))
    return {
        "of an unknown key": unknown,
        "ended this second": ended,
        "cut": token[:-1],
        "doubled": token * 2,
        "altered id": prefix + _swap(statement, 6),
        "longer life": prefix + statement.replace(".", ".9", 1),
        "altered signature": token[:-5] + _swap(token[-5:], 1),
        "unsigned": prefix + statement.rpartition(".")[0],
        "without prefix": statement,
        "the secret": person.secret,
        "the id": person.key_id,
        "random": secrets.token_urlsafe(48),
        "empty": "",
    }


def resigned(body: str) -> str:
    """An altered secret with the checksum that fits it."""
    return body + keys._checksum(body)


def _swap(text: str, at: int) -> str:
    return text[:at] + ("a" if text[at] != "a" else "b") + text[at + 1 :]

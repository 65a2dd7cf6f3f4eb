"""Signing in and out, joining, and what terminals and keys end or fetch: on record, whoever is signed in then."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from owox.models import AuditEvent, db, writing
from owox.models.base import instant, milliseconds
from owox.services import setup
from tests.api import actors
from tests.api.calls import DEVICE_TOKEN, END_TERMINAL
from tests.api.matrix.on_record import BY_ITSELF
from tests.cast import OPERATOR, Stage, opened, settings
from tests.people import invited
from tests.record import ADDRESS, CLIENT, REQUEST, last_number, placed, since
from tests.states import EXCHANGE, REVOKE
from tests.terminals import approve, asked
from tests.web.browsing import fields

WRONG = "five green words in a row"
NEW = "six other green words in a row"


class Row(NamedTuple):
    """A route, what is done there, and what goes on record: the act, how it ended, and who of the cast did it."""

    route: str
    act: Callable[[Stage], TestResponse]
    on_record: list[tuple[str, str, str | None]]
    details: dict[str, str] | None = None


def sign_in(stage: Stage, password: str | None = None, at_once: str | None = None) -> TestResponse:
    """Alice, with this password or her own, in a browser that somebody may be signed in with."""
    client = placed(stage.visitor(at_once) if at_once else stage.app.test_client())
    form = fields(client.get("/sign-in")) if not at_once else {"csrf_token": actors.form_token(stage, client)}
    typed = {"email": "alice@example.com", "password": password or stage["alice"].password}
    return client.post("/sign-in", data=form | typed)


def change_password(stage: Stage, current: str | None = None) -> TestResponse:
    """Alice's."""
    client = placed(stage.visitor("alice"))
    form = fields(client.get("/account"))
    return client.post("/account/password", data=form | {"current": current or stage["alice"].password, "new": NEW})


def join(stage: Stage, signed_in: bool) -> TestResponse:
    """By an invitation: charlie, or somebody who makes an account."""
    token = invited(stage, "charlie@example.com" if signed_in else "dan@example.com")
    client = placed(stage.visitor("charlie") if signed_in else stage.app.test_client())
    form = fields(client.get(f"/invitations/{token}"))
    return client.post(f"/invitations/{token}", data=form | {"name": "Dan", "password": NEW})


def post(stage: Stage, path: str, **body: str) -> TestResponse:
    """Something by JSON that says itself who calls."""
    headers = {"x-owox-api-key-id": stage["bob"].key_id}
    return placed(stage.app.test_client()).post(path, headers=headers, json=body)


def end_terminal(stage: Stage) -> TestResponse:
    """Bob's."""
    header = actors.by_terminal(stage, "bob").headers["Authorization"]
    return post(stage, END_TERMINAL, managementToken=header.removeprefix("Bearer "))


def fetch(stage: Stage) -> TestResponse:
    """The key that a terminal asked for and bob approved."""
    begun = asked(stage)
    approve(stage, begun, "bob")
    return post(stage, DEVICE_TOKEN, deviceCode=begun.device_code)


ROWS = [
    Row("/sign-in", sign_in, [("sign_in.create", "ok", None)]),
    Row(
        "/sign-in", lambda stage: sign_in(stage, WRONG), [("sign_in.create", "refused", None)],
        {"email": "alice@example.com"},
    ),
    Row(
        "/sign-in", lambda stage: sign_in(stage, at_once="vera"),
        [("sign_in.end", "ok", "vera"), ("sign_in.create", "ok", None)],
    ),
    Row(
        "/account/password", change_password,
        [("member.change_password", "ok", "alice"), ("sign_in.create", "ok", "alice")],
    ),
    Row(
        "/account/password", lambda stage: change_password(stage, WRONG),
        [("member.change_password", "refused", "alice")],
    ),
    Row(
        "/invitations/<token>", lambda stage: join(stage, True),
        [("membership.create", "ok", "charlie"), ("invitation.accept", "ok", "charlie")],
    ),
    Row(
        "/invitations/<token>", lambda stage: join(stage, False),
        [("member.create", "ok", None), ("membership.create", "ok", None), ("invitation.accept", "ok", None),
         ("sign_in.create", "ok", None)],
    ),
    Row(
        "/api/auth/api-keys/revoke", lambda stage: post(stage, REVOKE, apiKeySecret=stage["bob"].secret),
        [("api_key.revoke", "ok", "bob")], {"by": "its own secret"},
    ),
    Row("/api/auth/api-keys/exchange", lambda stage: post(stage, EXCHANGE, apiKeySecret=stage["bob"].secret), []),
    Row("/api/auth/terminal-sign-in/end", end_terminal, [("terminal_sign_in.end", "ok", "bob")]),
    Row("/api/auth/device-token", fetch, [("api_key.create", "ok", "bob")]),
]  # fmt: skip


def test_all_of_them_are_here_but_for_the_first_member():
    """U1: whose set-up is the last test here."""
    assert {row.route for row in ROWS} == {path for _, path in BY_ITSELF} - {"/setup/<token>"}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.route} {number}" for number, row in enumerate(ROWS)])
def test_an_act_is_on_record_with_whoever_is_known_to_do_it(row: Row, stage: Stage):
    """U1, U4: without any secret of theirs."""
    number, begun = last_number(stage), instant(milliseconds(datetime.now(UTC)))

    answer = row.act(stage)

    events = [event for event in since(stage, number) if event.request_id == REQUEST]
    names = {person.member_id: name for name, person in stage.cast.people.items()}
    assert answer.status_code < 500
    assert [(event.action, event.result, names.get(event.member_id or "")) for event in events] == row.on_record
    for event in events:
        assert (event.address, event.client) == (ADDRESS, CLIENT)
        assert begun <= event.at <= datetime.now(UTC)
        assert event.subject_id or event.api_key_id or event.member_id or event.result == "refused"
        assert (row.details or {}).items() <= event.details.items()
        secrets = (WRONG, NEW, stage["alice"].password, stage["bob"].secret, "owox_mgmt_", "owox_sec_")
        assert not any(secret in str(vars(event)) for secret in secrets)


def test_the_first_member_is_on_record_from_the_link_on(database_url: str, tmp_path: Path):
    """U1, L11."""
    with opened(settings(tmp_path / "instance", database_url)) as app:
        with app.app_context(), writing(db.session()) as session:
            token = setup.new_link(session, None, OPERATOR, datetime.now(UTC))
        client = placed(app.test_client())
        typed = {"title": "Shop", "email": "alice@example.com", "name": "Alice", "password": NEW}
        client.post(f"/setup/{token}", data=fields(client.get(f"/setup/{token}")) | typed)
        with app.app_context():
            events = db.session().scalars(select(AuditEvent).order_by(AuditEvent.number)).all()

    assert [event.action for event in events] == [
        "setup_link.create", "project.create", "member.create", "membership.create", "sign_in.create",
    ]  # fmt: skip
    assert {(event.address, event.client, event.request_id) for event in events[1:]} == {(ADDRESS, CLIENT, REQUEST)}
    assert not any(secret in str([vars(event) for event in events]) for secret in (NEW, token))

"""The password is asked for again where a secret is about to be made and the last time is long ago."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from owox.models import AuditEvent, writing
from owox.services import sign_ins
from owox.services.sign_ins import RECENT
from owox.services.throttle import SIGN_IN_FAILURES
from tests import terminals
from tests.api import actors
from tests.api.matrix.keys import API_KEYS
from tests.api.things import a_storage
from tests.cast import Stage
from tests.throttled import waits
from tests.web.browsing import HTMX, SECRET, Visit, elements, fields, visit

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
LATER = NOW + RECENT + timedelta(milliseconds=1)
TYPED = {"name", "expires", "overlap", "project"}
Form = tuple[str, dict[str, str]]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Stands still until it is moved."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def alice(stage: Stage) -> Visit:
    """Signed in now."""
    return visit(stage, "alice")


def creating(stage: Stage, alice: Visit) -> Form:
    """The filled-in form by which a key is created."""
    address = f"{alice.keys}/create"
    return address, fields(alice.get(address)) | {"name": "CI job", "expires": "30"}


def rotating(stage: Stage, alice: Visit) -> Form:
    """The one by which a key is rotated."""
    address = f"{alice.keys}/{stage['alice'].key_id}/rotate"
    return address, fields(alice.get(address)) | {"overlap": "3600"}


def replacing(stage: Stage, alice: Visit) -> Form:
    """The one by which a key is replaced whose secret was lost."""
    address = f"{alice.keys}/{stage['alice'].key_id}/replace"
    return address, {"form_token": "a" * 32, "csrf_token": fields(alice.get(f"{alice.keys}/create"))["csrf_token"]}


def approving(stage: Stage, alice: Visit) -> Form:
    """The one by which a terminal is let in."""
    typed = fields(alice.get("/terminal")) | {"code": terminals.asked(stage, at=datetime.now(UTC)).user_code}
    return "/terminal/approve", fields(alice.client.post("/terminal", data=typed)) | {"project": alice.project_id}


ACTS = pytest.mark.parametrize("act", [creating, rotating, replacing, approving])


def asks(answer: TestResponse) -> bool:
    """Whether a page has a field for the password."""
    return any((found.get("type"), found.get("name")) == ("password", "password") for _, found in elements(answer))


def owners(answer: TestResponse) -> list[str | None]:
    """Whose a page says that a password is; browsers look at fields of text only, hidden or not."""
    text = [found for _, found in elements(answer) if found.get("type") == "text"]
    return [found.get("value") for found in text if found.get("autocomplete") == "username"]


def events(stage: Stage, action: str = "sign_in.prove") -> list[str]:
    """What is on record about it, or about another act."""
    with Session(stage.engine) as session:
        query = select(AuditEvent.result).where(AuditEvent.action == action)
        return list(session.scalars(query.order_by(AuditEvent.number)))


@ACTS
def test_it_is_not_asked_for_soon_after_signing_in(
    act: Callable[[Stage, Visit], Form], clock: time_machine.Traveller, stage: Stage, alice: Visit
):
    """L10."""
    clock.move_to(NOW + RECENT)
    address, form = act(stage, alice)

    answer = alice.client.post(address, data=form)

    assert answer.status_code in {200, 201}
    assert not asks(answer)
    assert events(stage) == []


@ACTS
def test_without_it_nothing_is_made_later_and_what_was_typed_stays(
    act: Callable[[Stage, Visit], Form], clock: time_machine.Traveller, stage: Stage, alice: Visit
):
    """L10: also where the form was opened in time; and with it once, it is not asked for again."""
    clock.move_to(NOW + RECENT / 2)
    address, form = act(stage, alice)
    clock.move_to(LATER)
    before = stage.key_count()

    without = alice.client.post(address, data=form)
    wrong = alice.client.post(address, data=fields(without) | form | {"password": "wrong"})
    made_then = stage.key_count() - before, events(stage, "terminal.approve")
    right = alice.client.post(address, data=form | {"password": stage["alice"].password})
    clock.move_to(LATER + RECENT)
    again = alice.get(f"{alice.keys}/create")

    for refused, why in (
        (without, "Enter your password. You were last asked for it more than 15 minutes ago."),
        (wrong, "This is not your password."),
    ):
        assert (refused.status_code, asks(refused)) == (422, True)
        assert why in refused.text
        assert [found.get("id") for _, found in elements(refused) if "autofocus" in found] == ["password"]
        assert not SECRET.search(refused.text)
        assert fields(refused).items() >= {name: form[name] for name in TYPED & form.keys()}.items()
    assert made_then == (0, [])
    assert right.status_code in {200, 201}
    assert not asks(again)
    assert events(stage) == ["refused", "ok"]
    assert "sign_in" not in alice.get(f"{alice.home}/activity").text


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_the_form_asks_for_it(headers: dict[str, str] | None, clock: time_machine.Traveller, alice: Visit):
    clock.move_to(LATER)

    answer = alice.get(f"{alice.keys}/create", headers=headers)

    assert asks(answer)
    assert owners(answer) == ["alice@example.com"]
    assert "You were last asked for it more than 15 minutes ago." in answer.text


def test_password_managers_are_told_whose_password_it_is_in_the_account_too(alice: Visit):
    assert owners(alice.get("/account")) == ["alice@example.com"]


def test_guessing_it_is_slowed_down_like_signing_in(clock: time_machine.Traveller, stage: Stage, alice: Visit):
    """L4, L10: one count for both."""
    address, form = creating(stage, alice)
    clock.move_to(LATER)
    for _ in range(SIGN_IN_FAILURES[0]):
        assert alice.client.post(address, data=form | {"password": "wrong"}).status_code == 422

    clock.shift(1)

    answer = alice.client.post(address, data=form | {"password": stage["alice"].password})

    assert answer.status_code == 429
    assert waits(answer, "sign-in", *SIGN_IN_FAILURES) > 0
    assert "There were too many failed attempts. Wait" in answer.text
    assert fields(answer)["name"] == "CI job"


@ACTS
def test_a_sign_in_that_ends_meanwhile_makes_no_key(
    act: Callable[[Stage, Visit], Form], clock: time_machine.Traveller, stage: Stage, alice: Visit
):
    """L6, L10: to check a password takes a while, in which its owner may sign out everywhere."""
    clock.move_to(NOW + RECENT / 2)
    address, form = act(stage, alice)
    clock.move_to(LATER)
    before, person, ended = stage.key_count(), stage["alice"], []

    def end(*call: Any) -> None:
        if "member.password_hash" in call[2] and not ended:
            ended.append(call[2])
            with Session(stage.engine) as session, writing(session):
                sign_ins.end_all(session, person.member_id, LATER)

    event.listen(stage.engine, "before_cursor_execute", end)
    answer = alice.client.post(address, data=form | {"password": person.password})
    event.remove(stage.engine, "before_cursor_execute", end)

    assert ended
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert stage.key_count() == before
    assert events(stage) == events(stage, "terminal.approve") == []


def test_ending_never_waits_for_it(clock: time_machine.Traveller, stage: Stage, alice: Visit):
    """Whoever holds the browser can lock its owner out either way; an owner in a hurry must not look for a password."""
    clock.move_to(LATER)

    for act in ("suspend", "revoke"):
        assert alice.send(f"{alice.keys}/{stage['alice'].key_id}/{act}").status_code == 303
    assert stage.key(stage["alice"].key_id).revoked_at == LATER


@pytest.mark.parametrize(
    ("noun", "typed"),
    [
        ("data-marts", {}),
        ("storages", {"type": "POSTGRESQL", "host": "db", "database": "shop", "user": "reader", "password": "another"}),
        ("destinations", {"type": "EMAIL", "to": "a@example.com"}),
    ],
)
def test_what_makes_no_key_never_asks_for_it(
    noun: str, typed: dict[str, str], clock: time_machine.Traveller, stage: Stage, alice: Visit
):
    filled = {"title": "New", "storage": a_storage(stage)} | typed
    clock.move_to(LATER)

    form = alice.get(f"{alice.home}/{noun}/create")
    answer = alice.client.post(f"{alice.home}/{noun}/create", data=fields(form) | filled)

    assert "Your password" not in form.text
    assert answer.status_code == 303
    assert events(stage) == []


@pytest.mark.parametrize("path", [API_KEYS, f"{API_KEYS}/{{key_id}}/rotate"])
def test_the_api_makes_no_key_for_an_old_sign_in(path: str, clock: time_machine.Traveller, stage: Stage):
    """L10: and a terminal's sign-in ends before it is one."""
    alice, key_id, before = actors.by_cookie(stage, "alice"), stage["alice"].key_id, stage.key_count()
    clock.move_to(LATER)

    answer = alice.send("POST", path.format(key_id=key_id), json={"name": "CI"} if path == API_KEYS else {})
    ended = alice.send("DELETE", f"{API_KEYS}/{key_id}")

    assert answer.status_code == 403
    assert answer.get_json()["message"] == (
        "Sign in again: API keys are made within 15 minutes of showing the password"
    )
    assert stage.key_count() == before
    assert ended.status_code == 204

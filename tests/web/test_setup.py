"""The one-time set-up link: who opens it first becomes the first admin."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from owox.models import NIL, Member, db, writing
from owox.services import members, setup
from tests.cast import OPERATOR, opened, settings
from tests.web.browsing import fields

TYPED = {"title": "Shop", "email": "Alice@example.com", "name": "Alice", "password": "five green words in a row"}
BAD = {
    "title": {"": "Enter a title.", "   ": "Enter a title.", "x" * 101: "at most 100", "a\x07b": "control characters"},
    "email": {
        "": "Enter your e-mail", "alice": "not an e-mail", "a b@c": "not an e-mail", "@c": "not an e-mail",
        "a@" + "b" * 260: "at most 254",
    },
    "name": {"": "Enter your name.", "\u200b": "Enter your", "x" * 101: "at most 100", "a\nb": "control characters"},
    "password": {
        "": "Enter a password.", "short": "at least 15", "x" * 257: "at most 256", "passwordpassword": "easy to guess",
        "alicealicealicealice": "easy to guess",
    },
}  # fmt: skip


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An app that nobody has set up."""
    with opened(settings(tmp_path, database_url)) as app:
        yield app


def link(app: Flask) -> str:
    """The address of a new set-up link."""
    with app.app_context(), writing(db.session()) as session:
        return f"/setup/{setup.new_link(session, None, OPERATOR, datetime.now(UTC))}"


def people(app: Flask) -> list[str]:
    """The addresses of all members."""
    with app.app_context():
        return list(db.session.scalars(select(Member.email).where(Member.id != NIL)))


def test_a_newcomer_at_the_sign_in_is_told_of_the_link(app: Flask):
    client, address = app.test_client(), link(app)
    before = client.get("/sign-in").text

    client.post(address, data=fields(client.get(address)) | TYPED)

    assert "Nobody has signed up here yet." in before
    assert "Nobody has signed up" not in app.test_client().get("/sign-in").text


def test_the_first_admin_names_the_project_and_is_signed_in(app: Flask):
    client, address = app.test_client(), link(app)

    answer = client.post(address, data=fields(client.get(address)) | TYPED)

    page = client.get(client.get(answer.location).location)
    assert answer.status_code == 303
    assert page.status_code == 200
    assert "Shop" in page.text
    assert people(app) == ["alice@example.com"]


def test_a_link_works_once(app: Flask):
    """L11: the second time, and a page that was open before, are told that it is over."""
    first, second, address = app.test_client(), app.test_client(), link(app)
    open_before = fields(second.get(address))
    first.post(address, data=fields(first.get(address)) | TYPED)

    late = second.post(address, data=open_before | TYPED | {"email": "eve@example.com"})

    assert late.status_code == 404
    assert "This set-up link is over" in late.text
    assert second.get(address).status_code == 404
    assert people(app) == ["alice@example.com"]


def test_a_link_ends_after_an_hour_and_by_the_next_one(app: Flask):
    client, older = app.test_client(), link(app)
    newer = link(app)

    assert client.get(older).status_code == 404
    assert client.get(newer).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=1)):
        assert client.get(newer).status_code == 404
    assert client.get("/setup/guessed").status_code == 404


@pytest.mark.parametrize("field", BAD)
def test_a_bad_value_is_named_and_the_link_lives_on(field: str, app: Flask):
    client, address = app.test_client(), link(app)
    form = fields(client.get(address))

    for value, said in BAD[field].items():
        typed = TYPED | {field: value}
        answer = client.post(address, data=form | typed)

        kept = fields(answer)
        assert answer.status_code == 422, value
        assert said in answer.text, value
        assert {name: kept[name] for name in typed} == typed | {"password": ""}
    assert people(app) == []
    assert client.get(address).status_code == 200


def test_a_link_is_over_once_somebody_was_added_at_the_command_line(app: Flask):
    """L11: it makes the first admin, and nobody after."""
    client, address = app.test_client(), link(app)
    page = client.get(address)
    with app.app_context(), writing(db.session()) as session:
        members.create(session, "bob@example.com", "Bob", secrets.token_urlsafe(24), OPERATOR, datetime.now(UTC))

    late = client.post(address, data=fields(page) | TYPED)

    assert late.status_code == 404
    assert people(app) == ["bob@example.com"]


def test_all_that_is_missing_is_said_at_once(app: Flask):
    client, address = app.test_client(), link(app)

    answer = client.post(address, data=fields(client.get(address)) | dict.fromkeys(TYPED, ""))

    for said in ("Enter a title.", "Enter your e-mail address.", "Enter your name.", "Enter a password."):
        assert said in answer.text

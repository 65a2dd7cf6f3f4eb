"""The page of project settings: what everybody sees, and what admins change."""

import html
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from owox.models import AuditEvent, Project
from tests.cast import Stage
from tests.web.browsing import HTMX, Visit, csrf, visit

WAYS = pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])


def kept(stage: Stage) -> str | None:
    """The description as it is stored."""
    with Session(stage.engine) as session:
        return session.get_one(Project, stage.cast.project_id).description


def send(someone: Visit, typed: str, headers: dict[str, str] | None = None) -> TestResponse:
    """Type a description and save it."""
    data = {"csrf_token": csrf(someone.get(f"{someone.home}/settings")), "description": typed}
    return someone.client.post(f"{someone.home}/settings", data=data, headers=headers)


def field(answer: TestResponse) -> str:
    """What stands in the field, as a browser reads it."""
    found = re.search(r"<textarea[^>]*>(?:\r?\n)?(.*?)</textarea>", answer.text, re.DOTALL)
    assert found
    return html.unescape(found[1]).replace("\r\n", "\n")


@WAYS
def test_an_admin_describes_the_project_and_takes_it_back(headers: dict[str, str] | None, stage: Stage):
    alice, vera = visit(stage, "alice"), visit(stage, "vera")

    answer = send(alice, "  A <b>shop</b>.\r\nSecond line ", headers)
    saved = kept(stage)
    page = alice.get(answer.location) if headers is None else answer
    seen = vera.get(f"{vera.home}/settings").text
    cleared = send(alice, " \r\n ", headers)

    assert saved == "A <b>shop</b>.\nSecond line"
    assert (answer.status_code, "The description is saved." in page.text) == (303 if headers is None else 200, True)
    assert ("<html" in page.text) is (headers is None)
    assert field(page) == saved
    assert "A &lt;b&gt;shop&lt;/b&gt;.\nSecond line" in seen
    assert "<textarea" not in seen
    assert (kept(stage), cleared.status_code) == (None, answer.status_code)


@WAYS
@pytest.mark.parametrize(("typed", "said"), [("é" * 10_001, "at most 10000"), ("a\0b", "NUL")])
def test_a_refused_text_stays_in_the_field(typed: str, said: str, headers: dict[str, str] | None, shared_stage: Stage):
    alice = visit(shared_stage, "alice")

    answer = send(alice, typed, headers)

    assert answer.status_code == 422
    assert said in answer.text
    assert field(answer) == typed
    assert kept(shared_stage) is None


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_nobody_else_describes_it(name: str, shared_stage: Stage):
    """Z4: and the page offers it to nobody else."""
    someone = visit(shared_stage, name)

    answer = send(someone, "Mine")

    assert answer.status_code == 403
    assert kept(shared_stage) is None
    assert "<textarea" not in someone.get(f"{someone.home}/settings").text


def test_the_audit_log_has_every_change(stage: Stage):
    """U1."""
    send(visit(stage, "alice"), "A shop")
    send(visit(stage, "alice"), "x" * 10_001)

    with Session(stage.engine) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "project.describe")).all()

    assert [(each.member_id, each.subject_id) for each in events] == [(stage["alice"].member_id, stage.cast.project_id)]

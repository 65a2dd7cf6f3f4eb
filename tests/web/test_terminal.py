"""The page where a terminal's code is typed: what it shows, what it refuses, and what it says afterwards."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from owox.models import AuditEvent
from owox.roles import Role
from owox.services import members, projects
from owox.services.device_authorizations import LIFETIME, Begun
from owox.services.device_tokens import Fetched, Refusal
from owox.services.throttle import CODE_FAILURES
from tests import terminals
from tests.cast import OPERATOR, Stage
from tests.throttled import waits
from tests.web.browsing import Visit, fields, visit

PAGE = "/terminal"


def shown(browser: Visit, begun: Begun) -> TestResponse:
    """The page that says who asks, reached by the link that the terminal shows."""
    typed = fields(browser.get(PAGE, query_string={"code": begun.user_code}))
    return browser.client.post(PAGE, data=typed)


def answered(browser: Visit, page: TestResponse, answer: str = "approve", **typed: str) -> TestResponse:
    """That page's form, filled in and sent."""
    return browser.client.post(f"{PAGE}/{answer}", data=fields(page) | {"project": browser.project_id} | typed)


def heading(answer: TestResponse) -> str:
    """A page's first heading."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.text, re.DOTALL)
    assert found
    return re.sub("<[^>]*>", "", found[1]).strip()


def test_a_member_sees_who_asks_and_approves(stage: Stage):
    alice, begun = visit(stage, "alice"), terminals.asked(stage, "build-machine", client="owox-ctl on build-machine")

    page = shown(alice, begun)
    answer = answered(alice, page, name="Build", expires="30")
    got = terminals.fetch(stage, begun)
    later = answered(alice, page)

    elsewhere = "Another address than this browser’s, 127.0.0.1"
    for said in (begun.user_code, "owox-ctl on build-machine", terminals.ADDRESS, elsewhere, "alice@example.com"):
        assert said in page.text, said
    assert fields(page)["name"] == "build-machine"
    assert (answer.status_code, heading(answer)) == (200, f"You approved {begun.user_code}")
    assert "The key is made at that moment" in answer.text
    assert isinstance(got, Fetched)
    assert (got.made.key.name, got.project.title) == ("Build", "Shop")
    assert got.made.key.expires_at is not None
    assert abs(got.made.key.expires_at - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=1)
    assert "The terminal has fetched its API key" in later.text
    assert got.made.secret not in answer.text + later.text


def test_denying_gives_the_terminal_nothing(stage: Stage):
    alice, begun = visit(stage, "alice"), terminals.asked(stage)

    answer = answered(alice, shown(alice, begun), "deny")
    again = shown(alice, begun)

    assert (answer.status_code, heading(answer)) == (200, f"You denied {begun.user_code}")
    assert terminals.fetch(stage, begun) is Refusal.DENIED
    assert (again.status_code, "This code is not known" in again.text) == (422, True)
    with Session(stage.engine) as session:
        event = session.query(AuditEvent).filter(AuditEvent.action == "terminal.deny").one()
    assert (event.member_id, event.project_id) == (stage["alice"].member_id, stage.cast.project_id)


def test_whoever_is_signed_out_signs_in_and_comes_back_with_the_code(stage: Stage):
    begun, client, bob = terminals.asked(stage), stage.app.test_client(), stage["bob"]

    sent_away = client.get(PAGE, query_string={"code": begun.user_code})
    form = fields(client.get(sent_away.location))
    entered = client.post("/sign-in", data=form | {"email": bob.email, "password": bob.password})

    assert sent_away.status_code == 303
    assert fields(client.get(entered.location))["code"] == begun.user_code


def test_opening_the_link_decides_nothing(stage: Stage):
    """RFC 8628, 5.4: the code is compared and the answer given by a person, on a page after the link's."""
    alice, begun = visit(stage, "alice"), terminals.asked(stage)

    page = alice.get(PAGE, query_string={"code": begun.user_code})

    assert fields(page)["code"] == begun.user_code
    assert "Approve" not in page.text
    assert terminals.fetch(stage, begun) is Refusal.PENDING


@pytest.mark.parametrize("typed", ["", "BCDF-BCDF", "nonsense", "<b>'\"", "\0\0", "B" * 5000, "ключ"])
def test_a_wrong_code_is_said_and_stays_in_the_field(typed: str, shared_stage: Stage):
    browser = visit(shared_stage, "bob")
    where = {"REMOTE_ADDR": f"10.2.0.{len(typed) % 250}"}
    token = fields(browser.get(PAGE))["csrf_token"]

    answer = browser.client.post(PAGE, data={"csrf_token": token, "code": typed}, environ_base=where)

    assert answer.status_code == 422
    assert ("This code is not known" if typed else "Enter the code that your terminal shows.") in answer.text
    assert fields(answer)["code"] == typed[:100]


def test_an_expired_code_is_refused_at_every_step(stage: Stage):
    begun = terminals.asked(stage, at=datetime.now(UTC) - LIFETIME + timedelta(seconds=3))
    alice = visit(stage, "alice")
    page = shown(alice, begun)
    with stage.session() as session:
        session.query(terminals.DeviceAuthorization).update({"expires_at": datetime.now(UTC)})

    answers = [shown(alice, begun), answered(alice, page), answered(alice, page, "deny")]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert all("is older than 10 minutes" in answer.text for answer in answers)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Enter a name."),
        ({"name": "x" * 101}, "at most 100"),
        ({"expires": "7000"}, "one of the choices"),
        ({"expires": "date", "expires_on": "2020-01-01"}, "This moment has passed"),
        ({"project": ""}, "one of the choices"),
    ],
)
def test_a_wrong_value_is_named_and_what_was_typed_stays(wrong: dict[str, str], said: str, stage: Stage):
    alice, begun = visit(stage, "alice"), terminals.asked(stage)

    answer = answered(alice, shown(alice, begun), **({"name": "Kept"} | wrong))

    assert answer.status_code == 422
    assert said in answer.text
    assert fields(answer)["name"] == wrong.get("name", "Kept")
    assert terminals.fetch(stage, begun) is Refusal.PENDING


def test_a_project_of_others_is_none_of_the_choices(stage: Stage):
    """Z2."""
    vera, begun = visit(stage, "vera"), terminals.asked(stage)

    answer = answered(vera, shown(vera, begun), project=stage["charlie"].project_id)

    assert answer.status_code == 422
    assert terminals.fetch(stage, begun) is Refusal.PENDING


def test_the_project_is_chosen_among_ones_own(stage: Stage):
    with stage.session() as session:
        second = projects.create(session, "Second", OPERATOR, datetime.now(UTC))
        members.join(session, stage["vera"].member_id, second, Role.VIEWER, OPERATOR, datetime.now(UTC))
    vera, begun = visit(stage, "vera"), terminals.asked(stage)

    page = shown(vera, begun)
    answered(vera, page, project=second)
    got = terminals.fetch(stage, begun)

    assert fields(page)["project"] == stage.cast.project_id
    assert isinstance(got, Fetched)
    assert got.project.title == "Second"


def test_too_many_wrong_codes_are_slowed_down_and_then_a_right_one_too(stage: Stage):
    """T8, RFC 8628, 5.1: per member, wherever they come from; and per address, whoever they are."""
    most, seconds = CODE_FAILURES
    begun = terminals.asked(stage)

    def typed(name: str, code: str, address: str, step: str = "") -> TestResponse:
        browser = visit(stage, name)
        form = fields(browser.get(PAGE)) | {"code": code}
        return browser.client.post(PAGE + step, data=form, environ_base={"REMOTE_ADDR": address})

    tries = [typed("bob", "BCDF-BCDF", f"10.0.0.{at}", ["", "/approve", "/deny"][at % 3]) for at in range(most)]
    from_elsewhere = typed("bob", begun.user_code, "10.0.1.1")
    by_another = typed("vera", begun.user_code, "10.0.1.1")
    for _ in range(most):
        typed("vera", "BCDF-BCDF", "10.0.2.2")
    from_there = typed("alice", begun.user_code, "10.0.2.2")

    assert [each.status_code for each in tries] == [422] * most
    assert [each.status_code for each in (from_elsewhere, by_another, from_there)] == [429, 200, 429]
    assert waits(from_elsewhere, "code", most, seconds) > 0
    assert waits(from_there, "code-address", most, seconds) > 0
    assert "There were too many failed attempts. Wait" in from_elsewhere.text
    assert fields(from_elsewhere)["code"] == begun.user_code


def test_what_a_terminal_says_of_itself_is_text(stage: Stage):
    """W8: whoever asks is not signed in."""
    alice = visit(stage, "alice")
    begun = terminals.asked(stage, "<img src=x onerror=alert(1)>", client='"><script>alert(1)</script>')

    page = shown(alice, begun)

    assert "<script>alert(1)" not in page.text
    assert "<img src=x" not in page.text
    assert fields(page)["name"] == "<img src=x onerror=alert(1)>"


def test_every_page_of_it_can_be_framed_by_nobody_and_kept_by_no_cache(stage: Stage):
    """W2, W7: a click on Approve is one that the member saw."""
    alice, begun = visit(stage, "alice"), terminals.asked(stage)
    page = shown(alice, begun)

    for answer in (alice.get(PAGE), page, answered(alice, page), shown(alice, begun)):
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"

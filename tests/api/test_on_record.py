"""Every act is on record: who, when, from where, by which client and request, what, and how it ended."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from owox.models import DataMart
from owox.models.base import instant, milliseconds
from owox.services import members
from tests.api import actors
from tests.api.matrix import EXPECTED
from tests.api.matrix.on_record import BY_ITSELF, MART_PAGES, MEMBER_PAGES, NOTHING, ON_RECORD, Route
from tests.api.test_matrix import _body, _path
from tests.api.things import a_storage
from tests.cast import OPERATOR, Stage
from tests.record import ADDRESS, CLIENT, PLACE, REQUEST, last_number, since


def test_every_route_that_is_no_reading_stands_in_one_of_the_lists():
    """U1."""
    lists = (set(ON_RECORD), NOTHING, BY_ITSELF)

    assert set().union(*lists) == {route for route in EXPECTED if route[0] != "GET"}
    assert sum(map(len, lists)) == len(set().union(*lists))


@pytest.mark.parametrize(("method", "rule"), ON_RECORD, ids=[f"{method} {rule}" for method, rule in ON_RECORD])
def test_an_act_is_on_record_with_all_that_there_is_to_say(method: str, rule: str, shared_stage: Stage):
    """U1."""
    stage, alice = shared_stage, actors.by_cookie(shared_stage, "alice")
    key_id = stage.more("alice").key_id
    path = _path(rule, alice, key_id)
    make_possible(stage, rule, path)
    number, begun = last_number(stage), instant(milliseconds(datetime.now(UTC)))

    answer = alice.send(method, path, **sent(stage, (method, rule)), environ_base=PLACE)

    events = since(stage, number)
    assert answer.status_code < 400
    assert [event.action for event in events] == ON_RECORD[method, rule]
    for event in events:
        assert (event.member_id, event.result) == (stage["alice"].member_id, "ok")
        assert (event.address, event.client, event.request_id) == (ADDRESS, CLIENT, REQUEST)
        assert begun <= event.at <= datetime.now(UTC)
        assert event.subject_id or event.api_key_id or event.details.get("sign_in")
        outside = rule.startswith(("/account", "/sign-out"))
        assert event.project_id == (None if outside else stage.cast.project_id)
    # The newest of them is about what the address names.
    assert all(named in str(vars(events[-1])) for named in path.split("/") if len(named) in (26, 36))


def sent(stage: Stage, route: Route) -> dict[str, Any]:
    """What is sent to a route, where the table of who may use it needs nothing that works."""
    forms: dict[Route, dict[str, str]] = {
        ("POST", f"{MEMBER_PAGES}/invite"): {"email": "dan@example.com", "role": "viewer"},
        ("POST", f"{MART_PAGES}/create"): {"title": "New", "storage": a_storage(stage), "form_token": "k" * 24},
    }
    return {"data": forms[route]} if route in forms else _body(stage, *route)


def make_possible(stage: Stage, rule: str, path: str) -> None:
    """Bring the thing that an address names into a state that can be taken back."""
    named = path.rpartition("/")[0].rpartition("/")[2]
    if rule.endswith("/resume"):
        stage.set_key(named, suspended_at=datetime.now(UTC))
    with stage.session() as session:
        if rule.endswith("/enable"):
            members.disable(session, named, OPERATOR, datetime.now(UTC))
        if rule.endswith("/unpublish"):
            session.execute(update(DataMart).where(DataMart.id == named).values(status="PUBLISHED"))

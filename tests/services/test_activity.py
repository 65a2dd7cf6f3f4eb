"""The audit log as a project's admins read it: its own events alone, newest first, each once over all pages."""

import ast
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from owox.models import AuditEvent
from owox.roles import Role
from owox.services import activity, audit, keys, members
from owox.services.activity import PAGE_SIZE, Event
from owox.web.activity import _named
from tests.cast import OPERATOR, Stage
from tests.infra.source import own, tree
from tests.people import acting

NOW = datetime(2040, 1, 1, tzinfo=UTC)
ACCOUNTS_OWN = {"member.rename", "member.change_password"}


def read(stage: Stage, before: str | None = None) -> activity.Page:
    """One page of the shop's events."""
    with stage.session() as session:
        return activity.page(session, stage.cast.project_id, before)


def test_an_event_says_who_did_what_to_what_by_which_key(stage: Stage):
    alice, bob, person = acting(stage, "alice"), stage["bob"], acting(stage, "bob")
    with stage.session() as session:
        keys.rename(session, stage["alice"].membership_id, stage["alice"].key_id, "CI", alice, NOW)
        members.change_role(session, bob.member_id, bob.project_id, Role.VIEWER, alice, NOW + timedelta(seconds=1))
        with_key = audit.Actor("203.0.113.7", "owox-ctl", "r", person.member_id, person.project_id, bob.key_id)
        mart_id = stage.cast.marts["Orders"]
        audit.record(session, "data_mart.publish", with_key, NOW + timedelta(seconds=2), subject_id=mart_id)

    published, role, renamed = read(stage).events[:3]

    assert (published.member_name, published.subject_name, published.by_key) == ("Bob", "Orders", True)
    assert (published.api_key_name, published.address, published.client) == ("bob's key", "203.0.113.7", "owox-ctl")
    assert (role.member_name, role.subject_name, role.details["role"]) == ("Alice", "Bob", "viewer")
    assert (renamed.api_key_id, renamed.api_key_name, renamed.by_key) == (stage["alice"].key_id, "CI", False)
    assert renamed.details == {"name": "CI", "before": "alice's key"}


def test_pages_hold_each_event_once_also_of_one_moment(stage: Stage):
    alice = acting(stage, "alice")
    with stage.session() as session:
        for number in range(2 * PAGE_SIZE + 1):
            audit.record(session, "data_mart.publish", alice, NOW + timedelta(milliseconds=number // 40), n=number)

    seen: list[Event] = []
    before, pages = None, 0
    while pages == 0 or before:
        page = read(stage, before)
        seen, before, pages = seen + list(page.events), page.older, pages + 1

    assert len({event.id for event in seen}) == len(seen)
    assert {event.details["n"] for event in seen if event.at >= NOW} == set(range(2 * PAGE_SIZE + 1))
    assert [event.at for event in seen] == sorted((event.at for event in seen), reverse=True)
    assert [event.details["n"] for event in seen if event.at >= NOW] == sorted(range(2 * PAGE_SIZE + 1), reverse=True)
    assert pages == -(-len(seen) // PAGE_SIZE)


def test_a_project_sees_its_own_events_and_what_was_done_to_it_from_outside(stage: Stage):
    """Z2: joining by an invitation is an event of the project, though whoever joins is not in it yet."""
    elsewhere = acting(stage, "charlie")
    with stage.session() as session:
        keys.create(session, stage["charlie"].membership_id, keys.Wanted("theirs"), elsewhere, NOW)
        newcomer = members.create(session, f"{uuid4()}@example.com", "Newcomer", str(uuid4()), OPERATOR, NOW)
        members.join(session, newcomer, stage.cast.project_id, Role.VIEWER, OPERATOR, NOW)

    events = [event for event in read(stage).events if event.at == NOW]
    foreign = stage.cast.project_id
    with stage.session() as session:
        other = session.query(AuditEvent).filter(AuditEvent.project_id == elsewhere.project_id).first()
        assert other is not None
        assert activity.page(session, foreign, other.id) == activity.page(session, foreign)

    assert [(event.action, event.subject_name) for event in events] == [("membership.create", "Newcomer")]


@pytest.mark.parametrize("before", ["", "nothing", "\u2603", pytest.param(str(uuid4()), id="unknown")])
def test_an_unknown_place_in_the_log_counts_as_none(before: str, stage: Stage):
    assert read(stage, before) == read(stage)


def actions() -> set[str]:
    """What stands in the source as the name of an act."""
    found = set()
    for path in own("owox/services", ".py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and "record" in ast.unparse(node.func):
                found |= {
                    each.value
                    for each in node.args
                    if isinstance(each, ast.Constant) and isinstance(each.value, str) and "." in each.value
                }
    return found


def test_every_act_on_record_has_words():
    found = actions()

    assert {"api_key.rotate", "membership.end", "data_mart.publish"} <= found
    mute = {action for action in found if _named(action) == action}
    assert {action for action in mute if not action.startswith("sign_in.")} == ACCOUNTS_OWN

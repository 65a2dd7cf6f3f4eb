"""The activity page: whole, as a part, page by page, and everything on it only ever text."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from owox.keys import mint
from owox.models.base import milliseconds
from owox.services import audit, endings
from owox.services.activity import PAGE_SIZE
from owox.services.journal import End, Journal
from owox.services.throttle import NOTES
from tests.cast import OPERATOR, Stage, settle
from tests.people import acting
from tests.states import EXCHANGE
from tests.web.browsing import HTMX, SECRET, elements, visit

NOW = datetime(2040, 1, 1, tzinfo=UTC)
MARKUP = "<script>alert(1)</script><a hx-get=/ hx-trigger=load>x</a>"


def rows(text: str) -> int:
    """How many events a page shows."""
    return text.count('id="event-')


def test_it_tells_of_acts_on_keys_and_shows_no_secret(stage: Stage):
    """U1, U4: made, renamed and revoked in the dashboard."""
    alice = visit(stage, "alice")
    made = alice.send(f"{alice.keys}/create", name="CI job")
    alice.send(f"{alice.keys}/create", name="Dated", expires="date", expires_on="2040-02-03")
    key_id = stage["alice"].key_id
    alice.send(f"{alice.keys}/{key_id}/rename", name="Nightly")
    alice.send(f"{alice.keys}/{key_id}/revoke")

    text = alice.get(f"{alice.home}/activity").text

    for told in ("Created an API key", "Renamed an API key", "before: alice&#39;s key", "Revoked an API key", key_id,
                 "expires at: none", "expires at: 3 Feb 2040, 23:59"):  # fmt: skip
        assert told in text
    assert "alice@example.com" in text
    assert SECRET.findall(made.text)[0] not in text
    assert "Activity" not in visit(stage, "bob").get(alice.keys).text


def test_a_role_goes_by_the_name_that_it_has_everywhere(stage: Stage):
    alice = visit(stage, "alice")
    alice.send(f"{alice.home}/members/{stage['bob'].member_id}/role", role="viewer")

    text = alice.get(f"{alice.home}/activity").text

    assert "role: Business User" in text
    assert "role: viewer" not in text


def test_it_tells_what_had_to_end_again_after_a_restore(stage: Stage):
    """S8, U1: by nobody who is signed in, and when it had ended before."""
    bob, vera, at = stage["bob"], stage["vera"], milliseconds(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    journal = Journal(stage.services.settings.journal)
    ended = End("api_key", bob.key_id, "revoked_at", at), End("membership", vera.membership_id, "ended_at", at)
    journal.append(end.line for end in ended)
    endings.bring_together(stage.engine, journal, audit.Actor("", "owox command", ""), NOW)

    text = visit(stage, "alice").get(f"/projects/{stage.cast.project_id}/activity").text

    for told in ("Ended an API key again, after an older database was put back", bob.key_id,
                 "revoked at: 2 Jan 2026, 03:04", "Removed a member again, after an older database was put back",
                 "ended at: 2 Jan 2026, 03:04", "This server’s operator"):  # fmt: skip
        assert told in text


def test_it_tells_of_what_was_refused_and_how_the_project_began(stage: Stage):
    """U1: the badge is beside the act, and nobody is named who was not signed in."""
    alice, key = visit(stage, "alice"), stage["bob"]
    headers = {"x-owox-api-key-id": key.key_id}
    stage.app.test_client().post(EXCHANGE, headers=headers, json={"apiKeySecret": mint().secret})
    visit(stage, "vera").get(f"{alice.home}/activity")
    settle(stage.app)

    text = " ".join(re.sub(r"<[^>]*>", " ", alice.get(f"{alice.home}/activity").text).split())

    told = (
        "Somebody not signed in Tried to use an API key Refused bob&#39;s key, {} asked: POST {} reason: wrong secret"
    )
    assert told.format(key.key_id, EXCHANGE) in text
    asked = "GET /projects/&lt;project_id&gt;/activity"
    why = "Access denied. Required role: Project Admin"
    assert f"vera@example.com Tried what is not allowed Refused asked: {asked} reason: {why}" in text
    assert "Created the project" in text
    assert "at most ten refusals in five minutes" in text
    assert NOTES == (10, 300)


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_older_events_are_a_link_away(headers: dict[str, str] | None, stage: Stage):
    alice = visit(stage, "alice")
    with stage.session() as session:
        for number in range(PAGE_SIZE):
            audit.record(session, "data_mart.publish", acting(stage, "alice"), NOW + timedelta(seconds=number))

    first = alice.get(f"{alice.home}/activity", headers=headers)
    older = next(found["href"] or "" for _, found in elements(first) if "before=" in (found.get("href") or ""))
    second = alice.get(older, headers=headers)

    assert (rows(first.text), "<html" in first.text) == (PAGE_SIZE, headers is None)
    assert 0 < rows(second.text) < PAGE_SIZE
    assert ">Newest</a>" in second.text
    assert ">Older</a>" not in second.text


@pytest.mark.parametrize(
    "query", ["before=", "before=x", "before=%00", "before=" + "9" * 3000, "before=a&before=b", "x=1"]
)
def test_what_makes_no_sense_in_the_address_counts_as_not_there(query: str, shared_stage: Stage):
    """I4, I9."""
    alice = visit(shared_stage, "alice")

    answer = alice.get(f"{alice.home}/activity?{query}")

    assert answer.status_code == 200
    assert rows(answer.text) == rows(alice.get(f"{alice.home}/activity").text)


def test_whatever_is_on_record_is_only_text_and_cut_when_long(stage: Stage):
    """W8, U5."""
    actor = audit.Actor("", MARKUP, "r", project_id=stage.cast.project_id)
    with stage.session() as session:
        details = {
            "title": MARKUP,
            "owners": [MARKUP],
            "config": {"path": MARKUP},
            "long": "m" * 5000,
            "day": "2040-99-01T00:00:00+00:00",
        }
        audit.record(session, f"odd.{MARKUP}"[:50], actor, NOW, result="refused", **details)
        audit.record(session, "project.describe", OPERATOR, NOW, project=stage.cast.project_id)

    text = visit(stage, "alice").get(f"/projects/{stage.cast.project_id}/activity").text

    assert "<script>alert" not in text
    assert "<a hx-get" not in text
    assert "&lt;script&gt;" in text
    assert "Refused" in text
    assert "This server’s operator" in text
    assert "m" * 200 + "…" in text
    assert "m" * 201 not in text

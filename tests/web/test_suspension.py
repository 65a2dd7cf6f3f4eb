"""Suspending and resuming a key in the dashboard."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import Stage
from tests.web.browsing import HTMX, visit

WAYS = pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])


@WAYS
def test_a_key_is_refused_while_it_is_suspended(headers: dict[str, str] | None, stage: Stage):
    """K10: the row menu offers the one act or the other."""
    alice, person, client = visit(stage, "alice"), stage["alice"], stage.app.test_client()
    address, seen = f"{alice.keys}/{person.key_id}", []

    for act in ("suspend", "resume"):
        listing = alice.get(f"{alice.keys}?status=all").text
        asked, answer = alice.get(f"{address}/{act}"), alice.send(f"{address}/{act}", headers=headers)
        status = client.get("/api/auth/context", auth=(person.key_id, person.secret)).status_code
        seen.append((f"{address}/suspend" in listing, f"{address}/resume" in listing, answer.status_code, status))
        assert "alice&#39;s key" in asked.text

    done = 303 if headers is None else 200
    assert seen == [(True, False, done, 401), (False, True, done, 200)]


def test_a_suspended_key_stands_under_its_status_and_says_since_when(stage: Stage):
    alice, key_id = visit(stage, "alice"), stage["alice"].key_id

    page = alice.get(alice.send(f"{alice.keys}/{key_id}/suspend").location)
    under = alice.get(f"{alice.keys}?status=suspended")

    assert "The API key is suspended." in page.text
    assert f'id="key-{key_id}"' not in page.text
    assert f'id="key-{key_id}"' in under.text


@WAYS
@pytest.mark.parametrize("act", ["suspend", "resume"])
@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_an_ended_key_says_why_not(act: str, ended: str, headers: dict[str, str] | None, stage: Stage):
    """K11: also in a form that was opened before."""
    alice, key_id = visit(stage, "alice"), stage.more("alice").key_id
    stage.set_key(key_id, **{ended: datetime.now(UTC) - timedelta(minutes=1)})

    answer = alice.post(f"{alice.keys}/{key_id}/{act}", headers=headers)

    assert answer.status_code == 409
    assert f"This API key is {'revoked' if ended == 'revoked_at' else 'expired'}" in answer.text
    assert f"{key_id}/suspend" not in alice.get(f"{alice.keys}?status=all").text
    assert stage.key(key_id).suspended_at is None


@pytest.mark.parametrize("act", ["suspend", "resume"])
@pytest.mark.parametrize("key_id", ["{bob}", "{charlie}", "pmk_" + "x" * 22, "%00"])
def test_keys_of_others_and_of_nobody_are_not_there(act: str, key_id: str, shared_stage: Stage):
    """Z2: not even for an admin."""
    alice = visit(shared_stage, "alice")
    named = key_id.format(**{name: shared_stage[name].key_id for name in ("bob", "charlie")})

    answers = [alice.get(f"{alice.keys}/{named}/{act}"), alice.post(f"{alice.keys}/{named}/{act}")]

    assert [answer.status_code for answer in answers] == [404, 404]

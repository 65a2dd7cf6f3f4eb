"""Changing a key's expiry in the dashboard, as a part for htmx and as a plain page."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import update

from owox.models import SignIn
from tests.cast import Stage
from tests.web.browsing import HTMX, fields, visit
from tests.web.test_api_keys import BAD_DAYS
from tests.web.test_rotation import values

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WAYS = pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])


@pytest.mark.parametrize(
    ("before", "choice", "after"),
    [
        (90 * DAY, "7", 7 * DAY),
        (7 * DAY, "365", 365 * DAY),
        (7 * DAY, "", None),
        (7 * DAY, "kept", 7 * DAY),
        (None, "30", 30 * DAY),
        (None, "", None),
    ],
)
def test_an_expiry_is_brought_forward_put_off_and_taken_away(
    before: timedelta | None, choice: str, after: timedelta | None, stage: Stage
):
    key_id = stage.more("alice", expires_at=NOW + before if before else None).key_id
    with time_machine.travel(NOW, tick=False):
        alice = visit(stage, "alice")
        form = alice.get(f"{alice.keys}/{key_id}/expiry")
        answer = alice.client.post(f"{alice.keys}/{key_id}/expiry", data=fields(form) | {"expires": choice})
        then = alice.get(answer.location)

    usual = "kept" if before else ""
    assert (values(form, "expires")[0], fields(form)["expires"]) == (usual, usual)
    assert (answer.status_code, answer.location) == (303, f"{alice.keys}?done=expiry")
    assert "The expiry of the API key is saved." in then.text
    assert stage.key(key_id).expires_at == (NOW + after if after else None)


def test_a_form_without_a_choice_leaves_the_expiry_as_it_is(stage: Stage):
    key_id = stage.more("alice", expires_at=NOW + DAY).key_id
    alice = visit(stage, "alice")

    answer = alice.post(f"{alice.keys}/{key_id}/expiry")

    assert (answer.status_code, stage.key(key_id).expires_at) == (303, NOW + DAY)


def test_a_shorter_life_is_the_truth_from_the_next_request_on(stage: Stage):
    """K8, K10: also at the last moment of a day where the member is."""
    person = stage.more("alice", expires_at=NOW + 90 * DAY)
    client, zone = stage.app.test_client(), ZoneInfo("America/St_Johns")
    with time_machine.travel(NOW, tick=False):
        alice = visit(stage, "alice")
        with stage.session() as session:
            session.execute(update(SignIn).values(time_zone=zone.key))
        today = NOW.astimezone(zone).date()
        part = alice.send(
            f"{alice.keys}/{person.key_id}/expiry", headers=HTMX, expires="date", expires_on=today.isoformat()
        )

    at = stage.key(person.key_id).expires_at
    assert (part.status_code, part.headers["HX-Reswap"], part.headers["HX-Trigger"]) == (200, "delete", "keys-changed")
    assert at is not None
    assert f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S.%f}" == f"{today} 23:59:59.999000"
    for moment, status in ((at - timedelta(milliseconds=1), 200), (at, 401)):
        with time_machine.travel(moment, tick=False):
            answer = client.get("/api/auth/context", auth=(person.key_id, person.secret))
        assert answer.status_code == status


@WAYS
@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_bad_day_is_said_at_the_field_and_kept(day: str, headers: dict[str, str] | None, shared_stage: Stage):
    """K9: nothing puts an expiry into the past."""
    alice, key_id = visit(shared_stage, "alice"), shared_stage["alice"].key_id

    answer = alice.send(f"{alice.keys}/{key_id}/expiry", headers=headers, expires="date", expires_on=day)

    assert answer.status_code == 422
    assert BAD_DAYS[day] in answer.text
    assert (fields(answer)["expires"], fields(answer)["expires_on"]) == ("date", day)
    assert shared_stage.key(key_id).expires_at is None


@pytest.mark.parametrize("expires", ["8", "-7", "7.0", "٣٠", "Kept", "never", "x" * 1000, "\x00"])
def test_an_expiry_that_is_no_choice_is_refused(expires: str, shared_stage: Stage):
    alice, key_id = visit(shared_stage, "alice"), shared_stage["alice"].key_id

    answer = alice.send(f"{alice.keys}/{key_id}/expiry", expires=expires)

    assert answer.status_code == 422
    assert "This is not one of the choices." in answer.text
    assert shared_stage.key(key_id).expires_at is None


@WAYS
@pytest.mark.parametrize("ended", ["revoked_at", "expires_at", "suspended_at", "replaced_at"])
def test_a_key_whose_end_is_fixed_says_why_and_offers_no_other(
    ended: str, headers: dict[str, str] | None, stage: Stage
):
    """K11: nothing brings a key back, not even a form that was opened before."""
    key_id, alice = stage.more("alice").key_id, visit(stage, "alice")
    address, at = f"{alice.keys}/{key_id}/expiry", datetime.now(UTC).replace(microsecond=0)
    assert address in alice.get(alice.keys).text
    form = fields(alice.get(address, headers=headers)) | {"expires": "30"}
    more = {"replaced_by_id": stage["alice"].key_id, "overlap_ends_at": at + HOUR} if ended == "replaced_at" else {}
    stage.set_key(key_id, **{ended: at}, **more)

    answers = [alice.get(address, headers=headers), alice.client.post(address, data=form, headers=headers)]

    told = "has replaced this API key" if more else f"This API key is {ended.removesuffix('_at')[:6]}"
    assert [answer.status_code for answer in answers] == [409, 409]
    assert all(told in answer.text for answer in answers)
    assert stage.key(key_id).expires_at == (at if ended == "expires_at" else None)
    assert address not in alice.get(f"{alice.keys}?status=all").text

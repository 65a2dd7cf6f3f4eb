"""Rotating a key in the dashboard, as a part for htmx and as a plain page."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import update
from werkzeug.test import TestResponse

from owox.models import SignIn
from tests.cast import Person, Stage
from tests.web.browsing import HTMX, SECRET, elements, fields, visit
from tests.web.test_api_keys import BAD_DAYS, made

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
HOUR, DAY, MILLISECOND = timedelta(hours=1), timedelta(days=1), timedelta(milliseconds=1)
OVERLAPS = {"0": timedelta(0), "3600": HOUR, "86400": DAY, "604800": 7 * DAY}
WAYS = pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])


def works(stage: Stage, key_id: str, secret: str) -> bool:
    """Whether a key is accepted now."""
    return stage.app.test_client().get("/api/auth/context", auth=(key_id, secret)).status_code == 200


def values(answer: TestResponse, name: str) -> list[str | None]:
    """The choices that a page offers under a name."""
    return [found["value"] for tag, found in elements(answer) if tag == "input" and found.get("name") == name]


def aged(stage: Stage, lifetime: timedelta | None) -> Person:
    """Alice with a key made ten days ago, for a length of life."""
    person = stage.more("alice", "Nightly job", expires_at=NOW - 10 * DAY + lifetime if lifetime else None)
    stage.set_key(person.key_id, created_at=NOW - 10 * DAY)
    return person


@WAYS
def test_both_keys_work_in_the_overlap_and_the_old_one_not_a_millisecond_after(
    headers: dict[str, str] | None, stage: Stage
):
    """K5, K8, K12: the answer says what was replaced and until when it works, here and in UTC."""
    old = stage.more("alice", "Nightly job")
    with time_machine.travel(NOW, tick=False):
        alice = visit(stage, "alice")
        with stage.session() as session:
            session.execute(update(SignIn).values(time_zone="Pacific/Kiritimati"))
        answer = alice.send(f"{alice.keys}/{old.key_id}/rotate", headers=headers, overlap="3600")
    new_id, secret = made(answer), SECRET.findall(answer.text)[0]

    told = " ".join(answer.text.split())
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert "Nightly job" in told
    assert f"It replaces {old.key_id}, which goes on working until" in told
    assert f"{NOW + 15 * HOUR:%H:%M} (Pacific/Kiritimati; " in told
    assert f"{NOW + HOUR:%H:%M:%S} UTC)" in told
    assert old.secret not in answer.text
    for at, old_works in ((NOW, True), (NOW + HOUR - MILLISECOND, True), (NOW + HOUR, False), (NOW + DAY, False)):
        with time_machine.travel(at, tick=False):
            assert works(stage, old.key_id, old.secret) is old_works
            assert works(stage, new_id, secret)


def test_without_an_overlap_the_old_key_ends_at_once(stage: Stage):
    """K12: that is the choice unless another is made."""
    old, alice = stage.more("alice"), visit(stage, "alice")

    answer = alice.send(f"{alice.keys}/{old.key_id}/rotate")

    assert "no longer works" in " ".join(answer.text.split())
    assert not works(stage, old.key_id, old.secret)
    assert works(stage, made(answer), SECRET.findall(answer.text)[0])


@pytest.mark.parametrize("choice", OVERLAPS)
@pytest.mark.parametrize("left", [5 * HOUR, 90 * DAY, None], ids=["5 hours", "90 days", "never"])
def test_the_old_key_goes_on_as_chosen_and_never_beyond_its_own_expiry(
    choice: str, left: timedelta | None, stage: Stage
):
    person = aged(stage, left + 10 * DAY if left else None)
    with time_machine.travel(NOW, tick=False):
        alice = visit(stage, "alice")
        alice.send(f"{alice.keys}/{person.key_id}/rotate", overlap=choice)

    ends_at = stage.key(person.key_id).overlap_ends_at
    assert ends_at == NOW + min(OVERLAPS[choice], left or 9 * DAY)


@pytest.mark.parametrize(
    ("lifetime", "typed", "expected"),
    [
        (90 * DAY, {}, 90 * DAY),
        (timedelta(hours=250), {}, timedelta(hours=250)),
        (90 * DAY, {"expires": ""}, None),
        (90 * DAY, {"expires": "7"}, 7 * DAY),
        (None, {}, None),
        (None, {"expires": "30"}, 30 * DAY),
        (None, {"expires": "kept"}, None),
    ],
)
def test_the_new_key_lives_as_long_as_the_old_one_was_to_unless_another_expiry_is_chosen(
    lifetime: timedelta | None, typed: dict[str, str], expected: timedelta | None, stage: Stage
):
    person = aged(stage, lifetime)
    with time_machine.travel(NOW, tick=False):
        alice = visit(stage, "alice")
        form = alice.get(f"{alice.keys}/{person.key_id}/rotate")
        answer = alice.client.post(f"{alice.keys}/{person.key_id}/rotate", data=fields(form) | typed)

    assert values(form, "expires")[0] == ("kept" if lifetime else "")
    assert fields(form)["expires"] == ("kept" if lifetime else "")
    assert stage.key(made(answer)).expires_at == (NOW + expected if expected else None)
    assert stage.key(made(answer)).name == "Nightly job"


def test_an_expired_key_is_rotated_without_a_choice_of_overlap(stage: Stage):
    person = aged(stage, 9 * DAY)
    alice, address = visit(stage, "alice"), f"/settings/api-keys/{person.key_id}/rotate"
    form = alice.get(alice.home + address)

    answer = alice.client.post(alice.home + address, data=fields(form) | {"overlap": "604800"})

    assert values(form, "overlap") == []
    assert "has expired" in form.text
    assert answer.status_code == 201
    assert "no longer works" in " ".join(answer.text.split())
    assert not works(stage, person.key_id, person.secret)
    assert works(stage, made(answer), SECRET.findall(answer.text)[0])


@WAYS
@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"revoked_at": NOW - HOUR}, "A revoked API key cannot be rotated."),
        ({"revoked_at": NOW - HOUR, "expires_at": NOW - DAY}, "A revoked API key cannot be rotated."),
        ({"suspended_at": NOW - HOUR}, "A suspended API key cannot be rotated."),
        ({"replaced_at": NOW - HOUR, "overlap_ends_at": NOW + HOUR}, "Rotate the one that replaced it"),
    ],
    ids=["revoked", "revoked and expired", "suspended", "replaced"],
)
def test_a_key_that_cannot_be_rotated_says_why_and_offers_it_no_longer(
    state: dict[str, datetime], told: str, headers: dict[str, str] | None, stage: Stage
):
    """K11, K12: also in a form that was opened before."""
    person, alice = stage.more("alice"), visit(stage, "alice")
    address, before = f"{alice.keys}/{person.key_id}/rotate", stage.key_count()
    assert address in alice.get(alice.keys).text
    form = fields(alice.get(address, headers=headers))
    replaced_by = {"replaced_by_id": stage["alice"].key_id} if "replaced_at" in state else {}
    stage.set_key(person.key_id, **state, **replaced_by)

    answers = [alice.get(address, headers=headers), alice.client.post(address, data=form, headers=headers)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all(told in answer.text for answer in answers)
    assert all(("HX-Retarget" in answer.headers) is (headers is HTMX) for answer in answers)
    assert address not in alice.get(f"{alice.keys}?status=all").text
    assert stage.key_count() == before


@WAYS
@pytest.mark.parametrize("overlap", ["1", "-3600", "3600.0", "604801", "٣٦٠٠", "never", "x" * 1000, "\x00", " "])
def test_an_overlap_that_is_no_choice_is_refused_and_the_rest_is_kept(
    overlap: str, headers: dict[str, str] | None, shared_stage: Stage
):
    alice, before = visit(shared_stage, "alice"), shared_stage.key_count()
    address = f"{alice.keys}/{shared_stage['alice'].key_id}/rotate"
    form = fields(alice.get(address))

    answer = alice.client.post(address, data=form | {"overlap": overlap, "expires": "90"}, headers=headers)

    assert answer.status_code == 422
    assert "This is not one of the choices." in answer.text
    assert (fields(answer)["expires"], fields(answer)["form_token"]) == ("90", form["form_token"])
    assert shared_stage.key_count() == before


@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_bad_day_is_said_at_the_field_and_kept(day: str, shared_stage: Stage):
    """K9."""
    alice, before = visit(shared_stage, "alice"), shared_stage.key_count()
    address = f"{alice.keys}/{shared_stage['alice'].key_id}/rotate"

    answer = alice.send(address, expires="date", expires_on=day, overlap="86400")

    kept = fields(answer)
    assert answer.status_code == 422
    assert BAD_DAYS[day] in answer.text
    assert (kept["expires"], kept["expires_on"], kept["overlap"]) == ("date", day, "86400")
    assert shared_stage.key_count() == before


@pytest.mark.parametrize("typed", [{"expires": "8"}, {"expires": "Kept"}, {"expires": "\x00"}, {"form_token": "short"}])
def test_whatever_else_is_no_choice_of_the_form_changes_nothing(typed: dict[str, str], shared_stage: Stage):
    alice, before = visit(shared_stage, "alice"), shared_stage.key_count()

    answer = alice.send(f"{alice.keys}/{shared_stage['alice'].key_id}/rotate", **typed)

    assert answer.status_code == (400 if "form_token" in typed else 422)
    assert shared_stage.key_count() == before
    assert shared_stage.key(shared_stage["alice"].key_id).replaced_by_id is None


@pytest.mark.parametrize("key_id", ["{bob}", "{charlie}", "pmk_" + "x" * 22, "pmk_short", "%00", "x" * 2000])
@pytest.mark.parametrize("act", ["rotate", "expiry"])
def test_keys_of_others_and_of_nobody_are_not_there(act: str, key_id: str, shared_stage: Stage):
    """I6, Z2."""
    alice, before = visit(shared_stage, "alice"), shared_stage.key_count()
    named = key_id.format(**{name: shared_stage[name].key_id for name in ("bob", "charlie")})

    answers = [
        alice.get(f"{alice.keys}/{named}/{act}"),
        alice.post(f"{alice.keys}/{named}/{act}", form_token="f" * 24, expires="30"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert shared_stage.key_count() == before


@WAYS
def test_the_same_form_rotates_once_however_often_it_comes(headers: dict[str, str] | None, stage: Stage):
    """K17: the repeat names the new key and shows no secret."""
    alice, old, before = visit(stage, "alice"), stage["alice"], stage.key_count()
    address = f"{alice.keys}/{old.key_id}/rotate"
    form = fields(alice.get(address)) | {"overlap": "3600"}
    first = alice.client.post(address, data=form, headers=headers)

    repeat = alice.client.post(address, data=form, headers=headers)

    assert (first.status_code, repeat.status_code) == (201, 409)
    assert made(first) in repeat.text
    assert "cannot be shown again" in repeat.text
    assert not SECRET.search(repeat.text)
    assert (stage.key_count(), stage.key(old.key_id).replaced_by_id) == (before + 1, made(first))


def test_a_successor_whose_secret_was_lost_is_made_again_in_its_place(stage: Stage):
    """K12, K17."""
    alice, old = visit(stage, "alice"), stage["alice"]
    address = f"{alice.keys}/{old.key_id}/rotate"
    form = fields(alice.get(address)) | {"overlap": "3600"}
    lost = made(alice.client.post(address, data=form))
    repeat = alice.client.post(address, data=form)
    button = {name: fields(repeat)[name] for name in ("csrf_token", "form_token")}

    again = alice.client.post(f"{alice.keys}/{lost}/replace", data=button)

    assert again.status_code == 201
    assert f"It replaces {old.key_id}, which goes on working until" in " ".join(again.text.split())
    assert stage.key(lost).revoked_at is not None
    assert stage.key(old.key_id).replaced_by_id == made(again)
    assert works(stage, made(again), SECRET.findall(again.text)[0])

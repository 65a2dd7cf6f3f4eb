"""Creating, renaming and revoking a key, as parts for htmx and as plain pages."""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import update

from owox import keys
from owox.models import SignIn
from tests.cast import Stage
from tests.infra.boxes import boxes
from tests.offered import a_package, a_wheel
from tests.web.browsing import HTMX, SECRET, elements, fields, visit

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
BAD_NAMES = {
    "": "Enter a name.", "   \t ": "Enter a name.", "\u200b\u2060": "Enter a name.", "x" * 101: "at most 100",
    "a\x00b": "control characters", "a\nb": "control characters", "a\u2028b": "control characters",
}  # fmt: skip
BAD_DAYS = {
    "": "no day", "2027-W05-1": "no day", "2027-02-30": "no day", "2027-2-3": "no day", "10000-01-01": "no day",
    "2027-02-03T00:00": "no day", "٢٠٢٧-٠٢-٠٣": "no day", "tomorrow": "no day", "2027-02-03\x00": "no day",
    "2020-01-01": "has passed", "0001-01-01": "has passed",
}  # fmt: skip


def create_address(stage: Stage, name: str = "alice") -> str:
    """Where a key is created."""
    return f"{visit(stage, name).keys}/create"


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_the_answer_to_creating_holds_a_key_that_works(headers: dict[str, str] | None, stage: Stage):
    """K5: the one answer with the secret is stored nowhere, and no address leads to it."""
    alice = visit(stage, "alice")

    answer = alice.send(f"{alice.keys}/create", headers=headers, name="  CI job ")

    secret = SECRET.findall(answer.text)[0]
    shown = {found["id"]: found["value"] for tag, found in elements(answer) if tag == "input" and "readonly" in found}
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert "HX-Push-Url" not in answer.headers
    assert shown["api-key-secret"] == secret
    assert keys.parse_combined(shown["api-key"] or "").secret == secret
    caller = stage.app.test_client().get("/api/auth/context", auth=(shown["api-key-id"] or "", secret))
    assert caller.status_code == 200
    assert stage.key(shown["api-key-id"] or "").name == "CI job"
    assert stage.key(shown["api-key-id"] or "").expires_at is None


def test_no_other_page_shows_a_secret(stage: Stage):
    """K5: list, dialogs, repeat of the form."""
    alice = visit(stage, "alice")
    secret = SECRET.findall(alice.send(f"{alice.keys}/create", name="CI job").text)[0]
    key_id = next(found["id"] or "" for tag, found in elements(alice.get(alice.keys)) if tag == "tr" and "id" in found)[
        4:
    ]

    pages = [alice.get(alice.home + path) for path in ("", "/settings", "/settings/api-keys?status=all")]
    pages += [alice.get(f"{alice.keys}/{key_id}/{act}") for act in ("rename", "revoke")]

    assert all(
        secret not in page.text and "owox_sec_" not in page.text and "owox_key_" not in page.text for page in pages
    )


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_is_said_at_the_field_and_kept(name: str, headers: dict[str, str] | None, shared_stage: Stage):
    before, alice = shared_stage.key_count(), visit(shared_stage, "alice")
    form = fields(alice.get(f"{alice.keys}/create"))

    answer = alice.client.post(f"{alice.keys}/create", data=form | {"name": name, "expires": "30"}, headers=headers)

    kept = fields(answer)
    assert answer.status_code == 422
    assert BAD_NAMES[name] in answer.text
    assert (kept["name"], kept["expires"], kept["form_token"]) == (name, "30", form["form_token"])
    assert shared_stage.key_count() == before


@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_bad_day_is_said_at_the_field_and_kept(day: str, shared_stage: Stage):
    """K9."""
    before, alice = shared_stage.key_count(), visit(shared_stage, "alice")

    answer = alice.send(f"{alice.keys}/create", name="CI job", expires="date", expires_on=day)

    assert answer.status_code == 422
    assert BAD_DAYS[day] in answer.text
    assert (fields(answer)["name"], fields(answer)["expires_on"]) == ("CI job", day)
    assert shared_stage.key_count() == before


@pytest.mark.parametrize("expires", ["8", "-7", "7.0", "٣٠", "never", "x" * 1000, "\x00"])
def test_an_expiry_that_is_no_choice_is_refused(expires: str, shared_stage: Stage):
    answer = visit(shared_stage, "alice").send(create_address(shared_stage), name="CI job", expires=expires)

    assert answer.status_code == 422
    assert "not one of the choices" in answer.text


@pytest.mark.parametrize("token", ["", "short", "x" * 65, "with a space in the middle", "é" * 20])
def test_a_form_with_a_damaged_token_is_refused(token: str, shared_stage: Stage):
    before, alice = shared_stage.key_count(), visit(shared_stage, "alice")

    answer = alice.send(f"{alice.keys}/create", name="CI job", form_token=token)

    assert answer.status_code == 400
    assert shared_stage.key_count() == before


@pytest.mark.parametrize(("choice", "days"), [("7", 7), ("30", 30), ("90", 90), ("365", 365)])
def test_days_count_from_now(choice: str, days: int, stage: Stage):
    with time_machine.travel(NOW, tick=False):
        alice = visit(stage, "alice")
        answer = alice.send(f"{alice.keys}/create", name="CI job", expires=choice)

    assert stage.key(made(answer)).expires_at == NOW + timedelta(days=days)


def test_a_date_means_the_end_of_that_day_where_the_member_is(stage: Stage):
    """K9: also on days when the clock changes, and far away."""
    zones, days = (
        ("UTC", "Pacific/Kiritimati", "America/St_Johns", "Europe/Kyiv"),
        ("2026-03-29", "2028-02-29", "9999-12-30"),
    )
    for zone, day in product(zones, days):
        with time_machine.travel(NOW, tick=False):
            alice = visit(stage, "alice")
            with stage.session() as session:
                session.execute(update(SignIn).values(time_zone=zone))
            answer = alice.send(f"{alice.keys}/create", name="CI job", expires="date", expires_on=day)
            listing = alice.get(alice.keys)

        at = stage.key(made(answer)).expires_at
        assert at is not None
        there = at.astimezone(ZoneInfo(zone))
        assert (there.date().isoformat(), f"{there:%H:%M:%S}") == (day, "23:59:59")
        assert zone in answer.text
        assert f"{there.day} {there:%b} {there.year}, 23:59" in listing.text
        assert f"{at:%H:%M:%S} UTC" in listing.text


def made(answer: object) -> str:
    """The ID of the key that an answer shows."""
    return next(found["value"] or "" for tag, found in elements(answer) if found.get("id") == "api-key-id")  # type: ignore[arg-type]


def test_the_same_form_makes_one_key_however_often_it_comes(stage: Stage):
    """K17: the repeat names the key, shows no secret, and offers to replace it."""
    alice, before = visit(stage, "alice"), stage.key_count()
    form = fields(alice.get(f"{alice.keys}/create")) | {"name": "CI job", "expires": "30"}
    first = alice.client.post(f"{alice.keys}/create", data=form)

    repeats = [alice.client.post(f"{alice.keys}/create", data=form, headers=headers) for headers in (None, HTMX)]

    for repeat in repeats:
        assert repeat.status_code == 409
        assert made(first) in repeat.text
        assert "CI job" in repeat.text
        assert not SECRET.search(repeat.text)
        assert "cannot be shown again" in repeat.text
        assert "Revoke it and create another" in repeat.text
    assert stage.key_count() == before + 1


def test_a_key_whose_secret_was_lost_is_replaced_in_one_click(stage: Stage):
    alice = visit(stage, "alice")
    form = fields(alice.get(f"{alice.keys}/create")) | {"name": "CI job", "expires": "30"}
    lost = made(alice.client.post(f"{alice.keys}/create", data=form))
    repeat = alice.client.post(f"{alice.keys}/create", data=form)
    button = {name: fields(repeat)[name] for name in ("csrf_token", "form_token")}

    answers = [alice.client.post(f"{alice.keys}/{lost}/replace", data=button) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 409]
    old, new = stage.key(lost), stage.key(made(answers[0]))
    assert old.revoked_at is not None
    assert (new.name, new.expires_at, new.revoked_at) == ("CI job", old.expires_at, None)
    assert not SECRET.search(answers[1].text)


def test_one_members_form_token_means_nothing_in_anothers_form(stage: Stage):
    alice, bob = visit(stage, "alice"), visit(stage, "bob")
    token = fields(alice.get(f"{alice.keys}/create"))["form_token"]

    answers = [person.send(f"{person.keys}/create", name="CI job", form_token=token) for person in (alice, bob)]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_renaming_acts_and_returns_to_the_list(stage: Stage):
    alice, key_id = visit(stage, "alice"), stage["alice"].key_id

    page = alice.send(f"{alice.keys}/{key_id}/rename", name=" Nightly ")
    part = alice.send(f"{alice.keys}/{key_id}/rename", headers=HTMX, name="Nightly 2")

    assert (page.status_code, page.location) == (303, f"{alice.keys}?done=renamed")
    assert "has its new name" in alice.get(page.location).text
    assert (part.status_code, part.headers["HX-Reswap"], part.headers["HX-Trigger"]) == (200, "delete", "keys-changed")
    assert stage.key(key_id).name == "Nightly 2"


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_new_name_is_said_at_the_field_and_kept(name: str, shared_stage: Stage):
    alice, key_id = visit(shared_stage, "alice"), shared_stage["alice"].key_id

    answer = alice.send(f"{alice.keys}/{key_id}/rename", name=name)

    assert answer.status_code == 422
    assert BAD_NAMES[name] in answer.text
    assert fields(answer)["name"] == name
    assert shared_stage.key(key_id).name == "alice's key"


def test_revoking_acts_at_once_and_keeps_its_first_moment(stage: Stage):
    """K10, K11: the very next call is refused; a second time changes nothing; a revoked key keeps its name."""
    alice, person = visit(stage, "alice"), stage["alice"]
    client = stage.app.test_client()
    assert client.get("/api/auth/context", auth=(person.key_id, person.secret)).status_code == 200

    first = alice.send(f"{alice.keys}/{person.key_id}/revoke")
    refused = client.get("/api/auth/context", auth=(person.key_id, person.secret))
    moment = stage.key(person.key_id).revoked_at
    second = alice.post(f"{alice.keys}/{person.key_id}/revoke")
    renamed = alice.post(f"{alice.keys}/{person.key_id}/rename", name="Too late")

    assert (first.status_code, first.location) == (303, f"{alice.keys}?done=revoked")
    assert refused.status_code == 401
    assert second.status_code == 303
    assert stage.key(person.key_id).revoked_at == moment
    assert renamed.status_code == 409
    assert "A revoked API key cannot be renamed." in renamed.text
    assert stage.key(person.key_id).name == "alice's key"


@pytest.mark.parametrize("act", ["rename", "expiry", "rotate", "suspend", "resume", "revoke"])
def test_a_dialog_for_a_key_that_was_revoked_meanwhile_says_so(act: str, stage: Stage):
    """Another tab's list still offers it."""
    alice, person = visit(stage, "alice"), stage["alice"]
    alice.send(f"{alice.keys}/{person.key_id}/revoke")

    answer = alice.get(f"{alice.keys}/{person.key_id}/{act}", headers=HTMX)

    assert answer.status_code == 409
    assert "revoked" in answer.text
    assert "load it again" in answer.text
    assert answer.headers["HX-Trigger"] == "out-of-date"
    assert "out-of-date from:document" in alice.get(alice.keys).text
    assert "<form method" not in answer.text


def test_the_commands_of_a_new_key_name_what_is_on_offer(stage: Stage):
    alice = visit(stage, "alice")
    bare = alice.send(f"{alice.keys}/create", name="CI job").text
    wheel, package = a_wheel(stage), a_package(stage)

    whole = alice.send(f"{alice.keys}/create", name="CI job").text

    ready = {"owox-ctl", "curl", "Python"}
    assert set(boxes(bare)) == ready
    assert " install " not in " ".join(text for each in boxes(bare).values() for text in each)
    assert set(boxes(whole)) == ready | {"GitHub Actions", "GitLab CI", "Docker", "TypeScript"}
    for title, texts in boxes(whole).items():
        installs = package.name if title == "TypeScript" else wheel.name
        assert any(installs in text for text in texts) is (title != "curl")
        assert not SECRET.search(" ".join(texts))

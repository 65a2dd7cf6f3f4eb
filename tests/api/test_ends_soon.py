"""In a key's last 14 days every answer to it says when it ends, in a header."""

from datetime import UTC, datetime, timedelta

import pytest

from owox.services import rotation
from tests.api import actors
from tests.api.matrix.keys import API_KEYS
from tests.cast import OPERATOR, Person, Stage
from tests.states import CONTEXT, DOORS, EXCHANGE, Holder, knock

NOW = datetime.now(UTC).replace(microsecond=123_000)
HEADER = "X-OWOX-Api-Key-Expires-At"
DAY = timedelta(days=1)


def exchanged(stage: Stage, person: Person) -> Holder:
    """Somebody with their key and a token for it."""
    answer = knock(stage.app.test_client(), "exchange", Holder(person.key_id, person.secret))
    return Holder(person.key_id, person.secret, answer.get_json()["accessToken"])


@pytest.mark.parametrize(("left", "told"), [(None, False), (14.5 * DAY, False), (13.5 * DAY, True), (DAY / 2, True)])
def test_every_door_says_when_a_key_ends_in_its_last_14_days(left: timedelta | None, told: bool, stage: Stage):
    ends_at = None if left is None else NOW + left
    holder = exchanged(stage, stage.more("bob", expires_at=ends_at))

    said = {door: knock(stage.app.test_client(), door, holder).headers.get(HEADER) for door in DOORS}

    expected = f"{ends_at:%Y-%m-%dT%H:%M:%S}.123Z" if told else None
    assert said == dict.fromkeys(DOORS, expected)


def test_a_replaced_keys_end_is_that_of_its_overlap(stage: Stage):
    bob = stage.more("bob", expires_at=NOW + 300 * DAY)
    wanted = rotation.Rotation(None, overlap=7 * DAY)
    with stage.session() as session:
        made = rotation.rotate(session, bob.membership_id, bob.key_id, wanted, OPERATOR, NOW)
    successor = Holder(made.key.id, made.secret)

    old = knock(stage.app.test_client(), "basic", Holder(bob.key_id, bob.secret))
    new = knock(stage.app.test_client(), "basic", successor)

    assert (old.status_code, new.status_code) == (200, 200)
    assert old.headers[HEADER] == f"{NOW + 7 * DAY:%Y-%m-%dT%H:%M:%S}.123Z"
    assert HEADER not in new.headers


def test_a_token_does_not_outlive_the_overlap(stage: Stage):
    """T6, K12."""
    bob, now = stage.more("bob"), datetime.now(UTC)
    with stage.session() as session:
        wanted = rotation.Rotation(None, overlap=timedelta(seconds=100))
        rotation.rotate(session, bob.membership_id, bob.key_id, wanted, OPERATOR, now)

    answer = knock(stage.app.test_client(), "exchange", Holder(bob.key_id, bob.secret))

    assert 80 <= answer.get_json()["accessTokenExpiresIn"] <= 100


def test_errors_and_rows_say_it_too_and_the_cookie_never(stage: Stage):
    bob = stage.more("bob", expires_at=NOW + DAY)
    key, cookie = actors.by_key(stage, bob, "bob"), actors.by_cookie(stage, "bob")
    rows = f"/api/external/http-data/data-marts/{stage.cast.marts['Orders']}.ndjson"

    answers = {path: key.send("GET", path) for path in (API_KEYS, rows, f"{rows}?column=nothing", CONTEXT)}

    assert [answer.status_code for answer in answers.values()] == [403, 200, 400, 200]
    assert {path for path, answer in answers.items() if HEADER not in answer.headers} == set()
    assert HEADER not in cookie.send("GET", CONTEXT).headers


def test_a_refused_key_is_told_no_end(stage: Stage):
    """K4."""
    bob = stage.more("bob", expires_at=NOW + DAY)
    wrong = {"headers": {"x-owox-api-key-id": bob.key_id}, "json": {"apiKeySecret": stage["vera"].secret}}

    answer = stage.app.test_client().post(EXCHANGE, **wrong)

    assert answer.status_code == 401
    assert HEADER not in answer.headers

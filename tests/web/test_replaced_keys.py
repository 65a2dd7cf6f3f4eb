"""What the list says of keys that end soon, or that another key has replaced."""

from datetime import UTC, datetime, timedelta

from owox.services import rotation
from tests.cast import OPERATOR, Stage
from tests.web.browsing import visit

DAY = timedelta(days=1)


def test_a_row_says_that_its_key_expires_soon(stage: Stage):
    alice, now = visit(stage, "alice"), datetime.now(UTC)
    key_id = stage["alice"].key_id

    told = {}
    for days in (13, 15, -1):
        stage.set_key(key_id, expires_at=now + days * DAY)
        told[days] = "Expires soon" in alice.get(f"{alice.keys}?status=all").text

    assert told == {13: True, 15: False, -1: False}


def test_a_row_says_what_replaced_its_key_and_when_it_ends(stage: Stage):
    """K12."""
    person, alice = stage["alice"], visit(stage, "alice")
    now = datetime.now(UTC).replace(microsecond=0)
    with stage.session() as session:
        wanted = rotation.Rotation(None, overlap=DAY)
        made = rotation.rotate(session, person.membership_id, person.key_id, wanted, OPERATOR, now)

    goes_on = alice.get(f"{alice.keys}?q={person.key_id}").text
    stage.set_key(person.key_id, overlap_ends_at=now)
    ended = alice.get(f"{alice.keys}?status=replaced").text

    assert f"q={made.key.id}" in goes_on
    assert "Replaced by" in goes_on
    assert f"{now + DAY:%H:%M:%S} UTC" in goes_on
    assert "Active" in goes_on
    assert person.key_id in ended
    assert made.key.id in ended
    assert f'id="key-{made.key.id}"' not in ended

"""Rotating a key: one successor whatever happens at the same moment, and an end that was said beforehand."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from owox.keys import State
from owox.models.base import new_id
from owox.services import authentication, keys, rotation
from owox.services.errors import Conflict, Forbidden, NotFound, Refused
from owox.services.keys import AlreadyMade, Created
from owox.services.rotation import Rotation
from tests.cast import OPERATOR, Person, Stage, end_membership
from tests.services.test_keys import events, revoke, together

NOW = datetime(2026, 11, 25, 10, 0, 0, 123_000, tzinfo=UTC)
HOUR, DAY, MILLISECOND = timedelta(hours=1), timedelta(days=1), timedelta(milliseconds=1)
ROUNDS = 30


def rotate(stage: Stage, key_id: str, wanted: Rotation | None = None, at: datetime = NOW) -> Created:
    """Rotate bob's key in a transaction of its own."""
    with stage.session() as session:
        return rotation.rotate(session, stage["bob"].membership_id, key_id, wanted or Rotation(None), OPERATOR, at)


def change_expiry(stage: Stage, key_id: str, expires_at: datetime | None, at: datetime = NOW) -> keys.KeyInfo:
    """Change the expiry of bob's key in a transaction of its own."""
    with stage.session() as session:
        return keys.change_expiry(session, stage["bob"].membership_id, key_id, expires_at, OPERATOR, at)


def get(stage: Stage, key_id: str, at: datetime = NOW) -> keys.KeyInfo:
    """Bob's key at a moment."""
    with stage.session() as session:
        return keys.get(session, stage["bob"].membership_id, key_id, at)


def accepted(stage: Stage, key_id: str, secret: str, at: datetime) -> bool:
    """Whether both parts of a key are accepted at a moment."""
    try:
        authentication.by_secret(stage.services.keys, key_id, secret, at)
    except Refused:
        return False
    return True


def test_a_successor_has_the_name_and_both_work_in_the_overlap_and_not_a_millisecond_after(stage: Stage):
    """K8, K12, U1."""
    bob, expires_at = stage.more("bob", "nightly job"), NOW + timedelta(days=90)

    made = rotate(stage, bob.key_id, Rotation(expires_at, overlap=HOUR))

    old = get(stage, bob.key_id)
    assert made.replaces == old
    assert (made.key.name, made.key.expires_at, made.key.state) == ("nightly job", expires_at, State.ACTIVE)
    assert (old.state, old.replaced_by_id, old.replaced_at, old.ends_at) == (State.ACTIVE, made.key.id, NOW, NOW + HOUR)
    for away, works in ((timedelta(0), True), (HOUR - MILLISECOND, True), (HOUR, False), (DAY, False)):
        assert accepted(stage, bob.key_id, bob.secret, NOW + away) is works
        assert accepted(stage, made.key.id, made.secret, NOW + away)
    assert (sorted(events(stage, bob.key_id)), events(stage, made.key.id)) == (
        ["api_key.create", "api_key.rotate"], ["api_key.create"],
    )  # fmt: skip


def test_without_an_overlap_the_old_key_ends_at_that_very_moment(stage: Stage):
    """K12."""
    bob = stage.more("bob")

    made = rotate(stage, bob.key_id)

    old = get(stage, bob.key_id)
    assert (old.state, old.since) == (State.REPLACED, NOW)
    assert not accepted(stage, bob.key_id, bob.secret, NOW)
    assert accepted(stage, made.key.id, made.secret, NOW)


@pytest.mark.parametrize(("left", "overlap", "goes_on"), [(HOUR, DAY, HOUR), (DAY, HOUR, HOUR), (HOUR, HOUR, HOUR)])
def test_an_overlap_never_outlasts_the_old_keys_own_expiry(
    left: timedelta, overlap: timedelta, goes_on: timedelta, stage: Stage
):
    bob = stage.more("bob", expires_at=NOW + left)

    rotate(stage, bob.key_id, Rotation(None, overlap))

    assert get(stage, bob.key_id).ends_at == NOW + goes_on
    assert not accepted(stage, bob.key_id, bob.secret, NOW + goes_on)


def test_an_expired_key_is_rotated_without_an_overlap(stage: Stage):
    bob = stage.more("bob", expires_at=NOW - HOUR)

    made = rotate(stage, bob.key_id, Rotation(None, DAY))

    assert not accepted(stage, bob.key_id, bob.secret, NOW)
    assert accepted(stage, made.key.id, made.secret, NOW)
    assert (get(stage, bob.key_id).state, get(stage, bob.key_id).ends_at) == (State.REPLACED, NOW - HOUR)


def test_a_key_has_one_successor_which_is_rotated_next(stage: Stage):
    """K12: the line of keys is kept."""
    first = stage.more("bob").key_id
    second = rotate(stage, first, Rotation(None, HOUR)).key.id

    with pytest.raises(Conflict, match=f"rotated already. Rotate the one that replaced it: {second}"):
        rotate(stage, first)
    third = rotate(stage, second).key.id

    line = [get(stage, key_id).replaced_by_id for key_id in (first, second, third)]
    assert line == [second, third, None]
    assert stage.key_count() == 8


@pytest.mark.parametrize(("column", "told"), [("revoked_at", "A revoked API key"), ("suspended_at", "A suspended API")])
def test_what_was_ended_by_hand_is_not_rotated(column: str, told: str, stage: Stage):
    """K11: also when it has expired since."""
    for expires_at in (None, NOW - MILLISECOND):
        key_id, before = stage.more("bob", expires_at=expires_at).key_id, stage.key_count()
        stage.set_key(key_id, **{column: NOW - HOUR})

        with pytest.raises(Conflict, match=told):
            rotate(stage, key_id)

        assert stage.key_count() == before
        assert events(stage, key_id) == ["api_key.create"]


def test_a_successor_lives_as_long_as_its_predecessor_was_meant_to(stage: Stage):
    made = datetime(2026, 11, 1, tzinfo=UTC)
    last = datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC)
    for expires_at, expected in ((None, None), (made + 90 * DAY, NOW + 90 * DAY), (last, last)):
        key_id = stage.more("bob", expires_at=expires_at).key_id
        stage.set_key(key_id, created_at=made)

        assert rotation.usual_expiry(get(stage, key_id), NOW) == expected


def test_one_form_rotates_once(stage: Stage):
    """K17: at the same moment, and later."""
    for _ in range(10):
        key_id, wanted = stage.more("bob").key_id, Rotation(None, HOUR, form_token=new_id())

        results = together(*[lambda key_id=key_id, wanted=wanted: rotate(stage, key_id, wanted)] * 2)

        made = [result for result in results if isinstance(result, Created)]
        repeats = [result for result in results if isinstance(result, AlreadyMade)]
        assert (len(made), len(repeats)) == (1, 1), results
        assert repeats[0].key.id == made[0].key.id
        with pytest.raises(AlreadyMade):
            rotate(stage, key_id, wanted)


def test_rotating_twice_and_revoking_at_once_come_to_some_order(stage: Stage):
    """K11, K12, S11: one successor at most, none of a revoked key, and none without its predecessor saying so."""
    for _ in range(ROUNDS):
        key_id, before = stage.more("bob").key_id, stage.key_count()

        first, revoked, second = together(
            lambda key_id=key_id: rotate(stage, key_id, Rotation(None, HOUR)),
            lambda key_id=key_id: revoke(stage, key_id),
            lambda key_id=key_id: rotate(stage, key_id),
        )

        made = [each for each in (first, second) if isinstance(each, Created)]
        old = get(stage, key_id)
        assert isinstance(revoked, keys.KeyInfo), revoked
        assert all(isinstance(each, Created | Conflict) for each in (first, second)), (first, second)
        assert (old.state, old.replaced_by_id) == (State.REVOKED, made[0].key.id if made else None)
        assert stage.key_count() - before == len(made) <= 1
        assert events(stage, key_id).count("api_key.rotate") == len(made)


def test_a_rotation_is_kept_or_lost_as_a_whole(stage: Stage):
    """K12, U3."""
    bob, before = stage.more("bob"), stage.key_count()

    def fail_after_rotating() -> None:
        with stage.session() as session:
            rotation.rotate(session, bob.membership_id, bob.key_id, Rotation(None), OPERATOR, NOW)
            raise OperationalError("COMMIT", None, Exception("gone"))

    with pytest.raises(OperationalError):
        fail_after_rotating()

    assert accepted(stage, bob.key_id, bob.secret, NOW)
    assert (stage.key_count(), events(stage, bob.key_id)) == (before, ["api_key.create"])


def test_keys_of_others_are_neither_rotated_nor_given_another_expiry(stage: Stage):
    """Z2."""
    stranger, before = stage["alice"].key_id, stage.key_count()

    for act in (lambda: rotate(stage, stranger), lambda: change_expiry(stage, stranger, NOW + HOUR)):
        with pytest.raises(NotFound):
            act()
    assert (stage.key_count(), stage.key(stranger).expires_at) == (before, None)


def test_nobody_rotates_after_their_membership_ended(stage: Stage):
    """Z5."""
    end_membership(stage, "bob")

    with pytest.raises(Forbidden):
        rotate(stage, stage["bob"].key_id)


@pytest.mark.parametrize("expires_at", [NOW + MILLISECOND, NOW + 365 * DAY, None])
def test_an_active_keys_expiry_is_changed_with_its_event(expires_at: datetime | None, stage: Stage):
    """U1."""
    bob: Person = stage.more("bob", expires_at=NOW + DAY)

    changed = change_expiry(stage, bob.key_id, expires_at)

    assert (changed.expires_at, changed.ends_at, changed.state) == (expires_at, expires_at, State.ACTIVE)
    assert accepted(stage, bob.key_id, bob.secret, NOW + 2 * DAY) is (expires_at != NOW + MILLISECOND)
    assert set(events(stage, bob.key_id)) == {"api_key.create", "api_key.change_expiry"}


@pytest.mark.parametrize(
    ("told", "state"),
    [("is revoked", {"revoked_at": NOW}), ("is expired", {"expires_at": NOW}), ("is suspended", {"suspended_at": NOW})],
)
def test_an_ended_keys_expiry_stays(told: str, state: dict[str, datetime], stage: Stage):
    """K11: nothing brings a key back."""
    bob = stage.more("bob", expires_at=NOW + DAY)
    stage.set_key(bob.key_id, **state)

    with pytest.raises(Conflict, match=told):
        change_expiry(stage, bob.key_id, None)

    assert not accepted(stage, bob.key_id, bob.secret, NOW)
    assert stage.key(bob.key_id).expires_at == state.get("expires_at", NOW + DAY)


def test_a_replaced_keys_end_is_the_overlaps_and_stays(stage: Stage):
    bob = stage.more("bob")
    successor = rotate(stage, bob.key_id, Rotation(None, HOUR)).key.id

    with pytest.raises(Conflict, match=f"{successor} has replaced this API key"):
        change_expiry(stage, bob.key_id, NOW + 30 * DAY)
    assert get(stage, bob.key_id).ends_at == NOW + HOUR


def test_a_lost_successor_is_made_again_in_the_same_place(stage: Stage):
    """K12, K17."""
    bob, token = stage.more("bob"), new_id()
    lost = rotate(stage, bob.key_id, Rotation(None, HOUR)).key.id

    with stage.session() as session:
        again = rotation.make_again(session, bob.membership_id, lost, token, OPERATOR, NOW)

    assert get(stage, lost).state is State.REVOKED
    assert get(stage, bob.key_id).replaced_by_id == again.key.id
    for form_token, refusal in ((token, AlreadyMade), (new_id(), Conflict)):
        with pytest.raises(refusal), stage.session() as session:
            rotation.make_again(session, bob.membership_id, lost, form_token, OPERATOR, NOW)
    assert get(stage, again.key.id).state is State.ACTIVE

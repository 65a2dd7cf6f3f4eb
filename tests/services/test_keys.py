"""The acts on keys: each with its audit event, each idempotent where it says so, and none undone by another."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from owox.keys import NAME_MAX, State
from owox.models import AuditEvent
from owox.models.base import new_id
from owox.services import keys, last_used
from owox.services.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from owox.services.keys import AlreadyMade, Wanted
from tests.cast import OPERATOR, Stage, end_membership

NOW = datetime.now(UTC).replace(microsecond=123_000)  # later than the cast was made
LATER = NOW + timedelta(hours=1)
ROUNDS = 40


def events(stage: Stage, key_id: str) -> list[str]:
    """What the audit log says about a key."""
    query = select(AuditEvent.action).where(AuditEvent.api_key_id == key_id).order_by(AuditEvent.at)
    with Session(stage.engine) as session:
        return list(session.scalars(query))


def together(*acts: Callable[[], object]) -> list[object]:
    """Do all of these at the same moment; return what came of each, an exception being a result too."""
    start, results = threading.Barrier(len(acts)), {}

    def run(at: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            results[at] = act()
        except Exception as error:
            results[at] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[at] for at in range(len(acts))]


def revoke(stage: Stage, key_id: str, at: datetime = LATER) -> keys.KeyInfo:
    """Revoke bob's key in a transaction of its own."""
    with stage.session() as session:
        return keys.revoke(session, stage["bob"].membership_id, key_id, OPERATOR, at)


def rename(stage: Stage, key_id: str, name: str) -> keys.KeyInfo:
    """Rename bob's key in a transaction of its own."""
    with stage.session() as session:
        return keys.rename(session, stage["bob"].membership_id, key_id, name, OPERATOR, LATER)


def test_a_new_key_is_what_was_asked_for_and_its_secret_is_nowhere(stage: Stage):
    """K2, K5, U1."""
    expires = NOW + timedelta(days=30)
    with stage.session() as session:
        made = keys.create(session, stage["bob"].membership_id, Wanted("  CI  ", expires), OPERATOR, NOW)

    row = stage.key(made.key.id)
    assert (made.key.name, made.key.state, made.key.created_at, made.key.expires_at) == (
        "CI", State.ACTIVE, NOW, expires,
    )  # fmt: skip
    assert made.secret not in str(vars(row))
    assert made.secret not in repr(made)
    assert events(stage, made.key.id) == ["api_key.create"]


@pytest.mark.parametrize(("name", "problem"), [("", Problem.EMPTY), ("x" * (NAME_MAX + 1), Problem.TOO_LONG),
                                               ("a\0b", Problem.CONTROL), ("\ud800x", Problem.CONTROL)])  # fmt: skip
def test_a_bad_name_makes_and_renames_nothing(name: str, problem: Problem, stage: Stage):
    bob = stage["bob"]
    for act in (
        lambda session: keys.create(session, bob.membership_id, Wanted(name), OPERATOR, NOW),
        lambda session: keys.rename(session, bob.membership_id, bob.key_id, name, OPERATOR, NOW),
    ):
        with pytest.raises(Invalid) as caught, stage.session() as session:
            act(session)
        assert (caught.value.field, caught.value.problem) == ("name", problem)

    assert stage.key_count() == 5
    assert stage.key(bob.key_id).name == "bob's key"


def test_keys_of_one_name_that_are_made_at_the_same_moment_are_that_many_keys(stage: Stage):
    """K16: a name may repeat, and their number has no limit."""

    def create() -> keys.Created:
        with stage.session() as session:
            return keys.create(session, stage["bob"].membership_id, Wanted("same"), OPERATOR, NOW)

    before = stage.key_count()
    made = [each for each in together(*[create] * 12) if isinstance(each, keys.Created)]

    assert stage.key_count() == before + 12
    assert len({each.key.id for each in made}) == len({each.secret for each in made}) == 12
    assert {tuple(events(stage, each.key.id)) for each in made} == {("api_key.create",)}


def test_nobody_makes_a_key_after_their_membership_ended(stage: Stage):
    """Z5: also when the page was opened before."""
    end_membership(stage, "bob")

    with pytest.raises(Forbidden), stage.session() as session:
        keys.create(session, stage["bob"].membership_id, Wanted("late"), OPERATOR, NOW)
    assert stage.key_count() == 5


def test_one_form_makes_one_key(stage: Stage):
    """K17: the repeat names the key that was made, and stores nothing."""
    wanted = Wanted("once", form_token=new_id())
    with stage.session() as session:
        made = keys.create(session, stage["bob"].membership_id, wanted, OPERATOR, NOW)

    with pytest.raises(AlreadyMade) as caught, stage.session() as session:
        keys.create(session, stage["bob"].membership_id, wanted, OPERATOR, LATER)

    assert caught.value.key.id == made.key.id
    assert stage.key_count() == 6


def test_one_form_sent_twice_at_the_same_moment_makes_one_key(stage: Stage):
    """K17: double click and retry, on both databases."""
    for _ in range(10):
        wanted = Wanted("once", form_token=new_id())

        def send(wanted: Wanted = wanted) -> str:
            with stage.session() as session:
                return keys.create(session, stage["bob"].membership_id, wanted, OPERATOR, NOW).key.id

        results = together(send, send)

        made = [result for result in results if isinstance(result, str)]
        repeats = [result for result in results if isinstance(result, AlreadyMade)]
        assert (len(made), len(repeats)) == (1, 1), results
        assert repeats[0].key.id == made[0]
    assert stage.key_count() == 15


def test_revoking_twice_keeps_the_first_moment_and_one_event(stage: Stage):
    """K11."""
    bob = stage["bob"]

    first, second = revoke(stage, bob.key_id, NOW), revoke(stage, bob.key_id, LATER)

    assert first.revoked_at == second.revoked_at == stage.key(bob.key_id).revoked_at == NOW
    assert (second.state, second.since) == (State.REVOKED, NOW)
    assert events(stage, bob.key_id) == ["api_key.create", "api_key.revoke"]


def test_two_who_revoke_at_once_leave_one_moment_and_one_event(stage: Stage):
    """K11."""
    for round_ in range(10):
        key_id = stage.more("bob").key_id
        moments = [NOW + timedelta(seconds=round_), LATER + timedelta(seconds=round_)]

        together(*(lambda at=at, key_id=key_id: revoke(stage, key_id, at) for at in moments))

        assert stage.key(key_id).revoked_at in moments
        assert events(stage, key_id).count("api_key.revoke") == 1


def test_a_revoked_key_keeps_its_name(stage: Stage):
    bob = stage["bob"]
    revoke(stage, bob.key_id)

    with pytest.raises(Conflict, match="A revoked API key cannot be renamed"):
        rename(stage, bob.key_id, "other")
    assert stage.key(bob.key_id).name == "bob's key"
    assert "api_key.rename" not in events(stage, bob.key_id)


def test_a_revoke_is_never_undone_by_a_rename_or_a_last_use(stage: Stage):
    """K11, S11: as often as the three meet."""
    for round_ in range(ROUNDS):
        key_id = stage.more("bob").key_id

        results = together(
            lambda key_id=key_id: revoke(stage, key_id),
            lambda key_id=key_id, name=f"name {round_}": rename(stage, key_id, name),
            lambda key_id=key_id: last_used.write(stage.engine, key_id, LATER, "192.0.2.1", "curl"),
        )

        row = stage.key(key_id)
        assert row.revoked_at == LATER
        assert row.last_used_at == LATER
        # Whoever came second saw what the first had done.
        assert row.name == ("another" if isinstance(results[1], Conflict) else f"name {round_}")


@pytest.mark.parametrize("act", [keys.get, keys.revoke, keys.rename], ids=lambda act: act.__name__)
def test_keys_of_others_are_not_found(act: Callable[..., object], stage: Stage):
    """Z2."""
    more = {"get": (NOW,), "revoke": (OPERATOR, NOW), "rename": ("x", OPERATOR, NOW)}[act.__name__]

    for who, owner in (("alice", "bob"), ("charlie", "bob"), ("bob", "charlie")):
        with pytest.raises(NotFound, match="API key not found"), stage.session() as session:
            act(session, stage[who].membership_id, stage[owner].key_id, *more)


def test_a_last_use_is_written_at_most_once_a_minute_and_never_moves_back(stage: Stage):
    key_id, seconds = stage["bob"].key_id, timedelta(seconds=1)

    seen = []
    for at in (
        NOW,
        NOW + 59 * seconds,
        NOW + 60 * seconds,
        NOW - 60 * seconds,
        NOW + 61 * seconds,
        NOW + 180 * seconds,
    ):
        last_used.write(stage.engine, key_id, at, "192.0.2.1", "curl")
        seen.append(stage.key(key_id).last_used_at)

    first, second, third = NOW, NOW + 60 * seconds, NOW + 180 * seconds
    assert seen == [first, first, second, second, second, third]


def test_a_change_and_its_event_are_kept_or_lost_together(stage: Stage):
    """U3: an edge that fails after the act leaves neither."""
    bob = stage["bob"]

    def fail_after_revoking() -> None:
        with stage.session() as session:
            keys.revoke(session, bob.membership_id, bob.key_id, OPERATOR, NOW)
            raise OperationalError("COMMIT", None, Exception("gone"))

    with pytest.raises(OperationalError):
        fail_after_revoking()

    assert stage.key(bob.key_id).revoked_at is None
    assert events(stage, bob.key_id) == ["api_key.create"]


def test_the_json_list_is_newest_first_and_shows_revoked_keys_only_when_asked(stage: Stage):
    made = [stage.more("bob", f"key {number}").key_id for number in range(3)]
    revoke(stage, made[1])
    membership = stage["bob"].membership_id

    with stage.session() as session:
        live = [key.id for key in keys.all_of(session, membership, NOW, revoked=False)]
        every = [key.id for key in keys.all_of(session, membership, NOW, revoked=True)]

    assert set(live) == {stage["bob"].key_id, made[0], made[2]}
    assert set(every) == {*live, made[1]}
    assert every[-1] == stage["bob"].key_id

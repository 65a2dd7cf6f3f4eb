"""What has ended for good is in the journal, and ends again in a database that has forgotten it."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from owox.keys import State
from owox.models import AuditEvent, Invitation, Membership, SignIn
from owox.models.base import milliseconds, new_id
from owox.roles import Role
from owox.services import authentication, endings, keys, rotation
from owox.services.endings import Ended, Together
from owox.services.errors import Refused
from owox.services.journal import End, Journal, parsed
from tests.cast import OPERATOR, Person, Stage, change_role, disable, end_membership
from tests.infra.source import ROOT, own
from tests.people import invited
from tests.states import REVOKE

NOW = datetime(2026, 11, 25, 10, 0, 0, 123_000, tzinfo=UTC)
NOTHING = Together(Ended(), (), None)


def journal(stage: Stage) -> Journal:
    """The journal of the stage's instance."""
    return Journal(stage.services.settings.journal)


def noted(stage: Stage) -> set[End | None]:
    """What the journal says."""
    return {parsed(line) for line in journal(stage).read()}


def bring_together(stage: Stage) -> Together:
    """What a start does."""
    return endings.bring_together(stage.engine, journal(stage), OPERATOR, NOW)


def state(stage: Stage, person: Person) -> tuple[State, datetime | None]:
    """What a key is for whoever has its secret."""
    try:
        authentication.by_secret(stage.services.keys, person.key_id, person.secret, NOW + timedelta(days=1))
    except Refused as refused:
        return State(refused.state), refused.at
    return State.ACTIVE, None


def events(stage: Stage, action: str) -> list[AuditEvent]:
    """What is on record of an act."""
    with Session(stage.engine) as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def _revoke(stage: Stage, person: Person) -> None:
    with stage.session() as session:
        keys.revoke(session, person.membership_id, person.key_id, OPERATOR, NOW)


def _by_secret(stage: Stage, person: Person) -> None:
    headers = {"x-owox-api-key-id": person.key_id}
    answer = stage.app.test_client().post(REVOKE, headers=headers, json={"apiKeySecret": person.secret})
    assert answer.status_code == 204


def _make_again(stage: Stage, person: Person) -> None:
    with stage.session() as session:
        rotation.make_again(session, person.membership_id, person.key_id, new_id(), OPERATOR, NOW)


def _rotate(stage: Stage, person: Person) -> None:
    with stage.session() as session:
        rotation.rotate(session, person.membership_id, person.key_id, rotation.Rotation(None), OPERATOR, NOW)


def _overlap(stage: Stage, person: Person) -> None:
    wanted = rotation.Rotation(None, overlap=timedelta(hours=1))
    with stage.session() as session:
        rotation.rotate(session, person.membership_id, person.key_id, wanted, OPERATOR, NOW)


WAYS: dict[str, tuple[Callable[[Stage, Person], None], State]] = {
    "revoke": (_revoke, State.REVOKED),
    "revoke by its secret": (_by_secret, State.REVOKED),
    "create again what was lost": (_make_again, State.REVOKED),
    "rotate without overlap": (_rotate, State.REPLACED),
    "rotate with an overlap": (_overlap, State.REPLACED),
    "remove the member": (lambda stage, _: end_membership(stage, "bob", NOW), State.MEMBERSHIP_ENDED),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_ends_a_key_for_good_ends_it_again_in_a_restored_database(stage: Stage, way: str):
    """S8: at the same moment as before, on record, and once."""
    end, ended = WAYS[way]
    person = stage.more("bob")
    end(stage, person)
    before = state(stage, person)
    _forget(stage, person)
    alive = state(stage, person)

    together = bring_together(stage)

    assert (before[0], alive) == (ended, (State.ACTIVE, None))
    assert state(stage, person) == before
    assert together == Together(Ended(1, 0) if ended is not State.MEMBERSHIP_ENDED else Ended(0, 1), (), None)
    assert bring_together(stage) == NOTHING
    (event,) = events(stage, "api_key.end_again") + events(stage, "membership.end_again")
    assert event.project_id == stage.cast.project_id
    assert person.key_id == event.api_key_id or person.member_id == event.subject_id
    assert before[1].isoformat() in event.details.values()


@pytest.mark.parametrize("way", ["rename", "suspend", "disable", "downgrade"])
def test_what_may_be_taken_back_is_not_in_the_journal(stage: Stage, way: str):
    bob = stage["bob"]
    with stage.session() as session:
        if way == "rename":
            keys.rename(session, bob.membership_id, bob.key_id, "other", OPERATOR, NOW)
        if way == "suspend":
            keys.change(session, bob.membership_id, bob.key_id, suspended_at=NOW)
            keys.change(session, bob.membership_id, bob.key_id, suspended_at=None)
    if way == "disable":
        disable(stage, "bob")
    if way == "downgrade":
        change_role(stage, "bob", Role.VIEWER)

    assert noted(stage) == set()


def test_what_is_rolled_back_is_never_noted(stage: Stage):
    """K11: a journal that knew more than the database would revoke keys that nobody has revoked."""
    bob = stage["bob"]

    def revoke_and_fail() -> None:
        with stage.session() as session:
            keys.revoke(session, bob.membership_id, bob.key_id, OPERATOR, NOW)
            with session.begin_nested():
                pass  # A savepoint that ends well is no commit.
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        revoke_and_fail()
    with stage.session() as session:
        keys.rename(session, bob.membership_id, bob.key_id, "other", OPERATOR, NOW)

    assert noted(stage) == set()


def test_a_second_revoke_adds_no_line(stage: Stage):
    """K11."""
    _revoke(stage, stage["bob"])
    with stage.session() as session:
        keys.revoke(session, stage["bob"].membership_id, stage["bob"].key_id, OPERATOR, NOW + timedelta(days=1))

    assert noted(stage) == {End("api_key", stage["bob"].key_id, "revoked_at", milliseconds(NOW))}


def test_the_journal_gets_what_only_the_database_knows(stage: Stage):
    """S8: as after a crash between the two, or with a database from before there was a journal."""
    for name, (end, _) in zip(("alice", "vera"), (WAYS["revoke"], WAYS["rotate with an overlap"]), strict=True):
        end(stage, stage[name])
    end_membership(stage, "bob", NOW)
    before = noted(stage)
    journal(stage).path.unlink()

    together = bring_together(stage)

    assert together == NOTHING
    assert noted(stage) == before
    assert len(before) == 3


def test_of_several_moments_the_first_counts(stage: Stage):
    """K11."""
    bob = stage["bob"]
    at = milliseconds(NOW)
    journal(stage).append(End("api_key", bob.key_id, "revoked_at", at + later).line for later in (2000, 0, 1000))

    bring_together(stage)

    assert stage.key(bob.key_id).revoked_at == NOW


def test_a_start_passes_over_what_it_does_not_know_and_says_where_that_is(stage: Stage):
    """S8: keys that the restored database never had, and lines that are no entries."""
    unknown = End("api_key", "pmk_" + "x" * 22, "revoked_at", 1)
    journal(stage).append(["nonsense", unknown.line, "{}"])

    assert bring_together(stage) == Together(Ended(), (1, 3), None)
    assert "nonsense" in journal(stage).path.read_text()


def test_a_restored_database_signs_everybody_out_and_withdraws_what_waits(stage: Stage):
    """S8, L6: sign-ins and invitations that ended after the backup live again in it, and look like any other."""
    browser = stage.visitor("alice")
    invited(stage, "new@example.com")
    _revoke(stage, stage["bob"])
    signed_in = browser.get("/account").status_code
    _forget(stage, stage["bob"])

    bring_together(stage)

    with Session(stage.engine) as session:
        assert session.scalars(select(SignIn.id).where(SignIn.ended_at.is_(None))).all() == []
        assert session.scalars(select(Invitation.id).where(Invitation.withdrawn_at.is_(None))).all() == []
    assert (signed_in, browser.get("/account").status_code) == (200, 303)


def test_a_journal_that_cannot_be_written_leaves_the_revoke_as_it_is(stage: Stage, caplog: pytest.LogCaptureFixture):
    """S3: the next start that can write makes up for it."""
    path = journal(stage).path
    path.mkdir()

    _revoke(stage, stage["bob"])
    path.rmdir()
    bring_together(stage)

    assert "cannot be written" in caplog.text
    assert state(stage, stage["bob"]) == (State.REVOKED, NOW)
    assert noted(stage) == {End("api_key", stage["bob"].key_id, "revoked_at", milliseconds(NOW))}


def test_starts_at_the_same_moment_end_a_key_once(stage: Stage):
    """S10."""
    _revoke(stage, stage["bob"])
    _forget(stage, stage["bob"])
    found: list[Together] = []
    starts = [threading.Thread(target=lambda: found.append(bring_together(stage))) for _ in range(4)]

    for start in starts:
        start.start()
    for start in starts:
        start.join()

    assert sum(together.ended.keys for together in found) == 1
    assert len(events(stage, "api_key.end_again")) == 1


def test_keys_and_memberships_are_changed_only_where_the_journal_is_told():
    """S8: last_used.py and rotation.py change what ends nothing, and endings.py what the journal has said."""
    statement = re.compile(r"update\((?:ApiKey|Membership)\)|\.(?:revoked_at|overlap_ends_at|ended_at) = ")

    found = {path.name for path in own("owox/services", ".py") if statement.search((ROOT / path).read_text())}
    elsewhere = {str(path) for path in own("owox", ".py") if "update(ApiKey)" in (ROOT / path).read_text()}

    assert found == {"keys.py", "members.py", "last_used.py", "rotation.py"}
    assert {Path(path).parent.as_posix() for path in elsewhere} == {"owox/services"}


def test_no_secret_and_no_digest_is_in_the_journal(stage: Stage):
    """K2."""
    people = [stage.more("bob") for _ in WAYS]
    for person, (end, _) in zip(people, WAYS.values(), strict=True):
        end(stage, person)
        text = journal(stage).path.read_text()

        for hidden in (person.secret, person.password, person.email, stage.key(person.key_id).digest):
            assert hidden not in text


def _forget(stage: Stage, person: Person) -> None:
    """Put the rows back as a backup has them that is older than the end."""
    revived: dict[str, Any] = {"revoked_at": None, "overlap_ends_at": None, "replaced_by_id": None}
    stage.set_key(person.key_id, **revived)
    with stage.session() as session:
        session.execute(update(Membership).where(Membership.id == person.membership_id).values(ended_at=None))

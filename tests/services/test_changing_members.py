"""Changing members: at once, by admins only, and never without an admin left."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import SignIn
from owox.roles import Role
from owox.services import activity, invitations, keys, member_list, members
from owox.services.audit import Actor
from owox.services.errors import Conflict, Forbidden, NotFound
from tests.cast import OPERATOR, Stage, change_role, disable, end_membership
from tests.people import acting, invited, newcomer, roles
from tests.states import basic

NOW = datetime.now(UTC).replace(microsecond=0)
Change = Callable[[Session, str, str, Actor], None]
CHANGES: dict[str, Change] = {
    "downgrade": lambda session, member_id, project_id, actor: members.change_role(
        session, member_id, project_id, Role.VIEWER, actor, NOW
    ),
    "remove": lambda session, member_id, project_id, actor: members.end_membership(
        session, member_id, project_id, actor, NOW
    ),
    "disable": lambda session, member_id, _project_id, actor: members.disable(session, member_id, actor, NOW),
}


def change(stage: Stage, what: str, target: str, actor: Actor) -> None:
    """Do it to somebody of the cast, in alice's project."""
    with stage.session() as session:
        CHANGES[what](session, target, stage.cast.project_id, actor)


@pytest.mark.parametrize("what", CHANGES)
def test_the_last_active_admin_stays(what: str, stage: Stage):
    """Z8: whoever tries; a disabled admin does not count as one who is left."""
    second = newcomer(stage, Role.ADMIN)
    with stage.session() as session:
        members.disable(session, second.member_id, OPERATOR, NOW)

    with pytest.raises(Conflict, match="last active admin"):
        change(stage, what, stage["alice"].member_id, OPERATOR)
    with pytest.raises(Forbidden, match="to yourself"):
        change(stage, what, stage["alice"].member_id, acting(stage, "alice"))

    assert roles(stage)["Alice"] == "admin"


@pytest.mark.parametrize("what", CHANGES)
def test_two_admins_at_once_cannot_both_go(what: str, stage: Stage):
    """Z8: each acts on the other at the same moment; whoever is second is no admin any more."""
    change_role(stage, "bob", Role.ADMIN)

    for _ in range(5):
        barrier = Barrier(2)

        def act(by: str, on: str, barrier: Barrier = barrier) -> str:
            barrier.wait()
            try:
                change(stage, what, stage[on].member_id, acting(stage, by))
            except (Forbidden, Conflict, NotFound) as refused:
                return type(refused).__name__
            return "done"

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(act, ("alice", "bob"), ("bob", "alice")))

        assert outcomes.count("done") == 1, outcomes
        left = [name for name, role in roles(stage).items() if role == "admin"]
        assert len(left) == 1
        _restore(stage)


def _restore(stage: Stage) -> None:
    """Make alice and bob active admins again."""
    with stage.session() as session:
        for name in ("alice", "bob"):
            person = stage[name]
            members.enable(session, person.member_id, OPERATOR, NOW)
            if person.project_id not in {each.project_id for each in members.memberships(session, person.member_id)}:
                members.join(session, person.member_id, person.project_id, Role.ADMIN, OPERATOR, NOW)
            members.change_role(session, person.member_id, person.project_id, Role.ADMIN, OPERATOR, NOW)


@pytest.mark.parametrize("what", CHANGES)
def test_many_at_once_leave_an_admin(what: str, stage: Stage):
    """Z8: the server's operator takes all admins away at the same moment."""
    admins = [newcomer(stage, Role.ADMIN).member_id for _ in range(3)] + [stage["alice"].member_id]
    barrier = Barrier(len(admins))

    def act(member_id: str) -> bool:
        barrier.wait()
        try:
            change(stage, what, member_id, OPERATOR)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(len(admins)) as pool:
        outcomes = list(pool.map(act, admins))

    assert outcomes.count(True) == len(admins) - 1


def test_disabling_an_admin_who_is_inviting_waits_for_nobody_in_a_circle(stage: Stage):
    """Z8: one of them is first, and the other is answered; no deadlock, and no invitation left."""
    change_role(stage, "bob", Role.ADMIN)
    for number in range(8):
        barrier = Barrier(2)

        def invite(number: int = number, barrier: Barrier = barrier) -> None:
            barrier.wait()
            with suppress(Forbidden):
                invited(stage, f"{number}@example.com", by="bob")

        def end(barrier: Barrier = barrier) -> None:
            barrier.wait()
            disable(stage, "bob")

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(invite), pool.submit(end)]:
                done.result()

        with stage.session() as session:
            assert invitations.pending(session, stage.cast.project_id, datetime.now(UTC)) == []
            members.enable(session, stage["bob"].member_id, OPERATOR, NOW)


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("name", ["bob", "vera", "charlie"])
def test_only_an_admin_of_the_project_may(what: str, name: str, stage: Stage):
    """Z2, Z3: decided again when it is their turn, whatever was true when the page was opened."""
    actor = acting(stage, name)
    target = newcomer(stage)

    with pytest.raises((Forbidden, NotFound)):
        change(stage, what, target.member_id, actor)

    assert roles(stage)["Newcomer"] == "viewer"


def test_disabling_ends_sign_ins_and_refuses_keys_until_enabled_again(stage: Stage):
    """L6, Z5: the keys come back, the sign-ins do not."""
    bob, browser = stage["bob"], stage.visitor("bob")
    headers = {"Authorization": basic(f"{bob.key_id}:{bob.secret}".encode())}
    client = stage.app.test_client()

    disable(stage, "bob")
    refused = client.get("/api/auth/context", headers=headers), browser.get("/api/auth/context")
    with stage.session() as session:
        members.enable(session, bob.member_id, acting(stage, "alice"), NOW)
    again = client.get("/api/auth/context", headers=headers), browser.get("/api/auth/context")

    assert [answer.status_code for answer in refused] == [401, 401]
    assert refused[0].get_json()["code"] == "API_KEY_OWNER_DISABLED"
    assert [answer.status_code for answer in again] == [200, 401]


def test_a_member_of_a_foreign_project_can_be_removed_but_not_disabled(stage: Stage):
    """Z2: disabling would act on the other project too."""
    bob = stage["bob"]
    with stage.session() as session:
        members.join(session, bob.member_id, stage["charlie"].project_id, Role.VIEWER, OPERATOR, NOW)
        assert not members.may_disable(session, bob.member_id, stage["alice"].member_id)

    for act in (members.disable, members.enable):
        with stage.session() as session, pytest.raises(Forbidden, match="not an admin of"):
            act(session, bob.member_id, acting(stage, "alice"), NOW)
    browser = stage.visitor("bob")
    change(stage, "remove", bob.member_id, acting(stage, "alice"))

    assert "Bob" not in roles(stage)
    assert browser.get(f"/projects/{stage.cast.project_id}").status_code == 404
    assert browser.get(f"/projects/{stage['charlie'].project_id}").status_code == 200


def test_an_admin_of_all_their_projects_may_disable(stage: Stage):
    """U1: and each of the projects has it on record."""
    bob, alice, elsewhere = stage["bob"], stage["alice"], stage["charlie"].project_id
    with stage.session() as session:
        members.join(session, bob.member_id, elsewhere, Role.VIEWER, OPERATOR, NOW)
        members.join(session, alice.member_id, elsewhere, Role.ADMIN, OPERATOR, NOW)
        assert members.may_disable(session, bob.member_id, alice.member_id)

        members.disable(session, bob.member_id, acting(stage, "alice"), NOW)

    assert roles(stage)["Bob"] == "(editor)"
    with stage.session() as session:
        newest = [activity.page(session, project_id).events[0] for project_id in (alice.project_id, elsewhere)]
    told = [(event.action, event.member_name, event.subject_name) for event in newest]
    assert told == [("member.disable", "Alice", "Bob")] * 2


def test_strangers_cannot_be_disabled(stage: Stage):
    """Z2: charlie, somebody who has left, nobody."""
    end_membership(stage, "vera")
    for member_id in (stage["charlie"].member_id, stage["vera"].member_id, "nobody"):
        with stage.session() as session, pytest.raises(NotFound):
            members.disable(session, member_id, acting(stage, "alice"), NOW)


def test_removal_ends_keys_and_sign_ins_and_adding_again_revives_neither(stage: Stage):
    """L6, Z5."""
    bob, browser, client = stage["bob"], stage.visitor("bob"), stage.app.test_client()
    headers = {"Authorization": basic(f"{bob.key_id}:{bob.secret}".encode())}

    end_membership(stage, "bob")
    gone = client.get("/api/auth/context", headers=headers), browser.get("/api/auth/context")
    with stage.session() as session:
        again = members.join(session, bob.member_id, bob.project_id, Role.EDITOR, OPERATOR, NOW)
        assert keys.all_of(session, again, NOW, revoked=True) == []
    back = client.get("/api/auth/context", headers=headers), browser.get("/api/auth/context")

    assert [answer.status_code for answer in gone] == [401, 401]
    assert [answer.status_code for answer in back] == [401, 401]
    assert back[0].get_json()["code"] == "API_KEY_OWNER_LEFT"


def test_disabling_twice_keeps_the_first_moment(stage: Stage):
    disable(stage, "bob", NOW)
    disable(stage, "bob", NOW + timedelta(hours=1))

    with stage.session() as session:
        info = member_list.get(session, stage.cast.project_id, stage["bob"].member_id, NOW)

    assert info.disabled_at == NOW


def test_the_list_counts_live_keys_and_says_who_was_seen_when(stage: Stage):
    more = [stage.more("bob") for _ in range(3)]
    stage.set_key(more[0].key_id, revoked_at=NOW)
    stage.set_key(more[1].key_id, expires_at=NOW)
    stage.set_key(more[2].key_id, last_used_at=NOW + timedelta(days=1))
    stage.visitor("vera")
    end_membership(stage, "bob")
    with stage.session() as session:
        members.join(session, stage["bob"].member_id, stage.cast.project_id, Role.ADMIN, OPERATOR, NOW)
    disable(stage, "vera", NOW)

    with stage.session() as session:
        shown = member_list.of_project(session, stage.cast.project_id, NOW)
        seen = set(session.scalars(select(SignIn.seen_at).where(SignIn.member_id == stage["vera"].member_id)))

    found = {each.name: (each.role, each.live_keys, each.seen_at, each.disabled_at) for each in shown}
    assert [each.name for each in shown] == ["Alice", "Bob", "Vera"]
    assert found["Alice"] == (Role.ADMIN, 1, None, None)
    assert found["Bob"] == (Role.ADMIN, 0, None, None)
    assert found["Vera"] == (Role.VIEWER, 1, *seen, NOW)


def test_a_keys_use_counts_as_being_seen(stage: Stage):
    stage.set_key(stage["bob"].key_id, last_used_at=NOW)
    for other in (partial(stage.more, "bob"), partial(stage.visitor, "alice")):
        other()

    with stage.session() as session:
        info = member_list.get(session, stage.cast.project_id, stage["bob"].member_id, NOW)

    assert (info.live_keys, info.seen_at) == (2, NOW)

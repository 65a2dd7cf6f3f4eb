"""Invitations: bound to an address, a role and a project; used once, and only while its maker may invite."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import Invitation
from owox.roles import Role
from owox.services import invitations, members
from owox.services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.cast import OPERATOR, Stage, change_role, counts, disable, end_membership
from tests.people import acting, invitation_id, invited, roles

NOW = datetime.now(UTC)
DAN = "dan@example.com"
PASSWORD = "five green words in a row"


def sign_up(stage: Stage, token: str, at: datetime = NOW) -> str:
    """Use an invitation without an account."""
    with stage.session() as session:
        return invitations.sign_up(session, token, "Dan", PASSWORD, OPERATOR, at)


def test_an_invitation_makes_a_member_with_its_role_once(stage: Stage):
    """L11: hashed, dead after use."""
    token = invited(stage, " Dan@Example.COM", Role.EDITOR)

    sign_up(stage, token)

    assert roles(stage)["Dan"] == "editor"
    with pytest.raises(NotFound):
        sign_up(stage, token)
    with Session(stage.engine) as session:
        row = session.scalars(select(Invitation)).one()
    assert row.email == DAN
    assert token not in row.digest
    assert row.used_at is not None


@pytest.mark.parametrize(("age", "works"), [(-timedelta(milliseconds=1), True), (timedelta(0), False)])
def test_an_invitation_ends_after_seven_days(age: timedelta, works: bool, stage: Stage):
    """L11."""
    with stage.session() as session:
        made = invitations.invite(session, stage.cast.project_id, DAN, Role.VIEWER, acting(stage, "alice"), NOW)

    with stage.session() as session:
        if works:
            assert invitations.find(session, made.token, made.expires_at + age).email == DAN
        else:
            with pytest.raises(NotFound):
                invitations.find(session, made.token, made.expires_at + age)
    assert made.expires_at == NOW + timedelta(days=7)
    assert made.token not in repr(made)


def test_of_many_who_use_a_link_at_once_one_joins(stage: Stage):
    """L11."""
    token, before, barrier = invited(stage, DAN), counts(stage), Barrier(4)

    def use(_: int) -> bool:
        barrier.wait()
        try:
            sign_up(stage, token)
        except (NotFound, Conflict):
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(use, range(4)))

    assert outcomes.count(True) == 1
    assert counts(stage) == (before[0], before[1] + 1, before[2] + 1)


def test_an_invitation_is_for_its_address_only(stage: Stage):
    token = invited(stage, "charlie@example.com", Role.ADMIN)

    with pytest.raises(Forbidden, match=r"charlie@example\.com"), stage.session() as session:
        invitations.accept(session, token, stage["bob"].member_id, OPERATOR, NOW)
    with stage.session() as session:
        invitations.accept(session, token, stage["charlie"].member_id, OPERATOR, NOW)

    assert roles(stage)["Charlie"] == "admin"
    assert roles(stage)["Bob"] == "editor"


def test_members_and_those_who_are_invited_are_not_invited_again(stage: Stage):
    invited(stage, DAN)

    for email in (DAN, "DAN@example.com ", "bob@example.com"):
        with pytest.raises(Conflict, match="already"):
            invited(stage, email)


def test_two_invitations_of_one_address_at_once_make_one(stage: Stage):
    barrier = Barrier(2)

    def invite(_: int) -> str:
        barrier.wait()
        try:
            return invited(stage, DAN)
        except Conflict:
            return ""

    with ThreadPoolExecutor(2) as pool:
        tokens = list(pool.map(invite, range(2)))

    assert tokens.count("") == 1


def test_a_withdrawn_invitation_is_worth_nothing_and_another_may_follow(stage: Stage):
    token = invited(stage, DAN)
    with stage.session() as session:
        invitations.withdraw(session, stage.cast.project_id, invitation_id(stage, DAN), acting(stage, "alice"), NOW)

    with pytest.raises(NotFound):
        sign_up(stage, token)
    with pytest.raises(NotFound), stage.session() as session:
        invitations.withdraw(session, stage.cast.project_id, invitation_id(stage, DAN), acting(stage, "alice"), NOW)
    sign_up(stage, invited(stage, DAN))


def test_an_admin_who_is_none_any_more_leaves_no_invitation_behind(stage: Stage):
    """Z5: downgrade, removal and disabling act on invitations too; becoming an admin again does not revive them."""
    endings = {
        "one": lambda: change_role(stage, "bob", Role.EDITOR),
        "two": lambda: disable(stage, "bob"),
        "three": lambda: end_membership(stage, "bob"),
    }
    for name, end in endings.items():
        change_role(stage, "bob", Role.ADMIN)
        token = invited(stage, f"{name}@example.com", by="bob")
        end()
        if name == "two":
            with stage.session() as session:
                members.enable(session, stage["bob"].member_id, OPERATOR, NOW)

        with pytest.raises(NotFound):
            sign_up(stage, token)


@pytest.mark.parametrize("name", ["bob", "vera", "charlie"])
def test_only_admins_of_the_project_invite_and_withdraw(name: str, stage: Stage):
    """Z3: also when they were admins as the page was opened."""
    invited(stage, DAN)

    with stage.session() as session:
        with pytest.raises(Forbidden):
            invitations.invite(session, stage.cast.project_id, "eve@example.com", Role.ADMIN, acting(stage, name), NOW)
        with pytest.raises(Forbidden):
            invitations.withdraw(session, stage.cast.project_id, invitation_id(stage, DAN), acting(stage, name), NOW)
        assert [each.email for each in invitations.pending(session, stage.cast.project_id, NOW)] == [DAN]


@pytest.mark.parametrize("email", ["", "dan", "a b@c", "@c", "a\0@b.c", "x" * 251 + "@b.c"])
def test_what_is_no_address_is_refused(email: str, stage: Stage):
    with pytest.raises(Invalid):
        invited(stage, email)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "é" * 5000, "t" * 43])
def test_a_made_up_token_is_none(token: str, stage: Stage):
    """T5."""
    with stage.session() as session, pytest.raises(NotFound):
        invitations.find(session, token, NOW)

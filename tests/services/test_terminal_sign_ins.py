"""A terminal's sign-in: whose it is, when it is over, and that it is no browser's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import AuditEvent, SignIn
from owox.roles import Role
from owox.services import accounts, members, sign_ins, terminal_sign_ins
from owox.services.errors import Forbidden, Refused
from owox.services.sign_ins import TERMINAL
from tests.cast import OPERATOR, Stage, change_role, disable, end_membership

NOW = datetime.now(UTC).replace(microsecond=0)


def begin(stage: Stage, name: str = "bob", at: datetime = NOW) -> str:
    """The token of somebody's new sign-in."""
    with stage.session() as session:
        return terminal_sign_ins.begin(session, stage[name].membership_id, OPERATOR, at).token


def lasts(stage: Stage, token: str, at: datetime = NOW) -> bool:
    """Whether a token still opens anything."""
    with stage.session() as session:
        try:
            terminal_sign_ins.find(session, token, at)
        except Refused:
            return False
    return True


def end_everywhere(stage: Stage) -> None:
    """Bob signs out of everything."""
    with stage.session() as session:
        sign_ins.end_everywhere(session, stage["bob"].member_id, OPERATOR, NOW)


def change_password(stage: Stage) -> None:
    """Bob takes another password."""
    with stage.session() as session:
        stored = accounts.hashed("five green words in a row", "bob@example.com", "Bob")
        accounts.change_password(session, stage["bob"].member_id, stored, OPERATOR, NOW)


def end_this_one(stage: Stage) -> None:
    """Bob signs out of the terminal, among his sign-ins."""
    with stage.session() as session:
        (shown,) = sign_ins.all_of(session, stage["bob"].member_id, NOW)
        sign_ins.end_one(session, stage["bob"].member_id, shown.id, OPERATOR, NOW)


def come_back(stage: Stage) -> None:
    """Bob leaves and joins again."""
    end_membership(stage, "bob")
    with stage.session() as session:
        members.join(session, stage["bob"].member_id, stage.cast.project_id, Role.ADMIN, OPERATOR, NOW)


ENDS: dict[str, Callable[[Stage], None]] = {
    "sign out everywhere": end_everywhere,
    "sign out of it": end_this_one,
    "a new password": change_password,
    "the end of the membership": lambda stage: end_membership(stage, "bob"),
    "the end of the membership, and another": come_back,
    "disabling the member": lambda stage: disable(stage, "bob"),
}


def test_it_says_whose_it_is_and_in_which_project_with_the_role_of_this_moment(stage: Stage):
    bob, token = stage["bob"], begin(stage)
    change_role(stage, "bob", Role.VIEWER)

    with stage.session() as session:
        caller = terminal_sign_ins.find(session, token, NOW).caller

    assert (caller.membership_id, caller.member_id, caller.project_id) == (
        bob.membership_id,
        bob.member_id,
        bob.project_id,
    )
    assert (caller.role, caller.api_key_id, caller.project_title) == (Role.VIEWER, None, "Shop")


@pytest.mark.parametrize("how", ENDS)
def test_what_ends_other_sign_ins_ends_it_at_once(how: str, stage: Stage):
    """L6: and nobody else's."""
    token, veras = begin(stage), begin(stage, "vera")

    ENDS[how](stage)

    assert not lasts(stage, token)
    assert lasts(stage, veras)
    with stage.session() as session:
        assert sign_ins.all_of(session, stage["bob"].member_id, NOW) == []


def test_it_lasts_for_a_quarter_of_an_hour_however_much_it_is_used(stage: Stage):
    """L7: the end that was announced is the end."""
    with stage.session() as session:
        begun = terminal_sign_ins.begin(session, stage["bob"].membership_id, OPERATOR, NOW)
    last = begun.expires_at - timedelta(milliseconds=1)
    with stage.session() as session:
        found = terminal_sign_ins.find(session, begun.token, last)
        sign_ins.touch(session, found.sign_in_id, last)

    assert begun.expires_at - NOW == TERMINAL == timedelta(minutes=15)
    assert lasts(stage, begun.token, last)
    assert not lasts(stage, begun.token, begun.expires_at)


def test_its_token_is_kept_as_a_digest_and_is_never_the_same(stage: Stage):
    """K2, L5."""
    tokens = {begin(stage) for _ in range(5)}

    with Session(stage.engine) as session:
        kept = set(session.scalars(select(SignIn.digest)))
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "terminal_sign_in.create")).all()
    assert len(tokens) == len(kept) == len(events) == 5
    assert {token[:10] for token in tokens} == {"owox_mgmt_"}
    assert min(map(len, tokens)) >= 10 + 43
    assert not tokens & kept
    assert {(event.member_id, event.project_id) for event in events} == {
        (stage["bob"].member_id, stage.cast.project_id)
    }


def test_it_stands_among_the_members_sign_ins_until_it_ends(stage: Stage):
    begin(stage, at=NOW + timedelta(seconds=5))

    with stage.session() as session:
        sign_ins.start(session, stage["bob"].member_id, "UTC", OPERATOR, NOW)
        shown = sign_ins.all_of(session, stage["bob"].member_id, NOW + timedelta(seconds=6))
        later = sign_ins.all_of(session, stage["bob"].member_id, NOW + timedelta(seconds=5) + TERMINAL)

    assert [each.project_title for each in shown] == ["Shop", None]
    assert [each.project_title for each in later] == [None]


def test_a_token_is_no_cookie_and_a_cookie_is_no_token(stage: Stage):
    """T6."""
    token = begin(stage)
    with stage.session() as session:
        cookie = sign_ins.start(session, stage["bob"].member_id, "UTC", OPERATOR, NOW)

        assert sign_ins.find(session, token, NOW) is None
        assert sign_ins.find(session, cookie, NOW) is not None
    assert not lasts(stage, cookie)


def test_nobody_who_has_left_or_is_disabled_signs_a_terminal_in(stage: Stage):
    end_membership(stage, "bob")
    disable(stage, "vera")

    for name in ("bob", "vera"):
        with pytest.raises(Forbidden):
            begin(stage, name)


@pytest.mark.parametrize("token", ["", "owox_mgmt_", "owox_mgmt_\ud800", "owox_mgmt_" + "x" * 5000, "\0"])
def test_a_made_up_token_is_nobodys(token: str, stage: Stage):
    """T5."""
    begin(stage)

    assert not lasts(stage, token)

"""Members, projects, passwords: who may be added, and what ends with whom."""

import secrets
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from owox.models import NIL
from owox.roles import Role
from owox.services import members, passwords, projects
from owox.services.errors import Conflict, Invalid, NotFound, Problem
from owox.services.names import clean_email, clean_name
from tests.cast import OPERATOR, Stage, change_role, disable, end_membership

NOW = datetime.now(UTC)
PASSWORD = secrets.token_urlsafe(24)


def test_a_second_member_with_an_address_is_refused_in_any_spelling(stage: Stage):
    """L4."""
    for email in ("alice@example.com", " ALICE@EXAMPLE.COM "):
        with pytest.raises(Conflict, match=r"alice@example\.com already"), stage.session() as session:
            members.create(session, email, "Alice", PASSWORD, OPERATOR, NOW)


def test_nobody_is_a_member_of_a_project_twice(stage: Stage):
    alice = stage["alice"]

    with pytest.raises(Conflict, match="a member of the project already"), stage.session() as session:
        members.join(session, alice.member_id, alice.project_id, Role.VIEWER, OPERATOR, NOW)


@pytest.mark.parametrize("project_id", [NIL, "nowhere", ""])
def test_nobody_joins_a_project_that_is_none(project_id: str, stage: Stage):
    """K3: the row that a miss reads is no project."""
    with pytest.raises(NotFound), stage.session() as session:
        members.join(session, stage["alice"].member_id, project_id, Role.VIEWER, OPERATOR, NOW)


def test_a_role_acts_on_the_next_look(stage: Stage):
    """Z5."""
    change_role(stage, "bob", Role.VIEWER)

    with stage.session() as session:
        caller = members.caller_in(session, stage["bob"].member_id, stage.cast.project_id)

    assert caller.role is Role.VIEWER


@pytest.mark.parametrize("end", [end_membership, disable])
def test_whoever_left_or_is_disabled_is_no_caller(end, stage: Stage):
    """Z5, L6."""
    browser = stage.visitor("bob")
    assert browser.get(f"/projects/{stage.cast.project_id}").status_code == 200

    end(stage, "bob")

    assert browser.get(f"/projects/{stage.cast.project_id}").status_code == 303
    with pytest.raises(NotFound), stage.session() as session:
        members.caller_in(session, stage["bob"].member_id, stage.cast.project_id)


def test_a_member_who_left_cannot_be_changed_and_one_who_never_was_neither(stage: Stage):
    """Z2."""
    end_membership(stage, "bob")

    for who, project in (("bob", "bob"), ("alice", "charlie")):
        person, project_id = stage[who], stage[project].project_id
        for act in (members.change_role, members.end_membership):
            more = (Role.ADMIN,) if act is members.change_role else ()
            with pytest.raises(NotFound), stage.session() as session:
                act(session, person.member_id, project_id, *more, OPERATOR, NOW)


def test_projects_are_listed_without_the_row_that_a_miss_reads(stage: Stage):
    with stage.session() as session:
        assert {project.title for project in projects.listed(session)} == {"Shop", "Elsewhere"}


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", Problem.EMPTY), ("x" * 14, Problem.TOO_SHORT), ("y" * 15, Problem.TOO_COMMON),
        ("passwordpassword", Problem.TOO_COMMON), ("alice alice alice", Problem.TOO_COMMON),
        ("0123456789012345", Problem.TOO_COMMON), ("q1w2e3r4" * 33, Problem.TOO_LONG),
    ],
)  # fmt: skip
def test_a_weak_password_is_refused(password: str, problem: Problem):
    """L2."""
    with pytest.raises(Invalid) as caught:
        passwords.hash_password(password, "alice")

    assert (caught.value.field, caught.value.problem) == ("password", problem)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "пароль из семи слов",
        " spaces at both ends ",
        "🔑🔒🔓🧰🪛🔧🔨🪓🧲🪜🧪🧫🧬🔬🔭",
        "null\0inside the password",
        "x1" + "q7Zk" * 63,
    ],
)
def test_the_whole_of_any_password_counts(password: str):
    """L1, L2: argon2id with at least 19 MiB and two passes, no cut after 72 bytes, nothing trimmed."""
    stored = passwords.hash_password(password)

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify_password(password, stored)
    assert not passwords.verify_password(password[:-1] + "!", stored)
    assert not passwords.verify_password(password.strip(), stored) or password == password.strip()
    assert not passwords.verify_password(password, None)


@given(st.text())
def test_a_name_that_is_taken_can_be_stored_and_seen(text: str):
    """I2, U5."""
    try:
        name = clean_name(text, 100)
    except Invalid:
        return

    assert 1 <= len(name) <= 100
    assert name == name.strip()
    assert "\0" not in name
    name.encode()


@given(st.text() | st.emails().map(str.upper))
def test_an_e_mail_address_that_is_taken_is_one_and_stays_the_same(text: str):
    """L4."""
    try:
        email = clean_email(text)
    except Invalid:
        return

    assert clean_email(email) == email
    assert email.count("@") == 1
    assert "\0" not in email

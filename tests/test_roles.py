"""Roles and what they allow: the tables of the contract, cell by cell."""

from itertools import product

import pytest

from owox.roles import Owner, Role, may_see_destination, may_see_storage, may_use_mart

VIEWER, EDITOR, ADMIN = Role.VIEWER, Role.EDITOR, Role.ADMIN


def test_each_role_includes_those_before_it():
    included = {role: [other for other in Role if role.includes(other)] for role in Role}

    assert included == {VIEWER: [VIEWER], EDITOR: [VIEWER, EDITOR], ADMIN: [VIEWER, EDITOR, ADMIN]}


def test_roles_are_named_as_people_know_them():
    assert [role.display for role in Role] == ["Business User", "Technical User", "Project Admin"]


@pytest.mark.parametrize(
    ("reporting", "maintenance", "allowed"),
    [
        (False, False, {ADMIN}),
        (True, False, {VIEWER, EDITOR, ADMIN}),
        (False, True, {EDITOR, ADMIN}),
        (True, True, {VIEWER, EDITOR, ADMIN}),
    ],
)
def test_sharing_decides_who_may_use_a_mart_that_they_do_not_own(
    reporting: bool, maintenance: bool, allowed: set[Role]
):
    """Z1; contract.md 6.2."""
    able = {role for role in Role if may_use_mart(role, None, reporting=reporting, maintenance=maintenance)}

    assert able == allowed


def test_owners_may_always_use_their_mart():
    for role, owner, reporting, maintenance in product(Role, Owner, (True, False), (True, False)):
        assert may_use_mart(role, owner, reporting=reporting, maintenance=maintenance)


@pytest.mark.parametrize(
    ("owned", "shared", "allowed"),
    [
        (False, False, {ADMIN}),
        (False, True, {EDITOR, ADMIN}),
        (True, False, {VIEWER, EDITOR, ADMIN}),
        (True, True, {VIEWER, EDITOR, ADMIN}),
    ],
)
def test_viewers_see_only_storages_of_their_own(owned: bool, shared: bool, allowed: set[Role]):
    """Z1; contract.md 6.4."""
    assert {role for role in Role if may_see_storage(role, owned=owned, shared=shared)} == allowed


@pytest.mark.parametrize(
    ("owned", "shared", "allowed"),
    [(False, False, {ADMIN}), (False, True, set(Role)), (True, False, set(Role)), (True, True, set(Role))],
)
def test_shared_destinations_are_seen_by_everyone(owned: bool, shared: bool, allowed: set[Role]):
    """Z1; contract.md 6.4."""
    assert {role for role in Role if may_see_destination(role, owned=owned, shared=shared)} == allowed

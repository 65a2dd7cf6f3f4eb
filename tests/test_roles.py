"""Roles and what they allow: the tables of the contract, written out by hand, cell by cell."""

from itertools import product

import pytest

from owox.roles import (
    Action,
    Owner,
    Role,
    destination_actions,
    mart_actions,
    may_list_storage,
    storage_actions,
)

VIEWER, EDITOR, ADMIN = Role.VIEWER, Role.EDITOR, Role.ADMIN
TECHNICAL, BUSINESS = Owner.TECHNICAL, Owner.BUSINESS
FLAGS = ((False, False), (True, False), (False, True), (True, True))  # the columns of the tables below

NONE: set[str] = set()
SEE_USE = {"see", "use"}
MART_EDIT = {"see", "use", "edit", "delete", "manage triggers"}
MART_ALL = {"see", "use", "edit", "delete", "configure sharing", "manage owners", "manage triggers"}
COPY = {"see", "use", "copy credentials", "edit", "delete"}
ALL = {"see", "use", "copy credentials", "edit", "delete", "configure sharing", "manage owners"}

MARTS = {  #                       not shared  reporting  maintenance  both
    (ADMIN, ()):                   (MART_ALL,  MART_ALL,  MART_ALL,    MART_ALL),
    (ADMIN, (TECHNICAL,)):         (MART_ALL,  MART_ALL,  MART_ALL,    MART_ALL),
    (ADMIN, (BUSINESS,)):          (MART_ALL,  MART_ALL,  MART_ALL,    MART_ALL),
    (EDITOR, (TECHNICAL,)):        (MART_ALL,  MART_ALL,  MART_ALL,    MART_ALL),
    (EDITOR, (BUSINESS,)):         (SEE_USE,   SEE_USE,   MART_EDIT,   MART_EDIT),
    (EDITOR, (TECHNICAL, BUSINESS)): (MART_ALL, MART_ALL, MART_ALL,    MART_ALL),
    (EDITOR, ()):                  (NONE,      SEE_USE,   MART_EDIT,   MART_EDIT),
    (VIEWER, (TECHNICAL,)):        (SEE_USE,   SEE_USE,   SEE_USE,     SEE_USE),
    (VIEWER, (BUSINESS,)):         (SEE_USE,   SEE_USE,   SEE_USE,     SEE_USE),
    (VIEWER, (TECHNICAL, BUSINESS)): (SEE_USE, SEE_USE,   SEE_USE,     SEE_USE),
    (VIEWER, ()):                  (NONE,      SEE_USE,   NONE,        SEE_USE),
}  # fmt: skip
STORAGES = {  #      not shared  use      maintenance  both
    (ADMIN, True):   (ALL,       ALL,     ALL,         ALL),
    (ADMIN, False):  (ALL,       ALL,     ALL,         ALL),
    (EDITOR, True):  (ALL,       ALL,     ALL,         ALL),
    (EDITOR, False): (NONE,      SEE_USE, COPY,        COPY),
    (VIEWER, True):  (NONE,      NONE,    NONE,        NONE),
    (VIEWER, False): (NONE,      NONE,    NONE,        NONE),
}  # fmt: skip
DESTINATIONS = {  #  not shared  use      maintenance  both
    (ADMIN, True):   (ALL,       ALL,     ALL,         ALL),
    (ADMIN, False):  (ALL,       ALL,     ALL,         ALL),
    (EDITOR, True):  (ALL,       ALL,     ALL,         ALL),
    (EDITOR, False): (NONE,      SEE_USE, COPY,        COPY),
    (VIEWER, True):  (ALL,       ALL,     ALL,         ALL),
    (VIEWER, False): (NONE,      SEE_USE, COPY,        COPY),
}  # fmt: skip
LISTED_STORAGES = {
    (ADMIN, True): (True, True, True, True),
    (ADMIN, False): (True, True, True, True),
    (EDITOR, True): (True, True, True, True),
    (EDITOR, False): (False, True, True, True),
    (VIEWER, True): (True, True, True, True),
    (VIEWER, False): (False, False, False, False),
}


def test_each_role_includes_those_before_it():
    included = {role: [other for other in Role if role.includes(other)] for role in Role}

    assert included == {VIEWER: [VIEWER], EDITOR: [VIEWER, EDITOR], ADMIN: [VIEWER, EDITOR, ADMIN]}


def test_roles_are_named_as_people_know_them():
    assert [role.display for role in Role] == ["Business User", "Technical User", "Project Admin"]


@pytest.mark.parametrize(("role", "kinds"), MARTS)
def test_role_ownership_and_sharing_decide_about_a_data_mart(role: Role, kinds: tuple[Owner, ...]):
    """Z1, Z3; contract.md 6.2."""
    for (reporting, maintenance), expected in zip(FLAGS, MARTS[role, kinds], strict=True):
        assert mart_actions(role, kinds, reporting=reporting, maintenance=maintenance) == expected


@pytest.mark.parametrize(("role", "owned"), STORAGES)
def test_role_ownership_and_sharing_decide_about_a_storage(role: Role, owned: bool):
    """Z1, Z3; contract.md 6.2."""
    for (use, maintenance), expected in zip(FLAGS, STORAGES[role, owned], strict=True):
        assert storage_actions(role, owned=owned, use=use, maintenance=maintenance) == expected


@pytest.mark.parametrize(("role", "owned"), DESTINATIONS)
def test_role_ownership_and_sharing_decide_about_a_destination(role: Role, owned: bool):
    """Z1, Z3; contract.md 6.2."""
    for (use, maintenance), expected in zip(FLAGS, DESTINATIONS[role, owned], strict=True):
        assert destination_actions(role, owned=owned, use=use, maintenance=maintenance) == expected


@pytest.mark.parametrize(("role", "owned"), LISTED_STORAGES)
def test_viewers_find_only_storages_of_their_own_in_the_list(role: Role, owned: bool):
    """Z1; contract.md 6.4."""
    for (use, maintenance), expected in zip(FLAGS, LISTED_STORAGES[role, owned], strict=True):
        assert may_list_storage(role, owned=owned, use=use, maintenance=maintenance) is expected


def test_the_tables_here_speak_of_every_case():
    assert {role for role, _ in MARTS} == set(Role)
    assert {kinds for role, kinds in MARTS if role is EDITOR} == {kinds for role, kinds in MARTS if role is VIEWER}
    assert set(STORAGES) == set(DESTINATIONS) == set(LISTED_STORAGES) == set(product(Role, (True, False)))
    assert {action.value for action in Action} == MART_ALL | ALL

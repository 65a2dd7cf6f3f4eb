"""Roles and what they allow: pure tables (contract.md 6), no database, no request."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A member's role in a project; each includes what the ones before it may do."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def display(self) -> str:
        """The name that people read (contract.md 2.4)."""
        return _DISPLAY[self]

    def includes(self, needed: "Role") -> bool:
        """Whether this role may do what ``needed`` may."""
        return _RANK[self] >= _RANK[needed]


_DISPLAY: Final = {Role.VIEWER: "Business User", Role.EDITOR: "Technical User", Role.ADMIN: "Project Admin"}
_RANK: Final = {role: rank for rank, role in enumerate(Role)}


class Owner(StrEnum):
    """How a member owns a data mart."""

    TECHNICAL = "technical"
    BUSINESS = "business"


class Action(StrEnum):
    """What a member may be allowed to do with a data mart, a storage or a destination (contract.md 6.1)."""

    SEE = "see"
    USE = "use"
    EDIT = "edit"
    DELETE = "delete"
    CONFIGURE_SHARING = "configure sharing"
    MANAGE_OWNERS = "manage owners"
    MANAGE_TRIGGERS = "manage triggers"
    COPY_CREDENTIALS = "copy credentials"


Actions = frozenset[Action]
_NOTHING: Final[Actions] = frozenset()
_USE: Final[Actions] = frozenset({Action.SEE, Action.USE})
_CHANGE: Final[Actions] = _USE | {Action.EDIT, Action.DELETE}
_MAINTAIN_MART: Final[Actions] = _CHANGE | {Action.MANAGE_TRIGGERS}
_MAINTAIN_THING: Final[Actions] = _CHANGE | {Action.COPY_CREDENTIALS}
_RULE: Final[Actions] = frozenset({Action.CONFIGURE_SHARING, Action.MANAGE_OWNERS})
MART_ACTIONS: Final[Actions] = _MAINTAIN_MART | _RULE
THING_ACTIONS: Final[Actions] = _MAINTAIN_THING | _RULE

# What somebody who is no owner may do, by (shared for reporting or use, shared for maintenance); no entry: nothing.
_Shared = dict[tuple[bool, bool], Actions]
_MART_SHARED: Final[dict[Role, _Shared]] = {
    Role.EDITOR: {(True, False): _USE, (False, True): _MAINTAIN_MART, (True, True): _MAINTAIN_MART},
    Role.VIEWER: {(True, False): _USE, (True, True): _USE},
}
_THING_SHARED: Final[_Shared] = {
    (True, False): _USE,
    (False, True): _MAINTAIN_THING,
    (True, True): _MAINTAIN_THING,
}


def mart_actions(role: Role, kinds: Collection[Owner], *, reporting: bool, maintenance: bool) -> Actions:
    """What a member may do with a data mart (contract.md 6.2).

    ``kinds`` are the ways in which they own it, ``reporting`` and ``maintenance`` its two sharing flags.
    """
    if role is Role.ADMIN or (role is Role.EDITOR and Owner.TECHNICAL in kinds):
        return MART_ACTIONS
    owned = _USE if kinds else _NOTHING
    return owned | _MART_SHARED[role].get((reporting, maintenance), _NOTHING)


def storage_actions(role: Role, *, owned: bool, use: bool, maintenance: bool) -> Actions:
    """What a member may do with a storage (contract.md 6.2); viewers nothing, even with one of their own."""
    if role is Role.VIEWER:
        return _NOTHING
    return destination_actions(role, owned=owned, use=use, maintenance=maintenance)


def destination_actions(role: Role, *, owned: bool, use: bool, maintenance: bool) -> Actions:
    """What a member may do with a destination (contract.md 6.2), the same for editors and viewers."""
    if role is Role.ADMIN or owned:
        return THING_ACTIONS
    return _THING_SHARED.get((use, maintenance), _NOTHING)


def may_list_storage(role: Role, *, owned: bool, use: bool, maintenance: bool) -> bool:
    """Whether a storage stands in the member's list: viewers see their own there (contract.md 6.4)."""
    if role is Role.VIEWER:
        return owned
    return Action.SEE in storage_actions(role, owned=owned, use=use, maintenance=maintenance)

"""Roles and what they allow: pure tables (contract.md 6), no database, no request."""

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


def may_use_mart(role: Role, owner: Owner | None, *, reporting: bool, maintenance: bool) -> bool:
    """Whether a member may see a data mart and read its rows (contract.md 6.2; seeing and using never differ).

    ``reporting`` and ``maintenance`` are the mart's two sharing flags.
    """
    if role is Role.ADMIN or owner is not None or reporting:
        return True
    return maintenance and role is Role.EDITOR


def may_see_storage(role: Role, *, owned: bool, shared: bool) -> bool:
    """Whether a storage stands in the member's list (contract.md 6.4): viewers see only their own."""
    return role is Role.ADMIN or owned or (shared and role is Role.EDITOR)


def may_see_destination(role: Role, *, owned: bool, shared: bool) -> bool:
    """Whether a destination stands in the member's list (contract.md 6.4)."""
    return role is Role.ADMIN or owned or shared

"""What the row menu of an API key offers: the acts that its state allows, to its owner and to admins."""

from dataclasses import dataclass
from typing import Final

from flask import url_for

from owox.access import caller
from owox.keys import State
from owox.services import keys, rotation
from owox.services.errors import Conflict
from owox.services.keys import KeyInfo


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the menu; ``endpoint`` is the dialog's."""

    endpoint: str
    label: str
    icon: str
    final: bool = False

    def url(self, key: KeyInfo) -> str:
        """Where its dialog is."""
        return url_for(self.endpoint, project_id=caller().project_id, key_id=key.id)


_RENAME: Final = Act("api_keys.rename_form", "Edit name", "pencil")
_EXPIRY: Final = Act("api_keys.expiry_form", "Edit expiry", "calendar-clock")
_ROTATE: Final = Act("api_keys.rotate_form", "Rotate", "refresh-cw")
_SUSPEND: Final = Act("api_keys.suspend_form", "Suspend", "pause")
_RESUME: Final = Act("api_keys.resume_form", "Resume", "play")
_REVOKE: Final = Act("api_keys.revoke_form", "Revoke", "ban", final=True)
_REVOKE_ANY: Final = Act("project_keys.revoke_form", "Revoke", "ban", final=True)


def for_owner(key: KeyInfo) -> list[Act]:
    """What its owner may do with a key as it is."""
    if key.state is State.REVOKED:
        return []
    possible = {
        _RENAME: True,
        _EXPIRY: not keys.why_it_ends_so(key),
        _ROTATE: not rotation.why_not(key),
        _SUSPEND: key.state is State.ACTIVE,
        _RESUME: key.state is State.SUSPENDED,
        _REVOKE: True,
    }
    return [act for act, allowed in possible.items() if allowed]


def for_admin(key: KeyInfo) -> list[Act]:
    """What an admin may do with anybody's key."""
    return [] if key.state is State.REVOKED else [_REVOKE_ANY]


def check_open(key: KeyInfo, act: str) -> None:
    """Raise ``Conflict`` for a key that was revoked since the list was shown whose menu offers the act."""
    if key.state is State.REVOKED:
        cannot = "" if act == "revoked" else f" It cannot be {act}."
        raise Conflict(f"This API key is revoked already.{cannot}")

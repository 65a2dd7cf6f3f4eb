"""Activity, for admins: what members and their API keys did in the project."""

import json
import re
from contextlib import suppress
from datetime import datetime
from typing import Final

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from owox.access import caller, member
from owox.models import db
from owox.roles import Role
from owox.services import activity
from owox.services.activity import Event
from owox.web import times
from owox.web.screen import answer

blueprint = Blueprint("activity", __name__, url_prefix="/projects/<project_id>/activity")
_ID: Final = re.compile(r"[0-9a-f-]{36}", re.ASCII)
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}\+00:00", re.ASCII)
_LONGEST: Final = 200
# An act that is not here is shown by the name that the log has for it.
_ACTS: Final = {
    "api_key.create": "Created an API key",
    "api_key.rename": "Renamed an API key",
    "api_key.change_expiry": "Changed the expiry of an API key",
    "api_key.rotate": "Rotated an API key",
    "api_key.suspend": "Suspended an API key",
    "api_key.resume": "Resumed an API key",
    "api_key.revoke": "Revoked an API key",
    "api_key.end_again": "Ended an API key again, after an older database was put back",
    "member.create": "Created a member’s account",
    "member.disable": "Disabled a member",
    "member.enable": "Enabled a member",
    "membership.create": "Added a member",
    "membership.change_role": "Changed a member’s role",
    "membership.end": "Removed a member",
    "membership.end_again": "Removed a member again, after an older database was put back",
    "invitation.create": "Invited a member",
    "invitation.withdraw": "Withdrew an invitation",
    "invitation.accept": "Accepted an invitation",
    "project.create": "Created the project",
    "project.describe": "Changed the project’s description",
    "terminal.approve": "Approved what a terminal asked for",
    "terminal.deny": "Denied what a terminal asked for",
    "setup_link.create": "Made a link for the first member to sign up with",
    "api_key.refuse": "Tried to use an API key",
    "access.deny": "Tried what is not allowed",
    "run.cancel": "Cancelled a run",
    "terminal_sign_in.create": "Signed in from a terminal, to manage their API keys",
    "terminal_sign_in.end": "Signed out from a terminal",
}
_THINGS: Final = {"data_mart": "data mart", "storage": "storage", "destination": "destination"}
_VERBS: Final = {
    "create": "Created a",
    "update": "Changed a",
    "delete": "Deleted a",
    "rename": "Renamed a",
    "describe": "Described a",
    "define": "Defined a",
    "publish": "Published a",
    "unpublish": "Took back to draft a",
    "refresh_fields": "Read anew the fields of a",
    "set_fields": "Changed the fields of a",
    "share": "Changed the sharing of a",
    "set_owners": "Changed the owners of a",
    "rotate_secret_key": "Replaced the secret key of a",
}


@blueprint.get("")
@member(Role.ADMIN)
def listed(project_id: str) -> ResponseReturnValue:
    """What happened in the project."""
    asked = request.args.get("before", "")
    before = asked if _ID.fullmatch(asked) else None
    page = activity.page(db.session(), project_id, before)
    newest = url_for("activity.listed", project_id=caller().project_id)
    values = {"page": page, "before": before, "newest": newest, "act": _named, "told": _told}
    return answer("activity/list.html", "activity/_list.html", **values)


def _told(event: Event) -> list[tuple[str, str]]:
    """The details of an event as names and texts, without what the page says anyway."""
    said = (event.api_key_name, event.subject_name)
    found = ((name, value) for name, value in event.details.items() if name != "project")
    return [(name.replace("_", " "), _text(name, value)) for name, value in found if value is None or value not in said]


def _text(name: str, value: object) -> str:
    """A detail as people read it: instants in their time zone, roles by their names, the rest as it stands."""
    if value is None:
        return "none"
    if name == "role" and value in list(Role):
        return Role(str(value)).display
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if _INSTANT.fullmatch(text):
        with suppress(ValueError):
            return times.local(datetime.fromisoformat(text))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _named(action: str) -> str:
    """What was done, in words."""
    noun, _, verb = action.partition(".")
    if noun in _THINGS and verb in _VERBS:
        return f"{_VERBS[verb]} {_THINGS[noun]}"
    return _ACTS.get(action, action)

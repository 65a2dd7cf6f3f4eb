"""All API Keys, for admins: the list of everybody's keys in the project, and the dialog that revokes one."""

from typing import Final

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from owox import keys as core
from owox.access import actor, caller, member, now
from owox.models import db, writing
from owox.roles import Role
from owox.services import key_list, keys
from owox.services.errors import NotFound
from owox.services.keys import KeyInfo
from owox.web import key_acts
from owox.web.key_query import ALL_STATES, Query
from owox.web.screen import answer, answer_at, back_to

blueprint = Blueprint("project_keys", __name__, url_prefix="/projects/<project_id>/settings/all-api-keys")
_DONE: Final = {"revoked": "The API key is revoked. It is refused from now on."}


@blueprint.get("")
@member(Role.ADMIN)
def listed(project_id: str) -> ResponseReturnValue:
    """Everybody's API keys."""
    query = Query.read("project_keys.listed", ALL_STATES)
    page = key_list.page_of_project(db.session(), project_id, query.filter, now())
    values = {"page": page, "query": query, "acts": key_acts.for_admin, "done": _DONE}
    return answer_at(query.url(page=page.number), "project_keys/list.html", "api_keys/_list.html", **values)


@blueprint.get("/<key_id>/revoke")
@member(Role.ADMIN)
def revoke_form(project_id: str, key_id: str) -> ResponseReturnValue:
    """Ask whether to revoke somebody's key."""
    key = _find(key_id)
    key_acts.check_open(key, "revoked")
    addresses = {"act": "project_keys.revoke", "back": "project_keys.listed"}
    return answer("api_keys/revoke.html", "api_keys/_revoke.html", key=key, **addresses)


@blueprint.post("/<key_id>/revoke")
@member(Role.ADMIN)
def revoke(project_id: str, key_id: str) -> ResponseReturnValue:
    """Revoke somebody's key, for good."""
    key = _find(key_id)
    with writing(db.session()) as session:
        keys.revoke(session, key.membership_id, key.id, actor(), now())
    address = url_for("project_keys.listed", project_id=project_id, done="revoked")
    return back_to(address, _DONE["revoked"], "keys-changed")


def _find(key_id: str) -> KeyInfo:
    """One of the project's keys; text that is no API Key ID never reaches the database."""
    if not core.is_key_id(key_id):
        raise NotFound(keys.NOT_FOUND)
    return key_list.get_of_project(db.session(), caller().project_id, key_id, now())

"""Search by keywords (contract.md 3.7)."""

from typing import Any, Final

from flask import Blueprint, Response
from werkzeug.exceptions import BadRequest

from owox.access import api, caller
from owox.api.bodies import respond
from owox.api.parameters import Parameters
from owox.models import db
from owox.roles import Role
from owox.services import search as searching
from owox.services.search import Hit, Kind, Wanted

blueprint = Blueprint("search", __name__, url_prefix="/api")
SHORTEST: Final = 2
LONGEST: Final = 256
LIMIT: Final = 25
LIMIT_MAX: Final = 50


@blueprint.get("/search")
@api(Role.VIEWER)
def search() -> Response:
    """What the caller may see and the words of ``q`` are found in, best first."""
    wanted, limit = _read()
    return respond([_shape(hit) for hit in searching.query(db.session(), caller(), wanted, limit)])


def _read() -> tuple[Wanted, int]:
    given = Parameters("q", "limit", "entityTypes", "excludeDrafts")
    limit = given.whole("limit", LIMIT, 1, LIMIT_MAX)
    drafts = not given.flag("excludeDrafts")
    kinds = _kinds(given)
    given.check()
    text = (given.text("q") or "").strip()
    if len(text) < SHORTEST:
        raise BadRequest(f"Query must be at least {SHORTEST} characters")
    if len(text) > LONGEST:
        raise BadRequest(f"Query must be at most {LONGEST} characters")
    return Wanted(text, kinds, drafts), limit


def _kinds(given: Parameters) -> tuple[Kind, ...]:
    """Those that are named, each once; all when the parameter is missing, none when it is empty."""
    listed = given.text("entityTypes")
    if listed is None:
        return tuple(Kind)
    names = [name.strip() for name in listed.split(",")] if listed.strip() else []
    if set(names) - set(Kind):
        given.refuse(f"each value in entityTypes must be one of the following values: {', '.join(Kind)}.")
        return ()
    return tuple(kind for kind in Kind if kind in names)


def _shape(hit: Hit) -> dict[str, Any]:
    return {
        "entityType": hit.kind,
        "entityId": hit.id,
        "title": hit.title,
        "description": hit.description,
        "finalScore": hit.score,
        "kwScore": hit.score,
        "vecScore": None,
    }

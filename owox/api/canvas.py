"""The canvas of models (contract.md 3.10), and insight templates, of which there are none (contract.md 3.9)."""

import re
from typing import Any, Final

from flask import Blueprint, Response

from owox.access import api, caller
from owox.api.bodies import respond
from owox.api.parameters import Parameters
from owox.models import db
from owox.roles import Role
from owox.services import canvas, storages
from owox.services.canvas import CanvasMart

blueprint = Blueprint("canvas", __name__, url_prefix="/api")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@blueprint.get("/model-canvas/data-marts")
@api(Role.VIEWER)
def list_canvas_marts() -> Response:
    """A page of the data marts of a storage, by title."""
    given = Parameters("storageId", "offset")
    offset, storage_id = given.whole("offset", 0, 0), _storage_id(given)
    given.check()
    page = canvas.page(db.session(), caller(), storage_id, offset)
    after = offset + len(page.marts)
    following = after if page.marts and after < page.total else None
    return respond({"items": [_shape(mart) for mart in page.marts], "total": page.total, "nextOffset": following})


@blueprint.get("/model-canvas/edges")
@api(Role.VIEWER)
def list_canvas_edges() -> Response:
    """How the data marts of a storage are joined: no two are."""
    given = Parameters("storageId")
    storage_id = _storage_id(given)
    given.check()
    storages.get(db.session(), caller(), storage_id)
    return respond({"edges": []})


@blueprint.get("/data-marts/insight-templates")
@api(Role.VIEWER)
def list_insight_templates() -> Response:
    """Insight templates: none. Any part of an empty list is empty, so limit and offset make no difference."""
    return respond({"insights": []})


def _storage_id(given: Parameters) -> str:
    storage_id = given.text("storageId") or ""
    if not _UUID.fullmatch(storage_id):
        given.refuse("storageId must be a UUID.")
    return storage_id


def _shape(mart: CanvasMart) -> dict[str, Any]:
    return {
        "id": mart.id,
        "title": mart.title,
        "status": mart.status,
        "description": mart.description,
        "fieldCount": mart.fields,
        "dataLastUpdated": None,
    }

"""The list of data marts (contract.md 3.2)."""

import re
from typing import Final

from flask import Blueprint, Response, request

from owox.access import api, caller, services
from owox.api.errors import ValidationFailed
from owox.models import db
from owox.roles import Role
from owox.services import mart_list

blueprint = Blueprint("marts", __name__, url_prefix="/api")
_OWNERS: Final = {None: None, "has_owners": True, "no_owners": False}


@blueprint.get("/data-marts")
@api(Role.VIEWER)
def list_marts() -> Response:
    """A page of at most 1,000 data marts, newest first."""
    offset, has_owners = _list_options()
    page = mart_list.page(db.session(), caller(), services().settings.storage_type_alias, offset, has_owners)
    after = offset + page.count
    next_offset = after if page.count and after < page.total else "null"
    body = f'{{"items":{page.items},"total":{page.total},"nextOffset":{next_offset}}}'
    return Response(body, content_type="application/json")


def _list_options() -> tuple[int, bool | None]:
    errors = [f"property {name[:100]} should not exist." for name in request.args if name not in _OPTIONS]
    offset = request.args.get("offset", "0")
    if not re.fullmatch(r"[0-9]{1,15}", offset):
        errors.append("offset must not be less than 0.")
        if not re.fullmatch(r"-[0-9]+", offset):
            errors.append("offset must be an integer number.")
    owners = request.args.get("ownerFilter")
    if owners not in _OWNERS:
        errors.append("ownerFilter must be one of the following values: has_owners, no_owners.")
    errors += [f"{name} must be given once." for name in _OPTIONS if len(request.args.getlist(name)) > 1]
    if errors:
        raise ValidationFailed(errors)
    return int(offset), _OWNERS[owners]


_OPTIONS: Final = ("offset", "ownerFilter")

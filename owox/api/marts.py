"""The list of data marts (contract.md 3.2)."""

from typing import Final

from flask import Blueprint, Response

from owox.access import api, caller, services
from owox.api.parameters import Parameters
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
    given = Parameters("offset", "ownerFilter")
    offset, owners = given.whole("offset", 0, 0), given.text("ownerFilter")
    if owners not in _OWNERS:
        given.refuse("ownerFilter must be one of the following values: has_owners, no_owners.")
    given.check()
    return offset, _OWNERS[owners]

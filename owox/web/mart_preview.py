"""The preview of a data mart: its first rows, read through the storage's engine when somebody looks."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from owox import access
from owox.access import caller, member, now, services
from owox.access.answers import RETRY_SECONDS
from owox.models import DataMart, MartStatus, db
from owox.reading.engines import StorageError
from owox.reading.query import QueryError
from owox.roles import Action, Role
from owox.services import marts, preview
from owox.services.errors import BadSetting, Unavailable
from owox.web.cells import rows_of
from owox.web.screen import answer

blueprint = Blueprint("mart_preview", __name__, url_prefix="/projects/<project_id>/data-marts/<mart_id>")


@blueprint.get("/preview")
@member(Role.VIEWER)
def shown(project_id: str, mart_id: str) -> ResponseReturnValue:
    """The first rows."""
    mart, reader, keeper = _previewable(mart_id), caller().member_id, services().keeper
    db.session.remove()  # A storage may let one wait: the database connection goes back before.
    try:
        with services().streams.place(reader):
            found = preview.read(keeper, mart, now())
    except StorageError as error:
        return _failed(mart_id, error.provider_message, 424, storage=True)
    except (BadSetting, QueryError) as error:
        return _failed(mart_id, str(error), 422)
    except Unavailable as error:
        response = _failed(mart_id, str(error), 503)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    return _answer(_still(mart_id), 200, found=found, rows=rows_of(found))


def _previewable(mart_id: str) -> DataMart:
    """Published, and usable by the caller; or a draft that the caller may edit."""
    mart = marts.get(db.session(), caller(), mart_id)
    published = mart.status == MartStatus.PUBLISHED
    return mart if published else marts.get(db.session(), caller(), mart_id, Action.EDIT)


def _still(mart_id: str) -> DataMart:
    """Decide again: what the storage gave, perhaps after long, is handed out only if that is still allowed."""
    access.check_again()
    return _previewable(mart_id)


def _failed(mart_id: str, told: str, status: int, *, storage: bool = False) -> Response:
    return _answer(_still(mart_id), status, told=told, storage=storage)


def _answer(mart: DataMart, status: int, /, **values: object) -> Response:
    may = marts.actions(caller(), mart)
    return answer("mart_preview/show.html", "mart_preview/_preview.html", status, mart=mart, may=may, **values)

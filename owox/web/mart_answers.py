"""How changes of a data mart are answered: back to its page with what was done, or a dialog that says why not."""

from typing import Final

from flask import Response, url_for

from owox.access import caller
from owox.models import DataMart, db
from owox.services import marts
from owox.services.errors import Forbidden, NotFound
from owox.web.screen import answer, back_to, leave_to, on_top, wants_part

DONE: Final = {
    "created": "The data mart is created, as a draft. Say what it reads, then publish it.",
    "details": "Title and description are saved.",
    "sharing": "The sharing is changed. It acts on the next request.",
    "owners": "The owners are changed. It acts on the next request.",
    "deleted": "The data mart is deleted. Its rows can no longer be read.",
    "defined": "The definition is saved, and the fields are read from the storage.",
    "published": "The data mart is published. Its rows can be read from now on.",
    "unpublished": "The data mart is a draft again. Its rows can no longer be read.",
    "refreshed": "The fields are as the storage has them now.",
    "field": "The field is changed. It acts on the next request.",
    "cancelled": "The run is cancelled.",
}


def find(mart_id: str) -> DataMart:
    """A data mart that the caller may see, with all that belongs to it loaded."""
    return marts.get(db.session(), caller(), mart_id)


def changed(mart_id: str, what: str, events: str = "mart-changed", *, dialog: bool = True) -> Response:
    """Back to the data mart; for htmx, a dialog goes and the parts of the page read themselves anew."""
    try:
        find(mart_id)
    except (Forbidden, NotFound):  # Whoever gave away what let them see it is led out.
        return to_list(what)
    response = back_to(_place(mart_id, what), DONE[what], events)
    if not dialog and wants_part():
        response.headers["HX-Reswap"] = "none"
    return response


def to_mart(mart_id: str, what: str) -> Response:
    """To the page of a data mart, whatever asked."""
    return leave_to(_place(mart_id, what))


def to_list(what: str) -> Response:
    """To the list, whatever asked."""
    return leave_to(url_for("data_marts.listed", project_id=caller().project_id, done=what))


def refused(mart: DataMart, title: str, told: str, status: int) -> Response:
    """A dialog that says why something was not done."""
    page, part = "data_marts/refused.html", "data_marts/_refused.html"
    return on_top(answer(page, part, status, mart=mart, title=title, told=told))


def _place(mart_id: str, what: str) -> str:
    return url_for("data_marts.shown", project_id=caller().project_id, mart_id=mart_id, done=what)

"""The runs of a data mart: who read what, how it ended, and ending one that is under way."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from owox.access import actor, caller, member, now
from owox.models import RunStatus, db, writing
from owox.roles import Action, Role
from owox.services import marts, runs
from owox.services.errors import Conflict
from owox.web.mart_answers import changed, find, refused
from owox.web.paging import page_number
from owox.web.screen import answer

blueprint = Blueprint("mart_runs", __name__, url_prefix="/projects/<project_id>/data-marts/<mart_id>/runs")


@blueprint.get("")
@member(Role.VIEWER)
def listed(project_id: str, mart_id: str) -> ResponseReturnValue:
    """Runs of a data mart."""
    mart = find(mart_id)
    part = runs.page(db.session(), caller(), mart_id, page_number())
    may = marts.actions(caller(), mart)
    return answer("mart_runs/list.html", "mart_runs/_list.html", mart=mart, part=part, may=may)


@blueprint.get("/<run_id>/cancel")
@member(Role.EDITOR)
def cancel_form(project_id: str, mart_id: str, run_id: str) -> ResponseReturnValue:
    """Ask whether to end a run."""
    mart = marts.get(db.session(), caller(), mart_id, Action.EDIT)
    info = runs.get(db.session(), caller(), mart_id, run_id)
    if info.run.status != RunStatus.RUNNING:
        return refused(mart, "Not cancelled", "The run has already finished.", 409)
    return answer("mart_runs/cancel.html", "mart_runs/_cancel.html", mart=mart, info=info)


@blueprint.post("/<run_id>/cancel")
@member(Role.EDITOR)
def cancel(project_id: str, mart_id: str, run_id: str) -> ResponseReturnValue:
    """End a run; its stream is cut."""
    try:
        with writing(db.session()) as session:
            runs.cancel(session, caller(), mart_id, run_id, actor(), now())
    except Conflict as late:
        return refused(find(mart_id), "Not cancelled", str(late), 409)
    return changed(mart_id, "cancelled", "runs-changed")

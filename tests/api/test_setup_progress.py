"""How far a project is set up, as its members are told (contract.md 3.6)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from owox.api.errors import timestamp
from owox.models import DataMart, Destination, Invitation, Storage
from owox.roles import Role
from owox.services import projects
from tests import contract, contract_project
from tests.api.actors import by_key
from tests.cast import OPERATOR, Stage, end_membership
from tests.people import invited, newcomer

PATH = "/api/project-setup-progress"
AT = datetime(2026, 3, 4, 5, 6, 7, 89000, tzinfo=UTC)
EARLIER = AT - timedelta(days=9)
NEVER = {"hasReport", "hasReportRun", "hasGoogleSheetsExtension", "hasGoogleSheetsReportRun"}


def told(stage: Stage, who: str = "vera") -> dict[str, Any]:
    """What a member is told, by their key; it is what the contract wants."""
    answer = by_key(stage, stage[who], who).send("GET", PATH).get_json()
    assert contract.problems(contract_project.SETUP_PROGRESS, answer) == []
    assert list(answer["steps"]) == contract_project.STEPS
    assert answer["progress"] == 10 * sum(step["done"] for step in answer["steps"].values())
    return answer


def done(stage: Stage, who: str = "vera") -> set[str]:
    """The steps that are done."""
    return {name for name, step in told(stage, who)["steps"].items() if step["done"]}


def test_a_new_project_has_done_nothing(stage: Stage):
    with stage.session() as session:
        empty = projects.create(session, "Empty", OPERATOR, AT)
    alone = newcomer(stage, Role.ADMIN, empty)

    answer = by_key(stage, alone, "vera").send("GET", PATH).get_json()

    assert (answer["version"], answer["stepsSchemaVersion"], answer["progress"]) == (1, 1, 0)
    assert set(map(str, answer["steps"].values())) == {"{'done': False, 'completedAt': None}"}


def test_steps_are_what_the_project_holds(shared_stage: Stage):
    """Also what the member does not see: vera sees no storage. Charlie's project has nothing of it."""
    answer = told(shared_stage)

    assert done(shared_stage) == done(shared_stage, "alice") == {
        "hasStorage", "hasDraftDataMart", "hasPublishedDataMart", "hasDestination", "hasTeammatesInvited",
    }  # fmt: skip
    assert answer["progress"] == 50
    assert answer["steps"]["hasPublishedDataMart"]["completedAt"] is None
    assert done(shared_stage, "charlie") == set()


def test_a_step_is_done_since_the_oldest_thing_that_does_it(stage: Stage):
    dated = {"hasStorage": Storage, "hasDraftDataMart": DataMart, "hasDestination": Destination}
    with stage.session() as session:
        for kind in dated.values():
            session.execute(update(kind).values(created_at=AT))
        session.add(
            Destination(
                project_id=stage.cast.project_id, type="GOOGLE_SHEETS", title="Sheets", config={}, created_at=EARLIER,
                modified_at=EARLIER,
            )
        )  # fmt: skip

    steps = told(stage)["steps"]

    since = {name: steps[name]["completedAt"] for name in (*dated, "hasGoogleSheetsDestination")}
    assert since == dict.fromkeys(("hasStorage", "hasDraftDataMart"), timestamp(AT)) | dict.fromkeys(
        ("hasDestination", "hasGoogleSheetsDestination"), timestamp(EARLIER)
    )


def test_a_step_is_undone_with_what_did_it(stage: Stage):
    with stage.session() as session:
        session.execute(update(DataMart).values(status="DRAFT"))
    drafts = done(stage)
    with stage.session() as session:
        for kind in (DataMart, Storage, Destination):
            session.execute(update(kind).values(deleted_at=AT))

    assert drafts == {"hasStorage", "hasDraftDataMart", "hasDestination", "hasTeammatesInvited"}
    assert done(stage) == {"hasTeammatesInvited"}
    assert NEVER.isdisjoint(drafts)


def test_teammates_are_invited_by_an_invitation_or_by_joining(stage: Stage):
    """An invitation that was withdrawn has invited nobody."""
    for name in ("bob", "vera"):
        end_membership(stage, name)
    alone = done(stage, "alice")
    invited(stage, "dan@example.com")
    by_link = done(stage, "alice")
    with stage.session() as session:
        session.execute(update(Invitation).values(withdrawn_at=AT))
    withdrawn = done(stage, "alice")
    newcomer(stage)

    assert ["hasTeammatesInvited" in each for each in (alone, by_link, withdrawn, done(stage, "alice"))] == [
        False, True, False, True,
    ]  # fmt: skip

"""The canvas of models and insight templates over the API (contract.md 3.9, 3.10)."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from owox.models import DataMart, Storage
from owox.models.base import new_id
from tests import contract, contract_project
from tests.api.actors import by_key
from tests.api.matrix.projects import CANVAS
from tests.cast import Stage

PATHS = (f"{CANVAS}/data-marts", f"{CANVAS}/edges")


def shop(stage: Stage) -> str:
    """The id of the storage that the cast's data marts are over."""
    with Session(stage.engine) as session:
        return session.scalars(select(Storage.id).where(Storage.title == "Shop file")).one()


def send(stage: Stage, who: str, path: str, **query: Any) -> tuple[int, Any]:
    """What somebody gets, by their key."""
    answer = by_key(stage, stage[who], who).send("GET", path, query_string=query)
    return answer.status_code, answer.get_json()


def page(stage: Stage, who: str = "alice", **query: Any) -> Any:
    """A page of the shop's data marts, as the contract wants it."""
    status, found = send(stage, who, PATHS[0], storageId=shop(stage), **query)
    assert (status, contract.problems(contract_project.CANVAS_PAGE, found)) == (200, [])
    return found


def fill(stage: Stage, count: int) -> None:
    """So many more data marts."""
    at = datetime.now(UTC)
    dated = {"project_id": stage.cast.project_id, "storage_id": shop(stage), "created_at": at, "modified_at": at}
    shared = {"available_for_reporting": True, "available_for_maintenance": True, "status": "DRAFT", "fields": []}
    with stage.session() as session:
        session.execute(
            insert(DataMart), [dated | shared | {"id": new_id(), "title": f"x{at:04}"} for at in range(count)]
        )


def test_data_marts_stand_by_title_with_their_fields(stage: Stage):
    """Z7: and with no more than the contract names."""
    with stage.session() as session:
        many = [{"name": f"f{at}", "type": "INTEGER", "hidden": at > 9} for at in range(300)]
        session.execute(update(DataMart).where(DataMart.title == "Orders").values(fields=many, description="Sold"))
        session.execute(update(DataMart).where(DataMart.title == "Admins only").values(fields=[]))

    found = page(stage)

    assert [item["title"] for item in found["items"]] == sorted(stage.cast.marts)
    assert (found["total"], found["nextOffset"]) == (5, None)
    by_title = {item["title"]: item for item in found["items"]}
    assert by_title["Orders"] == {
        "id": stage.cast.marts["Orders"], "title": "Orders", "status": "PUBLISHED", "description": "Sold",
        "fieldCount": 300, "dataLastUpdated": None,
    }  # fmt: skip
    assert [by_title[title]["fieldCount"] for title in ("Admins only", "Draft")] == [0, 2]
    assert by_title["Draft"]["status"] == "DRAFT"


def test_each_sees_there_what_their_list_shows(stage: Stage):
    """Z2."""
    with stage.session() as session:
        session.execute(update(DataMart).where(DataMart.title == "Draft").values(deleted_at=datetime.now(UTC)))

    titles = [item["title"] for item in page(stage, "bob")["items"]]

    assert titles == ["Kept by editors", "Orders", "Owned by bob"]


def test_a_thousand_stand_on_a_page(stage: Stage):
    fill(stage, 1_100)

    pages = [page(stage), page(stage, offset=1000), page(stage, offset=1105), page(stage, offset=9**14)]

    assert [(len(each["items"]), each["total"], each["nextOffset"]) for each in pages] == [
        (1000, 1105, 1000), (105, 1105, None), (0, 1105, None), (0, 1105, None),
    ]  # fmt: skip
    assert len({item["id"] for each in pages for item in each["items"]}) == 1105


def test_no_two_data_marts_are_joined(shared_stage: Stage):
    status, found = send(shared_stage, "bob", PATHS[1], storageId=shop(shared_stage))

    assert (status, found) == (200, {"edges": []})
    assert contract.problems(contract_project.EDGES, found) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_storage_that_one_does_not_see_is_not_shown(path: str, stage: Stage):
    """Z2: viewers see none, and a foreign id is the same as one of nothing."""
    storage_id, nothing = shop(stage), str(uuid4())
    with stage.session() as session:
        session.execute(update(Storage).values(available_for_use=False))

    assert send(stage, "vera", path, storageId=storage_id)[0] == 403
    assert send(stage, "bob", path, storageId=storage_id)[0] == 403
    assert send(stage, "alice", path, storageId=storage_id)[0] == 200
    for who, asked in (("charlie", storage_id), ("alice", nothing), ("alice", storage_id.upper())):
        status, error = send(stage, who, path, storageId=asked)
        told = f"Data Storage with id {asked} and projectId {stage[who].project_id} not found"
        assert (status, error["message"]) == (404, told)


A_UUID = "d4f6a7a2-0000-4000-8000-000000000001"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("wrong", [None, "", "1", "x" * 36, "' OR 1=1 --", "a\0b", f"{A_UUID}\n", A_UUID[:-1]])
def test_an_id_that_is_no_uuid_is_refused(wrong: str | None, path: str, shared_stage: Stage):
    """I4."""
    status, error = send(shared_stage, "alice", path, **({} if wrong is None else {"storageId": wrong}))

    assert (status, error["details"]) == (400, {"errors": [{"message": "storageId must be a UUID."}]})


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("offset=-1", ["offset must not be less than 0."]),
        ("offset=x", ["offset must not be less than 0.", "offset must be an integer number."]),
        ("offset=1&offset=2", ["offset must be given once."]),
        ("limit=5", ["property limit should not exist."]),
    ],
)
def test_a_bad_parameter_is_refused(query: str, messages: list[str], shared_stage: Stage):
    """I4."""
    path = f"{PATHS[0]}?storageId={shop(shared_stage)}&{query}"

    answer = by_key(shared_stage, shared_stage["bob"], "bob").send("GET", path)

    assert answer.status_code == 400
    assert [error["message"] for error in answer.get_json()["details"]["errors"]] == messages


@pytest.mark.parametrize("query", ["", "limit=1&offset=2", "limit=x&offset=-1", "limit=0&limit=1", "other=1"])
def test_there_are_no_insight_templates(query: str, shared_stage: Stage):
    for who in ("vera", "alice", "charlie"):
        answer = by_key(shared_stage, shared_stage[who], who).send("GET", f"/api/data-marts/insight-templates?{query}")
        assert (answer.status_code, answer.get_json()) == (200, {"insights": []})
        assert contract.problems(contract_project.TEMPLATES, answer.get_json()) == []

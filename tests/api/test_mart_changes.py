"""One data mart over the API (contract.md 3.13), from its creation to its end."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from owox.models import DataMart, Run, Storage
from tests.api.actors import Actor, by_cookie, by_key
from tests.api.matrix.marts import BODIES, EXPECTED, MARTS
from tests.api.test_isolation import told
from tests.api.things import FIELDS, a_mart
from tests.cast import ROWS, Stage


def shop(stage: Stage) -> str:
    """The id of the storage that holds orders."""
    with Session(stage.engine) as session:
        return session.scalars(select(Storage.id).where(Storage.title == "Shop file")).one()


def rows(actor: Actor, mart_id: str) -> tuple[int, list[dict]]:
    """What somebody reads of a data mart."""
    with actor.send("GET", f"/api/external/http-data/data-marts/{mart_id}.ndjson") as answer:
        if answer.status_code != 200:
            return answer.status_code, []
        return 200, [actor.stage.app.json.loads(line) for line in answer.data.splitlines()]


def put(actor: Actor, mart_id: str, what: str, **body: object) -> dict:
    """Change a data mart; return it as it is then."""
    answer = actor.send("PUT", f"{MARTS}/{mart_id}/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_data_mart_lives_from_its_creation_to_its_end(stage: Stage):
    """A key's holder makes it, others read it while it is published."""
    bob, vera = by_key(stage, stage["bob"], "bob"), by_cookie(stage, "vera")
    made = bob.send("POST", MARTS, json={"title": "Sold", "storageId": shop(stage)}).json
    sql = {"sqlQuery": "SELECT id, product FROM orders ORDER BY id"}

    defined = put(bob, made["id"], "definition", definitionType="SQL", definition=sql)
    unread = rows(vera, made["id"])
    published = put(bob, made["id"], "publish")
    read = rows(vera, made["id"])
    withdrawn = put(bob, made["id"], "unpublish")
    reread = rows(vera, made["id"])
    ended = bob.send("DELETE", f"{MARTS}/{made['id']}")

    assert made == {"id": made["id"], "title": "Sold"}
    assert (defined["definitionType"], defined["definition"], defined["status"]) == ("SQL", sql, "DRAFT")
    assert [(field["name"], field["type"]) for field in defined["schema"]["fields"]] == [
        ("id", "INTEGER"),
        ("product", "VARCHAR"),
    ]
    assert [user["fullName"] for user in published["technicalOwnerUsers"]] == ["Bob"]
    assert published["storage"] == {"id": shop(stage), "type": "DUCKDB", "title": "Shop file"}
    assert (published["status"], withdrawn["status"]) == ("PUBLISHED", "DRAFT")
    assert read == (200, [{"id": number, "product": product} for number, product in ROWS])
    assert unread == reread == (404, [])
    assert (ended.status_code, ended.data) == (200, b"")
    assert bob.send("GET", f"{MARTS}/{made['id']}").status_code == 404


def test_what_is_said_of_a_data_mart_and_its_fields_is_seen_by_its_readers(shared_stage: Stage):
    """A hidden field is no longer read."""
    bob, mart_id = by_cookie(shared_stage, "bob"), a_mart(shared_stage, status="PUBLISHED")
    put(bob, mart_id, "title", title=" Sold goods ")
    put(bob, mart_id, "description", description="Each order\nof the shop")
    fields = [{"name": "id", "hidden": True}, {"name": "product", "description": "What", "aggregations": ["COUNT"]}]
    put(bob, mart_id, "schema", fields=fields)
    put(bob, mart_id, "owners", businessOwnerIds=[shared_stage["vera"].member_id])

    vera = by_cookie(shared_stage, "vera")
    seen = vera.send("GET", f"{MARTS}/{mart_id}").json

    assert (seen["title"], seen["description"]) == ("Sold goods", "Each order\nof the shop")
    assert [(field["hidden"], field["description"]) for field in seen["schema"]["fields"]] == [
        (True, None),
        (False, "What"),
    ]
    assert seen["schema"]["fields"][1]["aggregations"] == ["COUNT"]
    assert [user["fullName"] for user in seen["businessOwnerUsers"]] == ["Vera"]
    assert rows(vera, mart_id) == (200, [{"product": product} for _, product in ROWS])
    assert put(bob, mart_id, "description", description=None)["description"] is None


def test_broken_sql_says_where_and_changes_nothing(shared_stage: Stage):
    """The data mart stays as it was, published and readable."""
    bob, mart_id = by_cookie(shared_stage, "bob"), a_mart(shared_stage, status="PUBLISHED")
    before = bob.send("GET", f"{MARTS}/{mart_id}").json

    body = {"definitionType": "SQL", "definition": {"sqlQuery": "SELECT id\nFORM orders"}}
    answer = bob.send("PUT", f"{MARTS}/{mart_id}/definition", json=body)

    assert answer.status_code == 400
    assert "line 2" in answer.json["details"]["errors"][0]["message"]
    assert bob.send("GET", f"{MARTS}/{mart_id}").json == before


def test_a_draft_without_a_definition_cannot_be_published(shared_stage: Stage):
    mart_id = a_mart(shared_stage, definition=None, definition_type=None, fields=[])

    answer = by_cookie(shared_stage, "bob").send("PUT", f"{MARTS}/{mart_id}/publish")

    assert answer.status_code == 400
    assert answer.json["details"]["errors"] == [{"message": "The data mart has no definition yet. Define it first."}]


def test_a_data_mart_whose_table_is_gone_cannot_be_published(shared_stage: Stage):
    mart_id = a_mart(shared_stage, definition={"fullyQualifiedName": "gone"})

    answer = by_cookie(shared_stage, "bob").send("PUT", f"{MARTS}/{mart_id}/publish")

    assert answer.status_code == 400
    assert "gone" in answer.json["details"]["errors"][0]["message"]


@pytest.mark.parametrize(
    ("what", "body", "message"),
    [
        ("title", {}, "title must be a string."),
        ("title", {"title": " "}, "title should not be empty."),
        ("title", {"title": "a", "status": "PUBLISHED"}, "property status should not exist."),
        ("description", {}, "description must be a string or null."),
        ("description", {"description": ""}, "description must be 1 to 10000 characters, or null."),
        ("sharing", {"availableForReporting": True}, "availableForMaintenance must be a boolean value."),
        ("owners", {"businessOwnerIds": "bob"}, "businessOwnerIds must be a list of at most 100 ids."),
        ("owners", {"technicalOwnerIds": ["x"]}, "technicalOwnerIds: x is no member of this project."),
        ("schema", {}, "fields must be a list of objects."),
        ("schema", {"fields": [{"name": "nothing"}]}, "fields: the data mart has no field nothing."),
        ("definition", {"definitionType": "SQL"}, "definition must be an object."),
        (
            "definition",
            {"definitionType": "CONNECTOR", "definition": {}},
            "definitionType must be one of the following values: SQL, TABLE, VIEW.",
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_sentence(shared_stage: Stage, what: str, body: dict, message: str):
    """Z6."""
    mart_id = a_mart(shared_stage)

    answer = by_cookie(shared_stage, "bob").send("PUT", f"{MARTS}/{mart_id}/{what}", json=body)

    assert answer.status_code == 400
    assert answer.json["details"]["errors"] == [{"message": message}]


@pytest.mark.parametrize("field", [{"name": 1}, {"name": "id", "hidden": 1}, {"name": "id", "x": 1}, "id"])
def test_settings_of_a_field_are_of_their_types(shared_stage: Stage, field: object):
    """Z6."""
    mart_id = a_mart(shared_stage)

    answer = by_cookie(shared_stage, "bob").send("PUT", f"{MARTS}/{mart_id}/schema", json={"fields": [field]})

    assert answer.status_code == 400


@pytest.mark.parametrize("rule", [rule for rule in EXPECTED if rule[1].startswith(f"{MARTS}/<mart_id>")], ids=" ".join)
def test_a_foreign_data_mart_looks_like_none(shared_stage: Stage, rule: tuple[str, str]):
    """Z2."""
    method, path = rule
    charlie, answers = by_key(shared_stage, shared_stage["charlie"], "vera"), set()

    for mart_id in (a_mart(shared_stage), str(uuid4()), "nothing"):
        filled = path.replace("<mart_id>", mart_id).replace("<run_id>", "r")
        answer = charlie.send(method, filled, **BODIES.get(rule, {}))
        answers.add((answer.status_code, told(answer.text, mart_id)))

    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


def test_fields_that_are_half_an_hour_old_are_read_again_before_rows_are(stage: Stage):
    """contract.md 4.8, step 7: a storage that fails there is a 424, and no run is recorded."""
    old = datetime.now(UTC)
    outdated = [*FIELDS, {"name": "gone", "type": "INTEGER"}]
    mart_id = a_mart(stage, status="PUBLISHED", fields=outdated, fields_read_at=old)
    with time_machine.travel(old + timedelta(minutes=31)):
        fresh = by_cookie(stage, "bob")
        read = rows(fresh, mart_id)
        with stage.session() as session:
            session.get_one(DataMart, mart_id).fields_read_at = old
            session.get_one(Storage, shop(stage)).config = {"path": "/nowhere/shop.duckdb"}
        count = runs(stage)
        failed = fresh.send("GET", f"/api/external/http-data/data-marts/{mart_id}.ndjson")

    assert read == (200, [{"id": number, "product": product} for number, product in ROWS])
    assert failed.status_code == 424
    assert runs(stage) == count


def runs(stage: Stage) -> int:
    """How many runs there are."""
    with stage.session() as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0

"""Storages made for one call each, and the answers of the calls that change them."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from werkzeug.test import TestResponse

from owox.models import DataMart, DataMartOwner, Destination, DestinationOwner, Storage, StorageOwner
from owox.models.base import new_id
from tests.api.calls import BODY, STRANGER, TWICE, Answer, sent_as, with_another_id, with_key
from tests.cast import Stage

STORAGES = "/api/data-storages"
ONE_STORAGE = f"{STORAGES}/{{storageId}}"
Table = dict[tuple[str, str], dict[int, Answer]]


def a_storage(stage: Stage, *, marts: int = 0) -> str:
    """A storage of bob's, with so many data marts; return its id."""
    now, bob = datetime.now(UTC), stage["bob"]
    dated = {"project_id": bob.project_id, "created_at": now, "modified_at": now}
    storage = Storage(id=new_id(), type="DUCKDB", title="Bob's", config={}, available_for_use=False, **dated)
    with stage.session() as session:
        session.add(storage)
        session.flush()
        session.add(StorageOwner(storage_id=storage.id, member_id=bob.member_id))
        for number in range(marts):
            mart = DataMart(
                id=new_id(), storage_id=storage.id, title=f"Mart {number}", status="DRAFT", fields=[], **dated
            )
            session.add(mart)
    return storage.id


def a_mart(stage: Stage, **values: Any) -> str:
    """A draft of bob's over the cast's storage; return its id."""
    now, bob = datetime.now(UTC), stage["bob"]
    shared = {
        "title": "Bob's", "available_for_reporting": False, "available_for_maintenance": False, "fields": FIELDS,
    }  # fmt: skip
    dated = {"project_id": bob.project_id, "created_at": now, "modified_at": now}
    with stage.session() as session:
        storage_id = session.scalars(select(Storage.id).where(Storage.title == "Shop file")).one()
        named = {"id": new_id(), "storage_id": storage_id}
        mart = DataMart(**(named | dated | shared | DEFINED | values))
        session.add(mart)
        session.flush()
        session.add(DataMartOwner(data_mart_id=mart.id, member_id=bob.member_id, kind="technical"))
    return mart.id


def a_destination(stage: Stage, kind: str = "LOOKER_STUDIO") -> str:
    """A destination of bob's; return its id."""
    now, bob = datetime.now(UTC), stage["bob"]
    dated = {"project_id": bob.project_id, "created_at": now, "modified_at": now}
    destination = Destination(id=new_id(), type=kind, title="Bob's", config={}, available_for_use=False, **dated)
    with stage.session() as session:
        session.add(destination)
        session.flush()
        session.add(DestinationOwner(destination_id=destination.id, member_id=bob.member_id))
    return destination.id


FIELDS = [{"name": "id", "type": "INTEGER"}, {"name": "product", "type": "VARCHAR"}]
DEFINED = {"status": "DRAFT", "definition_type": "TABLE", "definition": {"fullyQualifiedName": "orders"}}
MAKERS: dict[str, Callable[[Stage], str]] = {
    "{storageId}": a_storage,
    "{dataMartId}": a_mart,
    "{destinationId}": a_destination,
}


def filled(stage: Stage, path: str) -> str:
    """A path about things that were made for it."""
    for name, make in MAKERS.items():
        path = path.replace(name, make(stage)) if name in path else path
    return path


def of_own(answer: Answer, **options: Any) -> Answer:
    """The same answer, of a path that names things made for it."""
    return lambda stage, verb, path: answer(stage, verb, filled(stage, path), **options)


def of_nothing(stage: Stage, verb: str, path: str) -> TestResponse:
    """A call about what does not exist."""
    for name in MAKERS:
        path = path.replace(name, str(uuid4()))
    return with_key(stage, verb, path)


def full_storage(stage: Stage, verb: str, path: str) -> TestResponse:
    """A storage that has a data mart."""
    return with_key(stage, verb, path.replace("{storageId}", a_storage(stage, marts=1)))


REFUSED = {status: of_own(answer) for status, answer in (TWICE | STRANGER | {403: with_another_id}).items()}
READ_ONE = REFUSED | {404: of_nothing, 200: of_own(with_key)}
LABELLED = {status: of_own(answer) for status, answer in BODY.items()}


def changed(status: int = 200, **body: Any) -> dict[int, Answer]:
    """The answers of a change that takes this body."""
    return REFUSED | LABELLED | {status: of_own(partial(with_key), json=body)}


STORAGE_ANSWERS: Table = {
    ("post", STORAGES): changed(201, type="DUCKDB", title="New"),
    ("get", ONE_STORAGE): READ_ONE,
    ("put", ONE_STORAGE): changed(title="Renamed"),
    ("put", f"{ONE_STORAGE}/sharing"): changed(availableForUse=True, availableForMaintenance=True),
    ("put", f"{ONE_STORAGE}/owners"): changed(ownerIds=[]),
    ("post", f"{ONE_STORAGE}/test"): changed(),
    ("delete", ONE_STORAGE): READ_ONE | {409: full_storage},
}


def of_a_lost_file(**body: Any) -> Answer:
    """A data mart whose storage is not there."""

    def send(stage: Stage, verb: str, path: str) -> TestResponse:
        storage_id, mart_id = a_storage(stage), a_mart(stage)
        with stage.session() as session:
            session.get_one(Storage, storage_id).config = {"path": "/nowhere/shop.duckdb"}
            session.get_one(DataMart, mart_id).storage_id = storage_id
        return with_key(stage, verb, path.replace("{dataMartId}", mart_id), json=body)

    return send


def new_mart(stage: Stage, verb: str, path: str) -> TestResponse:
    """A data mart over a storage of its own."""
    return with_key(stage, verb, path, json={"title": "New", "storageId": a_storage(stage)})


MARTS = "/api/data-marts"
ONE_MART = f"{MARTS}/{{dataMartId}}"
SQL = {"definitionType": "SQL", "definition": {"sqlQuery": "SELECT id FROM orders"}}
MART_ANSWERS: Table = {
    ("post", MARTS): changed() | {201: new_mart},
    ("get", ONE_MART): READ_ONE,
    ("put", f"{ONE_MART}/definition"): changed(**SQL) | {424: of_a_lost_file(**SQL)},
    ("put", f"{ONE_MART}/publish"): changed() | {424: of_a_lost_file()},
    ("put", f"{ONE_MART}/unpublish"): changed(),
    ("post", f"{ONE_MART}/schema/refresh"): changed() | {424: of_a_lost_file()},
    ("put", f"{ONE_MART}/schema"): changed(fields=[{"name": "id", "hidden": True, "aggregations": ["COUNT"]}]),
    ("put", f"{ONE_MART}/title"): changed(title="Renamed"),
    ("put", f"{ONE_MART}/description"): changed(description="Text")
    | {413: of_own(sent_as("application/json", 140_000))},
    ("put", f"{ONE_MART}/sharing"): changed(availableForReporting=True, availableForMaintenance=True),
    ("put", f"{ONE_MART}/owners"): changed(businessOwnerIds=[]),
    ("delete", ONE_MART): READ_ONE,
}
MART_ANSWERS["post", MARTS].pop(200)


def mail_destination(stage: Stage, verb: str, path: str) -> TestResponse:
    """A destination that has no secret key."""
    return with_key(stage, verb, path.replace("{destinationId}", a_destination(stage, "EMAIL")))


DESTINATIONS = "/api/data-destinations"
ONE_DESTINATION = f"{DESTINATIONS}/{{destinationId}}"
DESTINATION_ANSWERS: Table = {
    ("post", DESTINATIONS): changed(201, type="LOOKER_STUDIO", title="New"),
    ("get", ONE_DESTINATION): READ_ONE,
    ("put", ONE_DESTINATION): changed(title="Renamed"),
    ("post", f"{ONE_DESTINATION}/rotate-secret-key"): changed() | {409: mail_destination},
    ("put", f"{ONE_DESTINATION}/sharing"): changed(availableForUse=True, availableForMaintenance=True),
    ("put", f"{ONE_DESTINATION}/owners"): changed(ownerIds=[]),
    ("delete", ONE_DESTINATION): READ_ONE,
}

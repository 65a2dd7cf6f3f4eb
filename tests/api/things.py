"""Storages made for one call each, and the answers of the calls that change them."""

from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from werkzeug.test import TestResponse

from owox.models import DataMart, Storage, StorageOwner
from owox.models.base import new_id
from tests.api.calls import BODY, STRANGER, TWICE, Answer, with_another_id, with_key
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


def filled(stage: Stage, path: str) -> str:
    """A path about things that were made for it."""
    return path.replace("{storageId}", a_storage(stage) if "{storageId}" in path else "")


def of_own(answer: Answer, **options: Any) -> Answer:
    """The same answer, of a path that names things made for it."""
    return lambda stage, verb, path: answer(stage, verb, filled(stage, path), **options)


def of_nothing(stage: Stage, verb: str, path: str) -> TestResponse:
    """A call about what does not exist."""
    return with_key(stage, verb, path.replace("{storageId}", str(uuid4())))


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

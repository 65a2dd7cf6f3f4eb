"""Storages over the API (contract.md 3.4, 3.13)."""

import secrets
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest
from sqlalchemy import select

from owox.models import AuditEvent, Storage
from tests.api.actors import by_cookie, by_key
from tests.api.matrix.storages import BODIES, EXPECTED
from tests.api.test_isolation import told
from tests.api.things import STORAGES, a_storage
from tests.cast import Stage


def test_storages_are_filtered_by_whether_somebody_owns_them(shared_stage: Stage) -> None:
    """The two answers share nothing and together are the whole list."""
    alice = shared_stage.visitor("alice")

    def ids(query: str = "") -> list[str]:
        return sorted(row["id"] for row in alice.get(f"/api/data-storages{query}").json)

    owned, unowned = ids("?ownerFilter=has_owners"), ids("?ownerFilter=no_owners")

    assert ids()
    assert sorted(owned + unowned) == ids()
    assert not set(owned) & set(unowned)


def test_storage_filter_of_another_value_is_refused(shared_stage: Stage) -> None:
    """A 400 with the contract's text; other parameters are ignored."""
    alice = shared_stage.visitor("alice")

    refused = alice.get("/api/data-storages?ownerFilter=nobody")

    assert refused.status_code == 400
    assert refused.json["message"] == "Validation failed (enum string is expected)"
    assert alice.get("/api/data-storages?anything=else").status_code == 200


def test_a_password_goes_in_and_never_comes_out(stage: Stage, tmp_path: Path) -> None:
    """K2, U4, Z7: not in an answer, a message, the audit log or the database."""
    password, admin = secrets.token_urlsafe(24), by_cookie(stage, "alice")
    address = f"postgresql://reader:{password}@127.0.0.1:1/shop"

    made = admin.send("POST", STORAGES, json={"type": "POSTGRESQL", "config": {"url": address}})
    one = f"{STORAGES}/{made.json['id']}"
    answers = [
        made,
        admin.send("PUT", one, json={"title": "Shop"}),
        admin.send("POST", f"{one}/test"),
        admin.send("PUT", one, json={"config": {"url": address + "?passfile=x"}}),
        *(admin.send("GET", path) for path in (one, STORAGES)),
    ]

    assert made.json["title"] == "PostgreSQL"
    assert made.json["config"] == {
        "host": "127.0.0.1",
        "port": 1,
        "database": "shop",
        "user": "reader",
        "sslmode": "prefer",
    }
    assert [answer.status_code for answer in answers] == [201, 200, 200, 400, 200, 200]
    assert all(password not in answer.text for answer in answers)
    with stage.session() as session:
        rows = [session.scalars(select(table)).all() for table in (Storage, AuditEvent)]
    assert password not in str([vars(row) for kind in rows for row in kind])
    assert all(password.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_storage_lives_from_its_creation_to_its_end(shared_stage: Stage) -> None:
    """Created without its path, completed, tested, shared, handed over, deleted."""
    bob, vera = by_key(shared_stage, shared_stage["bob"], "bob"), shared_stage["vera"].member_id
    folder = shared_stage.services.settings.storage_paths[0]
    folder.mkdir(exist_ok=True)
    duckdb.connect(str(folder / "lives.duckdb")).close()

    one = f"{STORAGES}/{bob.send('POST', STORAGES, json={'type': 'DUCKDB', 'title': 'Shop'}).json['id']}"
    empty = bob.send("POST", f"{one}/test").json
    completed = bob.send("PUT", one, json={"config": {"path": "lives.duckdb"}}).json
    tested = bob.send("POST", f"{one}/test").json
    shared = bob.send("PUT", f"{one}/sharing", json={"availableForUse": False, "availableForMaintenance": True}).json
    owners = bob.send("PUT", f"{one}/owners", json={"ownerIds": [vera, shared_stage["bob"].member_id, vera]}).json
    ended = bob.send("DELETE", one)

    assert (empty["valid"], empty["code"]) == (False, "STORAGE_READ_FAILED")
    assert (completed["title"], completed["config"]) == ("Shop", {"path": str(folder / "lives.duckdb")})
    assert tested == {"valid": True, "code": None, "message": None}
    assert (shared["availableForUse"], shared["availableForMaintenance"]) == (False, True)
    assert owners == {"ownerIds": [vera, shared_stage["bob"].member_id]}
    assert (ended.status_code, ended.data) == (200, b"")
    assert bob.send("GET", one).status_code == 404


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "type must be a string."),
        ({"type": "SNOWFLAKE"}, "type must be one of the following values: DUCKDB, SQLITE, POSTGRESQL."),
        ({"type": "DUCKDB", "title": " "}, "title should not be empty."),
        ({"type": "DUCKDB", "title": "x" * 256}, "title must be shorter than or equal to 255 characters."),
        ({"type": "DUCKDB", "config": []}, "config must be an object."),
        ({"type": "DUCKDB", "createdById": "x"}, "property createdById should not exist."),
        ({"type": "DUCKDB", "projectId": "x"}, "property projectId should not exist."),
        ({"type": "DUCKDB", "secret": "x"}, "property secret should not exist."),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_sentence(shared_stage: Stage, body: dict, message: str) -> None:
    """Z6."""
    answer = by_cookie(shared_stage, "bob").send("POST", STORAGES, json=body)

    assert answer.status_code == 400
    assert answer.json["details"]["errors"] == [{"message": message}]


def test_a_path_outside_the_allowed_folders_names_those_that_are(shared_stage: Stage) -> None:
    """I6."""
    body = {"type": "SQLITE", "config": {"path": "/etc/passwd"}}

    answer = by_cookie(shared_stage, "alice").send("POST", STORAGES, json=body)

    message = answer.json["details"]["errors"][0]["message"]
    assert answer.status_code == 400
    assert message.startswith("config.path must lie inside ")
    assert "OWOX_STORAGE_PATHS" in message


@pytest.mark.parametrize("rule", [rule for rule in EXPECTED if "<storage_id>" in rule[1]], ids=" ".join)
def test_a_foreign_storage_looks_like_none(shared_stage: Stage, rule: tuple[str, str]) -> None:
    """Z2."""
    method, path = rule
    charlie, answers = by_key(shared_stage, shared_stage["charlie"], "vera"), set()

    for storage_id in (a_storage(shared_stage), str(uuid4()), "nothing"):
        answer = charlie.send(method, path.replace("<storage_id>", storage_id), **BODIES.get(rule, {}))
        answers.add((answer.status_code, told(answer.text, storage_id)))

    assert len(answers) == 1
    assert next(iter(answers))[0] == 404

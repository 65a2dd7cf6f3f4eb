"""Definitions and fields of data marts, as the engine has them and as members set them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from owox.models import DataMart, Storage
from owox.models.base import new_id
from owox.reading.engines import StorageError
from owox.services import mart_definitions, marts
from owox.services.acting import Acting
from owox.services.errors import BadSetting
from owox.services.mart_definitions import FieldSettings, examine, merged
from tests.cast import Stage
from tests.services.acts import acting

ORDERS = {"sqlQuery": "SELECT id, product FROM orders"}


@dataclass(frozen=True)
class Shop:
    """A database file of this test's own, with a storage on it."""

    stage: Stage
    path: Path
    storage: Storage

    def run(self, sql: str) -> None:
        """Change the file."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(sql)

    def mart(self, by: Acting, **definition: str) -> str:
        """A draft with this definition; return its id."""
        kind = "SQL" if "sqlQuery" in definition else "TABLE"
        examined = examine(self.stage.services.keeper, self.storage, kind, definition)
        with self.stage.session() as session:
            mart = marts.create(session, by, "New", self.storage.id)
            mart_definitions.define(session, by, mart.id, examined)
        return mart.id

    def get(self, mart_id: str) -> DataMart:
        """A data mart as it is now, its storage loaded."""
        with self.stage.session() as session:
            return marts.get(session, acting(self.stage, "alice").caller, mart_id)

    def fields_at(self, mart_id: str, now: datetime) -> list[dict[str, object]]:
        """What a read at that moment works with."""
        mart = self.get(mart_id)
        fields = mart_definitions.current_fields(self.stage.services.keeper, mart, now)
        with self.stage.session() as session:
            mart_definitions.keep_fields(session, mart, fields, now)
        return fields


@pytest.fixture
def shop(stage: Stage, tmp_path: Path) -> Shop:
    """A file with a table of two columns."""
    path, now = tmp_path / "own.duckdb", datetime.now(UTC)
    storage = Storage(
        id=new_id(), project_id=stage.cast.project_id, type="DUCKDB", title="Own", config={"path": str(path)},
        created_at=now, modified_at=now,
    )  # fmt: skip
    with stage.session() as session:
        session.add(storage)
    shop = Shop(stage, path, storage)
    shop.run("CREATE TABLE orders (id INTEGER, product VARCHAR)")
    return shop


def test_a_definition_gives_the_fields_of_its_columns(shop: Shop):
    by = acting(shop.stage, "bob")
    expected = [{"name": "id", "type": "INTEGER"}, {"name": "product", "type": "VARCHAR"}]

    for definition in (ORDERS, {"fullyQualifiedName": "main.orders"}):
        mart = shop.get(shop.mart(by, **definition))
        assert (mart.fields, mart.definition, mart.status) == (expected, definition, "DRAFT")
        assert mart.fields_read_at == by.now


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FORM orders",
        "SELECT nothing FROM orders",
        "SELECT * FROM nowhere",
        "DELETE FROM orders",
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO 'x'",
        "ATTACH 'other.duckdb'",
        "PRAGMA version",
        "SELECT ?",
        "-- nothing",
        "SELECT * FROM read_csv('/etc/passwd')",
    ],
)
def test_sql_that_the_engine_refuses_is_the_definitions_fault(sql: str, shop: Shop):
    """I4: what the engine says, and nothing is stored."""
    with pytest.raises(BadSetting) as caught:
        examine(shop.stage.services.keeper, shop.storage, "SQL", {"sqlQuery": sql})

    assert caught.value.field == "definition"
    assert str(caught.value)
    assert str(shop.path.parent) not in str(caught.value)


def test_a_message_says_where_the_sql_is_broken(shop: Shop):
    for sql, position in (("SELECT id\nFORM orders", "line 2"), ("SELECT 1 +", "line 1"), ("SELECT\n  x", "line 2")):
        with pytest.raises(BadSetting, match=position):
            examine(shop.stage.services.keeper, shop.storage, "SQL", {"sqlQuery": sql})


@pytest.mark.parametrize(
    ("kind", "definition"),
    [
        ("CONNECTOR", {"sqlQuery": "SELECT 1"}),
        (None, {"sqlQuery": "SELECT 1"}),
        ("SQL", {}),
        ("SQL", {"sqlQuery": " "}),
        ("SQL", {"sqlQuery": 1}),
        ("SQL", {"sqlQuery": "SELECT 1", "limit": 1}),
        ("SQL", {"fullyQualifiedName": "orders"}),
        ("TABLE", {"sqlQuery": "SELECT 1"}),
        ("VIEW", {"fullyQualifiedName": ["orders"]}),
        ("TABLE", {"fullyQualifiedName": "orders; DROP TABLE orders"}),
        ("TABLE", {"fullyQualifiedName": 'x" UNION SELECT 1 --'}),
        ("TABLE", {"fullyQualifiedName": "a.b.c.d"}),
    ],
)
def test_a_definition_of_another_shape_is_refused(kind: str | None, definition: dict[str, object], shop: Shop):
    """I4, Z6."""
    with pytest.raises(BadSetting):
        examine(shop.stage.services.keeper, shop.storage, kind, definition)


def test_a_storage_that_is_away_is_not_the_definitions_fault(shop: Shop):
    shop.path.unlink()

    with pytest.raises(StorageError):
        examine(shop.stage.services.keeper, shop.storage, "SQL", ORDERS)


def test_what_members_set_of_a_field_stays_when_the_fields_are_read_again(shop: Shop):
    by = acting(shop.stage, "bob")
    mart_id = shop.mart(by, fullyQualifiedName="orders")
    settings = [
        FieldSettings("id", aggregations=("COUNT", "MAX")),
        FieldSettings("product", hidden=True, description="What was sold"),
    ]
    with shop.stage.session() as session:
        mart_definitions.set_fields(session, by, mart_id, settings)
    shop.run("ALTER TABLE orders ADD COLUMN price DOUBLE; ALTER TABLE orders ALTER id TYPE BIGINT")

    examined = mart_definitions.examine_again(shop.stage.services.keeper, shop.get(mart_id))
    with shop.stage.session() as session:
        mart_definitions.refresh(session, by, mart_id, examined)

    assert shop.get(mart_id).fields == [
        {"name": "id", "type": "BIGINT", "aggregations": ["COUNT", "MAX"]},
        {"name": "product", "type": "VARCHAR", "hidden": True, "description": "What was sold"},
        {"name": "price", "type": "DOUBLE"},
    ]


def test_settings_can_be_taken_back(shop: Shop):
    by = acting(shop.stage, "bob")
    mart_id = shop.mart(by, **ORDERS)

    for settings in (FieldSettings("id", True, "Text", ()), FieldSettings("id")):
        with shop.stage.session() as session:
            mart = mart_definitions.set_fields(session, by, mart_id, [settings])

    assert mart.fields == [{"name": "id", "type": "INTEGER"}, {"name": "product", "type": "VARCHAR"}]


@pytest.mark.parametrize(
    "settings",
    [
        [FieldSettings("nothing")],
        [FieldSettings("id"), FieldSettings("id", hidden=True)],
        [FieldSettings("product", aggregations=("SUM",))],
        [FieldSettings("id", aggregations=("count",))],
        [FieldSettings("id", description="x" * 2_001)],
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: list[FieldSettings], shop: Shop):
    by = acting(shop.stage, "bob")
    mart_id = shop.mart(by, **ORDERS)

    with pytest.raises(BadSetting), shop.stage.session() as session:
        mart_definitions.set_fields(session, by, mart_id, settings)

    assert shop.get(mart_id).fields[0] == {"name": "id", "type": "INTEGER"}


def test_a_data_mart_without_a_definition_cannot_be_examined(shop: Shop):
    by = acting(shop.stage, "bob")
    with shop.stage.session() as session:
        mart_id = marts.create(session, by, "Empty", shop.storage.id).id

    with pytest.raises(BadSetting, match="no definition yet"):
        mart_definitions.examine_again(shop.stage.services.keeper, shop.get(mart_id))


def test_a_read_asks_the_storage_for_the_fields_after_half_an_hour_only(shop: Shop):
    """contract.md 4.8, step 7."""
    by = acting(shop.stage, "bob")
    mart_id = shop.mart(by, fullyQualifiedName="orders")
    shop.run("ALTER TABLE orders ADD COLUMN price DOUBLE")

    early = shop.fields_at(mart_id, by.now + timedelta(minutes=29, seconds=59))
    late = shop.fields_at(mart_id, by.now + timedelta(minutes=30))

    assert [field["name"] for field in early] == ["id", "product"]
    assert [field["name"] for field in late] == ["id", "product", "price"]
    mart = shop.get(mart_id)
    assert (mart.fields, mart.fields_read_at) == (late, by.now + timedelta(minutes=30))
    assert mart.modified_at == by.now


def test_fields_that_are_read_late_never_undo_a_members_change(shop: Shop):
    """D4: the mart that a read has in hand is older than what is stored."""
    by = acting(shop.stage, "bob")
    mart_id = shop.mart(by, fullyQualifiedName="orders")
    old, later = shop.get(mart_id), Acting(by.caller, by.actor, by.now + timedelta(seconds=1))
    with shop.stage.session() as session:
        mart_definitions.set_fields(session, later, mart_id, [FieldSettings("product", hidden=True)])

    moment = by.now + timedelta(hours=1)
    fields = mart_definitions.current_fields(shop.stage.services.keeper, old, moment)
    with shop.stage.session() as session:
        mart_definitions.keep_fields(session, old, fields, moment)

    assert shop.get(mart_id).fields[1] == {"name": "product", "type": "VARCHAR", "hidden": True}


def test_a_read_of_a_storage_that_is_away_fails_as_the_storage(shop: Shop):
    by = acting(shop.stage, "bob")
    mart_id = shop.mart(by, **ORDERS)
    shop.path.unlink()

    with pytest.raises(StorageError):
        shop.fields_at(mart_id, by.now + timedelta(hours=1))


def test_merging_keeps_the_order_of_the_storage_and_forgets_what_is_gone():
    known = [{"name": "a", "type": "INT", "hidden": True}, {"name": "b", "type": "INT", "description": "B"}]

    assert merged(known, [{"name": "b", "type": "TEXT"}, {"name": "c", "type": "INT"}]) == [
        {"name": "b", "type": "TEXT", "description": "B"},
        {"name": "c", "type": "INT"},
    ]

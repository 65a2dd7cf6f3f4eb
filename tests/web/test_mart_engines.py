"""Pages of data marts over each engine: fields, preview, broken SQL with its place, and storages that refuse."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from owox.models import Storage
from owox.models.base import new_id
from tests.cast import Stage
from tests.reading.stores import TYPES, Store, made
from tests.web.browsing import HTMX
from tests.web.marts import Desk, desk

ROWS = [(1, "kettle 🫖", 12.5), (2, "", None), (3, "x" * 9_000, 5e-324)]
TITLES = {"DUCKDB": "DuckDB", "SQLITE": "SQLite", "POSTGRESQL": "PostgreSQL"}


@pytest.fixture(scope="module", params=TYPES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A table of odd values in each engine."""
    with made(request.param, tmp_path_factory.mktemp("shop"), lambda: request.getfixturevalue("postgres")) as store:
        store.rows_of_table("orders", "id INTEGER, product TEXT, price DOUBLE PRECISION", ROWS)
        yield store


def before(stage: Stage, shop: Store) -> Desk:
    """Bob before a draft over a storage."""
    now, keeper = datetime.now(UTC), stage.services.keeper
    dated = {"project_id": stage.cast.project_id, "created_at": now, "modified_at": now}
    storage = Storage(id=new_id(), type=shop.storage_type, title="Shop", **dated)
    keeper.put(storage, keeper.for_operator().check(shop.storage_type, shop.config))
    with stage.session() as session:
        session.add(storage)
    return desk(stage, storage_id=storage.id, fields=[])


def test_fields_and_values_are_shown_alike(shop: Store, shared_stage: Stage):
    at = before(shared_stage, shop)

    saved = at.post("definition", kind="SQL", sql="SELECT id, product, price\nFROM orders ORDER BY id")

    assert saved.status_code == 303, saved.text
    assert [field["name"] for field in at.kept.fields] == ["id", "product", "price"]
    page = at.part("preview")
    told = ("All 3 rows.", "kettle 🫖", "NULL", "empty text", "5e-324", "12.5", "9,000 characters")
    assert [word for word in told if word not in page] == []
    assert f"A query in the SQL of {TITLES[shop.storage_type]}." in at.part()


def test_a_table_is_read_by_its_name(shop: Store, shared_stage: Stage):
    at = before(shared_stage, shop)

    assert at.post("definition", kind="TABLE", name="orders").status_code == 303

    assert "All 3 rows." in at.part("preview")


BROKEN = [
    "SELECT id,\n  nonsense\nFROM orders", "SELECT id\nFROM orders WHERE", "SELECT 1; SELECT 2", "DELETE FROM orders",
    "SELECT 'open", "🧾",
]  # fmt: skip


@pytest.mark.parametrize("sql", BROKEN)
def test_sql_that_the_engine_refuses_stays_with_its_message(sql: str, shop: Store, shared_stage: Stage):
    at = before(shared_stage, shop)

    answer = at.post("definition", HTMX, kind="SQL", sql=sql)

    assert answer.status_code == 422
    assert 'id="sql-error"' in answer.text
    assert sql.replace("'", "&#39;") in answer.text
    assert ("(line 2, column 3)" in answer.text) is ("nonsense" in sql)


def test_a_column_that_goes_between_preview_and_read_is_said(shop: Store, shared_stage: Stage):
    shop.execute("CREATE TABLE passing AS SELECT id, product FROM orders", [])
    at = before(shared_stage, shop)
    at.post("definition", kind="TABLE", name="passing")
    assert at.get("preview").status_code == 200

    shop.execute("ALTER TABLE passing DROP COLUMN product", [])

    answer = at.get("preview", headers=HTMX)
    assert answer.status_code == 424
    assert "product" in answer.text
    at.post("refresh")
    assert "All 3 rows." in at.part("preview")
    shop.execute("DROP TABLE passing", [])
    assert at.get("preview").status_code == 424
    assert at.post("publish").status_code == 422


def test_a_storage_that_does_not_let_in_is_said_without_its_password(shop: Store, shared_stage: Stage):
    """U4: a wrong password, a file or a server that is not there."""
    wrong = secrets.token_urlsafe(24)
    if shop.storage_type == "POSTGRESQL":
        head, _, tail = shop.config["url"].partition("@")
        config = {"url": f"{head.rpartition(':')[0]}:{wrong}@{tail}"}
    else:
        config = {"path": f"{shop.config['path']}.{wrong}"}
    at = before(shared_stage, replace(shop, config=config))

    answers = [at.post("definition", HTMX, kind="TABLE", name="orders"), at.post("publish", HTMX)]

    assert [answer.status_code for answer in answers] == [424, 424]
    assert "nothing was saved" in answers[0].text
    assert shop.storage_type != "POSTGRESQL" or all(wrong not in answer.text for answer in answers)

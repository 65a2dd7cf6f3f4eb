import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from owox.reading.engines import Engine, Rows, open_engine
from owox.reading.plan import all_of
from tests.reading.stores import TYPES, Store, made

LONG = {
    "sqlQuery": "SELECT range AS id, 'page-' || range % 1000 AS page, range * 1.5 AS price,"
    " TIMESTAMP '2026-01-01' + to_seconds(range) AS at FROM range(20000000)"
}
STALLING = {"sqlQuery": "SELECT range AS id FROM range(100000000000) WHERE range < 3000 OR hash(range) = 1"}


@pytest.fixture(scope="session")
def shop_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("storage") / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE orders AS SELECT range AS id, 'text ' || range AS note FROM range(10000)")
        connection.execute("CREATE VIEW last_orders AS FROM orders WHERE id >= 9990 ORDER BY id DESC")
        connection.execute('CREATE SCHEMA "my.schema"')
        connection.execute('CREATE TABLE "my.schema"."a ""b" AS SELECT 1 AS one')
    return path


@pytest.fixture
def engine(shop_path: Path) -> Engine:
    return open_engine("DUCKDB", {"path": str(shop_path)})


@pytest.fixture(scope="module", params=TYPES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An empty storage of each engine in turn, for the tests of a module to fill."""
    folder = tmp_path_factory.mktemp("store")
    with made(request.param, folder, lambda: request.getfixturevalue("postgres")) as store:
        yield store


@pytest.fixture(scope="session", params=TYPES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Each engine in turn, with a table of 10,000 orders."""
    folder = tmp_path_factory.mktemp("shop")
    with made(request.param, folder, lambda: request.getfixturevalue("postgres")) as store:
        store.execute("CREATE TABLE orders (id INTEGER, note VARCHAR(20))", [])
        store.execute(
            "INSERT INTO orders WITH d(n) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)),"
            " r(id) AS (SELECT a.n + 10 * b.n + 100 * c.n + 1000 * e.n FROM d a, d b, d c, d e)"
            " SELECT id, 'text ' || id FROM r ORDER BY id",
            [],
        )
        yield store


def opened(engine: Engine, definition: dict[str, str], limit: int | None = None) -> Rows:
    return engine.open_rows(definition, all_of(engine.describe(definition), limit))


def read(engine: Engine, definition: dict[str, str], limit: int | None = None) -> list[dict[str, Any]]:
    rows = opened(engine, definition, limit)
    try:
        return [json.loads(line) for line in b"".join(rows).splitlines()]
    finally:
        rows.close()

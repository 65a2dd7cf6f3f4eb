"""The same tables in each engine: a store takes SQL that all of them know, and gives the engine that reads it."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from owox.reading.engines import STATEMENT_SECONDS, Engine, open_engine


@dataclass(frozen=True)
class Store:
    """``execute`` runs one statement with ``?`` for values; ``config`` opens the storage.

    ``long`` has 20 million rows, ``stalling`` 3,000 and then none for hours, ``failing`` half a million and then an
    error with ``failure`` in it.
    """

    storage_type: str
    provider: str
    config: dict[str, str]
    execute: Callable[[str, Sequence[Any]], object]
    long: str
    stalling: str
    failing: str
    failure: str

    def engine(self, seconds: float = STATEMENT_SECONDS) -> Engine:
        """The engine that reads it."""
        return open_engine(self.storage_type, self.config, seconds)

    def rows_of_table(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """Make a table with rows."""
        self.execute(f"CREATE TABLE {table} ({columns})", [])
        for row in rows:
            self.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def duckdb_store(folder: Path) -> Store:
    """A DuckDB file in a folder."""
    path = str(folder / "store.duckdb")

    def execute(sql: str, values: Sequence[Any]) -> None:
        with duckdb.connect(path) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(sql, list(values))

    return Store(
        "DUCKDB",
        "DuckDB",
        {"path": path},
        execute,
        "SELECT range AS id, 'page-' || range % 1000 AS page, range * 1.5 AS price,"
        " TIMESTAMP '2026-01-01' + to_seconds(range) AS at FROM range(20000000)",
        "SELECT range AS id FROM range(100000000000) WHERE range < 3000 OR hash(range) = 1",
        "SELECT CASE WHEN range < 500000 THEN range ELSE error('disk gone') END AS id FROM range(600000)",
        "disk gone",
    )


def sqlite_store(folder: Path) -> Store:
    """An SQLite file in a folder."""
    path = str(folder / "store.db")

    def execute(sql: str, values: Sequence[Any]) -> None:
        connection = sqlite3.connect(path)
        connection.execute(sql, list(values))
        connection.commit()
        connection.close()

    return Store(
        "SQLITE",
        "SQLite",
        {"path": path},
        execute,
        f"{_range(20_000_000)} SELECT id, 'page-' || id % 1000 AS page, id * 1.5 AS price,"
        " datetime(1767225600 + id, 'unixepoch') AS at FROM r",
        f"{_range(100_000_000_000)} SELECT id FROM r WHERE id < 3000 OR id = -1",
        f"{_range(600_000)} SELECT CASE WHEN id < 500000 THEN id ELSE abs(-9223372036854775807 - 1) END AS id FROM r",
        "integer overflow",
    )


def _range(end: int) -> str:
    return f"WITH RECURSIVE r(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM r LIMIT {end})"


STORES: dict[str, Callable[[Path], Store]] = {"DUCKDB": duckdb_store, "SQLITE": sqlite_store}

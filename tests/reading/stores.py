"""The same tables in each engine: a store takes SQL that all of them know, and gives the engine that reads it."""

import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from owox.reading.engines import STATEMENT_SECONDS, Engine, open_engine
from tests.infra.postgres import Postgres


@dataclass(frozen=True)
class Store:
    """``execute`` runs one statement with ``?`` for values; ``config`` opens the storage.

    ``long`` has 20 million rows, ``stalling`` 3,000 and then none for hours, ``failing`` half a million and then an
    error with ``failure`` in it. ``words`` are the engine's for types that have other names in the others.
    """

    storage_type: str
    provider: str
    config: dict[str, str]
    execute: Callable[[str, Sequence[Any]], object]
    long: str
    stalling: str
    failing: str
    failure: str
    words: dict[str, str] = field(default_factory=dict)

    def engine(self, seconds: float = STATEMENT_SECONDS) -> Engine:
        """The engine that reads it."""
        return open_engine(self.storage_type, self.config, seconds)

    def rows_of_table(self, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
        """Make a table with rows."""
        columns = re.sub(r"[A-Z]+(?: PRECISION)?", lambda word: self.words.get(word[0], word[0]), columns)
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


@contextmanager
def postgresql_store(server: Postgres) -> Iterator[Store]:
    """A database on a server, filled by its owner, read by a role that may only SELECT."""
    role, password = f"reader_{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    with server.connect() as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    try:
        with server.database() as url:
            yield _database(server, url.rpartition("/")[2], role, password)
    finally:
        with server.connect() as connection:
            connection.execute(f"DROP ROLE {role}")


def _database(server: Postgres, name: str, role: str, password: str) -> Store:
    def execute(sql: str, values: Sequence[Any]) -> None:
        with server.connect(name) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(sql.replace("%", "%%").replace("?", "%s") if values else sql, list(values) or None)

    for what in ("SELECT ON TABLES", "USAGE ON SCHEMAS"):
        execute(f"ALTER DEFAULT PRIVILEGES GRANT {what} TO {role}", [])
    return Store(
        "POSTGRESQL",
        "PostgreSQL",
        {"url": f"postgresql://{role}:{password}@127.0.0.1:{server.port}/{name}"},
        execute,
        "SELECT id, 'page-' || id % 1000 AS page, id * 1.5 AS price, timestamp '2026-01-01' + id * interval '1 s' AS at"
        " FROM (SELECT generate_series(0, 19999999) AS id) AS r",
        "SELECT id FROM (SELECT generate_series(0, 100000000000) AS id) AS r WHERE id < 3000 OR id = -1",
        "SELECT CASE WHEN id < 500000 THEN id ELSE 1 / (id - id) END AS id"
        " FROM (SELECT generate_series(0, 600000) AS id) AS r",
        "division by zero",
        {"DOUBLE": "double precision", "FLOAT": "real", "BLOB": "bytea"},
    )


TYPES = ("DUCKDB", "SQLITE", "POSTGRESQL")


@contextmanager
def made(storage_type: str, folder: Path, postgres: Callable[[], Postgres]) -> Iterator[Store]:
    """A new empty storage of a type; ``postgres`` gives the server when one is needed."""
    if storage_type == "POSTGRESQL":
        with postgresql_store(postgres()) as store:
            yield store
    else:
        yield (duckdb_store if storage_type == "DUCKDB" else sqlite_store)(folder)

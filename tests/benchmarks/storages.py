"""The same million rows in each kind of storage."""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from psycopg import sql

from tests.infra.postgres import running_postgres

ROWS = 1_000_000
_CREATE = """CREATE TABLE bench AS SELECT n AS id, 'Customer ' || ((CAST(n AS BIGINT) * 7919) % 4001) AS customer,
    1.5 + (n * 31) % 1000 / CAST(8 AS DOUBLE PRECISION) AS amount, {day} AS placed_on, {paid} AS paid,
    'Überseestadt, Regal ' || (n % 97) AS place FROM {numbers}"""


@dataclass(frozen=True)
class Prepared:
    """The options of ``owox storage add`` and its standard input, those that name what a mart reads there, and what
    drivers connect to, here secret or not."""

    options: tuple[str, ...]
    address: str
    given: str = ""
    reads: tuple[str, ...] = ("--table", "bench")


@contextmanager
def in_duckdb(folder: Path) -> Iterator[Prepared]:
    """A database file of DuckDB."""
    path = str(folder / "bench.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute(
            _CREATE.format(
                day="CAST(DATE '2020-01-01' + CAST(n % 2000 AS INTEGER) AS DATE)",
                paid="n % 3 = 0",
                numbers=f"range({ROWS}) AS numbers(n)",
            )
        )
    yield Prepared(("--type", "duckdb", "--path", path), path)


@contextmanager
def in_sqlite(folder: Path) -> Iterator[Prepared]:
    """A database file of SQLite, its columns declared with the types that the other engines have."""
    path = str(folder / "bench.sqlite")
    numbers = f"(WITH RECURSIVE r(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM r LIMIT {ROWS}) SELECT n FROM r)"
    created = _CREATE.format(day="date('2020-01-01', n % 2000 || ' days')", paid="n % 3 = 0", numbers=numbers)
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE bench (id INTEGER, customer TEXT, amount DOUBLE, placed_on DATE, paid BOOLEAN, place TEXT)"
    )
    connection.execute(created.replace("CREATE TABLE bench AS", "INSERT INTO bench"))
    connection.commit()
    connection.close()
    yield Prepared(("--type", "sqlite", "--path", path), path)


@contextmanager
def in_sqlite_by_sql(folder: Path) -> Iterator[Prepared]:
    """The same, read by SQL of a mart's own: only a table is read in ranges of its rowid."""
    with in_sqlite(folder) as prepared:
        yield replace(prepared, reads=("--sql", "SELECT * FROM bench"))


@contextmanager
def in_postgresql(_folder: Path) -> Iterator[Prepared]:
    """A PostgreSQL server of its own, read by a role that may do no more than that."""
    password = secrets.token_urlsafe(24)
    created = _CREATE.format(
        day="CAST(DATE '2020-01-01' + CAST(n % 2000 AS INTEGER) AS DATE)",
        paid="n % 3 = 0",
        numbers=f"generate_series(0, {ROWS - 1}) AS numbers(n)",
    )
    with running_postgres() as server, server.database() as url:
        name = url.rpartition("/")[2]
        with server.connect(name) as connection:
            connection.execute(created)
            connection.execute("VACUUM ANALYZE bench")
            connection.execute(sql.SQL("CREATE ROLE bench_reader LOGIN PASSWORD {}").format(sql.Literal(password)))
            connection.execute("GRANT SELECT ON bench TO bench_reader")
        address = f"postgresql://bench_reader:{password}@127.0.0.1:{server.port}/{name}"
        yield Prepared(("--type", "postgresql", "--url-stdin"), address, address)


STORAGES: dict[str, Callable[[Path], AbstractContextManager[Prepared]]] = {
    "DuckDB": in_duckdb,
    "SQLite": in_sqlite,
    "SQLite, SQL": in_sqlite_by_sql,
    "PostgreSQL": in_postgresql,
}

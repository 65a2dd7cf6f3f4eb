"""A mart's definition on PostgreSQL: one SELECT that can write nothing, ends in time, and reads what its role may."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from owox.reading.engines import DefinitionError, Engine, StorageError
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.infra.postgres import Postgres
from tests.reading.conftest import opened, read
from tests.reading.stores import Store, postgresql_store

SLOW = "SELECT n FROM (SELECT generate_series(1, 1000000000000) AS n) s WHERE n < 3000 OR n % 1000000007 = 0"


@pytest.fixture(scope="module")
def store(postgres: Postgres) -> Iterator[Store]:
    with postgresql_store(postgres) as store:
        store.rows_of_table("orders", "id INTEGER, note VARCHAR", [[1, "a"], [2, "b"]])
        role = role_of(store)
        for statement in (
            "CREATE SEQUENCE counter",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
            f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}",
            f"GRANT CREATE, USAGE ON SCHEMA public TO {role}",
            "CREATE TABLE closed AS SELECT 1 AS one",
            f"REVOKE ALL ON closed FROM {role}",
        ):
            store.execute(statement, [])
        yield store


@pytest.fixture
def engine(store: Store) -> Engine:
    return store.engine()


def role_of(store: Store) -> str:
    return store.config["url"].partition("://")[2].partition(":")[0]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_read_binary_file('PG_VERSION')",
        "SELECT * FROM pg_ls_dir('.') f",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/stolen')",
        "SELECT * FROM pg_authid",
        "SELECT * FROM closed",
        "SELECT nextval('counter')",
        "SELECT setval('counter', 5)",
        "SELECT * FROM orders FOR UPDATE",
        "SELECT * FROM orders FOR SHARE",
        "SELECT query_to_xml('DELETE FROM orders', true, false, '')",
        "SELECT query_to_xml('COMMIT', true, false, '')",
        "SELECT query_to_xml('SET TRANSACTION READ WRITE', true, false, '')",
        "SELECT query_to_xml('COPY orders TO PROGRAM ''id''', true, false, '')",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT set_config('transaction_isolation', 'serializable', true)",
        "SELECT set_config('session_authorization', 'owox', true)",
        "SELECT set_config('role', 'owox', true)",
        "SELECT pg_reload_conf()",
        "SELECT pg_switch_wal()",
        "SELECT pg_create_physical_replication_slot('s')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'owox'",
        "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
    ],
)
def test_a_select_cannot_write_or_leave_its_database(engine: Engine, sql: str) -> None:
    with pytest.raises(StorageError):
        read(engine, {"sqlQuery": sql})


@pytest.mark.parametrize(
    "sql",
    [
        "",
        " ; ",
        "-- nothing",
        "SELECT",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE orders",
        "SELECT 1 AS a; COMMIT",
        "COMMIT",
        "ROLLBACK",
        "BEGIN",
        "SET statement_timeout = 0",
        "SHOW server_version",
        "COPY orders TO '/tmp/stolen.csv'",
        "COPY orders TO PROGRAM 'id'",
        "COPY (SELECT 1) TO STDOUT",
        "CREATE TABLE t AS SELECT 1",
        "SELECT 1 AS a INTO t",
        "INSERT INTO orders VALUES (1, 'x') RETURNING id",
        "DELETE FROM orders RETURNING id",
        "EXPLAIN ANALYZE SELECT 1",
        "PREPARE p AS SELECT 1",
        "DECLARE c CURSOR FOR SELECT 1",
        "DO 'BEGIN END'",
        "CALL x()",
        "LISTEN x",
        "SELECT $1::int",
        "SELECT $1",
        "SELECT :name",
    ],
)
def test_anything_but_one_select_is_refused_before_it_runs(engine: Engine, sql: str) -> None:
    with pytest.raises(DefinitionError):
        engine.describe({"sqlQuery": sql})
    with pytest.raises(DefinitionError):
        engine.open_rows({"sqlQuery": sql}, all_of([Field("a", "TEXT")]))


@pytest.mark.parametrize("sql", ["SELECT 1) UNION (SELECT 2", "SELECT 1 /*", "SELEC 1", "SELECT 'a", "SELECT $a$ 1"])
def test_sql_that_only_holds_together_inside_the_read_is_refused(engine: Engine, sql: str) -> None:
    with pytest.raises(DefinitionError, match=r"syntax error|unterminated"):
        engine.describe({"sqlQuery": sql})


@pytest.mark.parametrize("definition", [
    {}, {"sqlQuery": None}, {"sqlQuery": "SELECT 1", "fullyQualifiedName": "orders"}, {"fullyQualifiedName": ""},
    {"fullyQualifiedName": "a.b.c.d"}, {"fullyQualifiedName": "public..orders"}, {"fullyQualifiedName": '"orders'},
    {"fullyQualifiedName": 7}, {"fullyQualifiedName": "orders; DROP TABLE orders"},
    {"fullyQualifiedName": "generate_series(1, 5)"}, {"fullyQualifiedName": "(SELECT 1)"},
])  # fmt: skip
def test_a_definition_that_names_nothing_is_refused(engine: Engine, definition: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        engine.describe(definition)


@pytest.mark.parametrize(
    "lift",
    [
        "set_config('statement_timeout', '0', true)",
        "set_config('statement_timeout', '0', false)",
        "set_config('idle_in_transaction_session_timeout', '0', false)",
        "set_config('default_transaction_read_only', 'off', false)",
    ],
)
def test_a_definition_that_lifts_the_limits_still_ends_in_time(store: Store, lift: str) -> None:
    engine = store.engine(seconds=0.5)
    rows = opened(engine, {"sqlQuery": f"SELECT n, {lift} AS lifted FROM ({SLOW}) AS slow"})
    started = time.monotonic()

    with pytest.raises(StorageError, match=r"longer than 0\.5 seconds"):
        list(rows)

    assert time.monotonic() - started < 10
    rows.close()


@pytest.mark.parametrize("sql", ["SELECT pg_sleep(30)", "SELECT pg_advisory_lock(7)"])
def test_a_function_that_waits_ends_in_time(store: Store, postgres: Postgres, sql: str) -> None:
    with postgres.connect(store.config["url"].rpartition("/")[2]) as other:
        other.execute("SELECT pg_advisory_lock(7)")

        with pytest.raises(StorageError, match=r"longer than 0\.5 seconds|locked by somebody"):
            opened(store.engine(seconds=0.5), {"sqlQuery": sql})


def test_a_locked_table_is_told_as_such(store: Store, postgres: Postgres) -> None:
    with postgres.connect(store.config["url"].rpartition("/")[2]) as other, other.transaction():
        other.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")

        with pytest.raises(StorageError, match=r"locked|longer"):
            store.engine(seconds=0.5).describe({"fullyQualifiedName": "orders"})


def test_what_a_definition_writes_behind_the_transaction_is_gone(store: Store, postgres: Postgres) -> None:
    """Large objects ignore a read-only transaction before PostgreSQL 16; the transaction is never committed."""
    with contextlib.suppress(StorageError):
        read(store.engine(), {"sqlQuery": "SELECT lo_from_bytea(0, 'kept') AS made"})

    with postgres.connect(store.config["url"].rpartition("/")[2]) as other:
        assert other.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchone() == (0,)
        assert other.execute("SELECT count(*) FROM orders").fetchone() == (2,)


def test_functions_planted_in_other_schemas_are_not_called(store: Store, engine: Engine) -> None:
    for planted in (
        "FUNCTION concat(text, text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'planted' $$",
        "FUNCTION to_json(text) RETURNS json LANGUAGE sql AS $$ SELECT '\"planted\"'::json $$",
        "FUNCTION set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT 'planted' $$",
        "FUNCTION replace(text, text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'planted' $$",
        "AGGREGATE sum(integer) (SFUNC = int4larger, STYPE = integer)",
        "FUNCTION yes(integer, bigint) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$",
        "OPERATOR = (LEFTARG = integer, RIGHTARG = bigint, FUNCTION = yes)",
    ):
        store.execute(f"CREATE {planted}", [])
    store.execute(f"ALTER ROLE {role_of(store)} SET search_path = public, pg_catalog", [])

    rows = read(engine, {"sqlQuery": "SELECT id, note FROM orders WHERE id = 1::bigint"})

    store.execute(f"ALTER ROLE {role_of(store)} RESET ALL", [])
    assert rows == [{"id": 1, "note": "a"}]

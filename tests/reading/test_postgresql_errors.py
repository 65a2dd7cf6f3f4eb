"""What is said when PostgreSQL gives no rows: what it said, under the right code, with no secret and no SQL of ours."""

import re
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from owox.reading.engines import DefinitionError, StorageError, open_engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.infra.postgres import Postgres
from tests.infra.relay import relay
from tests.reading.conftest import opened, read
from tests.reading.stores import Store, postgresql_store

ORDERS = {"fullyQualifiedName": "orders"}


@pytest.fixture(scope="module")
def store(postgres: Postgres) -> Iterator[Store]:
    with postgresql_store(postgres) as store:
        store.rows_of_table("orders", "id INTEGER, note TEXT", [[1, "a"], [2, "b"]])
        store.execute('CREATE SCHEMA "my.schema"', [])
        store.execute('CREATE TABLE "my.schema"."a ""b" AS SELECT 1 AS one', [])
        store.execute('CREATE TABLE "Orders" AS SELECT 2 AS "Id"', [])
        yield store


def failure(
    store: Store, *, user: str = "", password: str = "", place: str = "", database: str = "", end: str = ""
) -> StorageError:
    """The error of an address that differs from the store's in these parts."""
    head, _, tail = store.config["url"].partition("://")[2].partition("@")
    name, _, secret = head.partition(":")
    where, _, base = tail.partition("/")
    user, password, place, database = user or name, password or secret, place or where, database or base
    with pytest.raises(StorageError) as caught:
        open_engine("POSTGRESQL", {"url": f"postgresql://{user}:{password}@{place}/{database}{end}"}).check()
    for hidden in (password, place.partition(":")[0], "5432"):
        assert hidden not in str(caught.value)
    return caught.value


def test_a_wrong_password_and_an_unknown_role_are_told_alike(store: Store) -> None:
    for error in (failure(store, password="wr0ng-p4ss"), failure(store, user="nobody-such")):
        assert (error.code, error.provider_name, error.storage_type) == (
            "STORAGE_UNAUTHORIZED", "PostgreSQL", "POSTGRESQL"
        )  # fmt: skip
        assert str(error).startswith("password authentication failed for user")


def test_a_server_that_cannot_be_reached_says_how(store: Store) -> None:
    assert str(failure(store, place="127.0.0.1:1")) == "Connection refused"
    for name in ("no-such-host.invalid", "db..example.com", ".db", "d" * 64):
        assert str(failure(store, place=f"{name}:5432")) == "The name of the server could not be resolved"
    assert failure(store, place="127.0.0.1:1").code == "STORAGE_READ_FAILED"


def test_a_missing_database_and_a_server_without_tls_say_so(store: Store) -> None:
    assert str(failure(store, database="gone")) == 'database "gone" does not exist'
    assert str(failure(store, end="?sslmode=require")) == "server does not support SSL, but SSL was required"


def test_tls_that_checks_the_server_takes_the_operators_file_or_the_systems_authorities(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    without = failure(store, end="?sslmode=verify-ca"), failure(store, end="?sslmode=verify-full")
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").write_text("")
    with_file = failure(store, end="?sslmode=verify-ca"), failure(store, end="?sslmode=verify-full")

    no_tls = "server does not support SSL, but SSL was required"
    assert "verify-full takes the system's" in str(without[0])
    assert [str(error) for error in (without[1], *with_file)] == [no_tls] * 3


def test_text_that_is_not_utf_8_ends_the_read(store: Store, postgres: Postgres) -> None:
    name = f"ascii_{secrets.token_hex(4)}"
    url = store.config["url"].rpartition("/")[0] + f"/{name}"
    engine, field = open_engine("POSTGRESQL", {"url": url}), Field("v", "TEXT")
    with postgres.connect() as boss:
        boss.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
        try:
            assert read(engine, {"sqlQuery": "SELECT 'ü' AS v"}) == [{"v": "ü"}]
            with pytest.raises(StorageError, match="invalid byte sequence"):
                engine.open_rows({"sqlQuery": "SELECT E'\\xff' AS v"}, all_of([field]))
        finally:
            boss.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("url", ["postgresql://[::1", "postgresql://a:b@c/d?bogus=1", 7, None])
def test_an_address_that_is_none_is_refused_without_repeating_it(url: object) -> None:
    with pytest.raises(StorageError) as caught:
        open_engine("POSTGRESQL", {"url": url})

    assert "bogus" not in str(caught.value)


def test_a_table_that_its_role_may_not_read_is_told_by_its_code(store: Store) -> None:
    store.execute("CREATE TABLE closed AS SELECT 1 AS one", [])
    store.execute(f"REVOKE ALL ON closed FROM {store.config['url'].partition('://')[2].partition(':')[0]}", [])

    for definition in ({"fullyQualifiedName": "closed"}, {"sqlQuery": "SELECT * FROM closed"}):
        with pytest.raises(StorageError, match=r"^permission denied for table closed$") as caught:
            store.engine().describe(definition)
        assert caught.value.code == "STORAGE_PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", r'^syntax error at or near "SELEC" \(line 1, column 1\)$'),
        ("SELECT 1,\n gone FROM orders", r'^column "gone" does not exist.* \(line 2, column 2\)$'),
        ("SELECT 'ü', gone FROM orders", r"\(line 1, column 13\)$"),
        ("SELECT noet FROM orders", r'Perhaps you meant to reference the column "orders.note"'),
        ("SELECT *\nFROM nothing", r'^relation "nothing" does not exist \(line 2, column 6\)$'),
        ("SELECT 1 / 0 AS a", r"^division by zero$"),
        ("SELECT 'x'::int AS a", r'^invalid input syntax for type integer: "x" \(line 1, column 8\)$'),
        ("SELECT id FROM orders GROUP BY note", r'^column "orders.id" must appear in the GROUP BY'),
    ],
)
def test_broken_sql_is_told_in_postgresqls_words_with_its_place(store: Store, sql: str, message: str) -> None:
    with pytest.raises(StorageError, match=message) as caught:
        opened(store.engine(), {"sqlQuery": sql})

    assert isinstance(caught.value, DefinitionError) == (sql != "SELECT 1 / 0 AS a")
    assert not re.search(r"\bc0\b", str(caught.value))


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("orders", [{"id": 1, "note": "a"}, {"id": 2, "note": "b"}]),
        ("ORDERS", [{"id": 1, "note": "a"}, {"id": 2, "note": "b"}]),
        ("public.orders", [{"id": 1, "note": "a"}, {"id": 2, "note": "b"}]),
        ('"Orders"', [{"Id": 2}]),
        ('public."Orders"', [{"Id": 2}]),
        ('"my.schema"."a ""b"', [{"one": 1}]),
    ],
)
def test_a_table_is_read_by_its_name(store: Store, name: str, rows: list[dict[str, object]]) -> None:
    assert read(store.engine(), {"fullyQualifiedName": name}) == rows


def test_a_table_or_column_that_is_gone_is_named_and_nothing_else(store: Store) -> None:
    with pytest.raises(StorageError, match=r'^relation "gone" does not exist$'):
        store.engine().describe({"fullyQualifiedName": "gone"})
    with pytest.raises(StorageError, match=r'^There is no column "gone" any more$'):
        store.engine().open_rows(ORDERS, all_of([Field("gone", "BIGINT")]))


def test_a_disk_that_is_full_while_sorting_is_told(store: Store) -> None:
    role = store.config["url"].partition("://")[2].partition(":")[0]
    store.execute(f"ALTER ROLE {role} SET temp_file_limit = '64kB'", [])
    store.execute(f"ALTER ROLE {role} SET work_mem = '64kB'", [])

    with pytest.raises(StorageError, match="temporary file size exceeds temp_file_limit") as caught:
        opened(store.engine(), {"sqlQuery": "SELECT n, n || 'x' AS t FROM generate_series(1, 100000) n ORDER BY 2"})

    store.execute(f"ALTER ROLE {role} RESET ALL", [])
    assert caught.value.code == "STORAGE_READ_FAILED"


def test_a_server_that_ends_the_connection_half_way_ends_the_read(store: Store, postgres: Postgres) -> None:
    rows = opened(store.engine(), {"sqlQuery": store.long})
    next(rows)

    with postgres.connect() as boss:
        boss.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'owox'")

    with pytest.raises(StorageError, match=r"terminat|closed the connection"):
        list(rows)
    rows.close()


def test_an_ended_or_interrupted_read_leaves_no_connection(store: Store, postgres: Postgres) -> None:
    rows = opened(store.engine(), {"sqlQuery": store.stalling})
    threading.Timer(0.2, rows.interrupt).start()
    with pytest.raises(StorageError, match="Interrupted"):
        list(rows)
    rows.close()

    read(store.engine(), ORDERS)

    with postgres.connect() as boss:
        left = boss.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'owox' AND state <> 'idle'"
        ).fetchone()
    assert left == (0,)


@pytest.mark.parametrize(("limit", "said"), [(60.0, "Interrupted"), (0.3, r"longer than 0\.3 seconds")])
def test_a_server_that_falls_silent_holds_nobody(store: Store, postgres: Postgres, limit: float, said: str) -> None:
    """The relay runs in threads of this process: a wait that held them up would never end."""
    with relay(postgres.port) as between:
        url = store.config["url"].replace(f":{postgres.port}/", f":{between.port}/")
        rows = open_engine("POSTGRESQL", {"url": url}, limit).open_rows(
            {"sqlQuery": store.long}, all_of([Field("id", "INTEGER")])
        )
        between.freeze()
        if limit > 1:
            threading.Timer(0.3, rows.interrupt).start()
        started = time.monotonic()

        with pytest.raises(StorageError, match=said):
            list(rows)

        assert time.monotonic() - started < 8
        rows.close()


def test_the_environment_of_the_server_opens_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pass").write_text("*:*:*:*:stolen")
    (tmp_path / "pass").chmod(0o600)
    given = {
        "PGHOSTADDR": "192.0.2.1", "PGPASSFILE": str(tmp_path / "pass"), "PGPASSWORD": "stolen", "PGUSER": "owox",
        "PGOPTIONS": "-c default_transaction_read_only=off -c search_path=nowhere", "PGSSLMODE": "verify-full",
        "PGDATABASE": "gone", "PGAPPNAME": "other", "PGSSLCERT": "/none", "PGREQUIREAUTH": "none", "PGPORT": "1",
        "PGTARGETSESSIONATTRS": "standby", "PGCLIENTENCODING": "LATIN1", "PGCONNECT_TIMEOUT": "1",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    rows = read(
        store.engine(), {"sqlQuery": "SELECT 'ü' AS u, current_setting('application_name') AS a, id FROM orders"}
    )

    assert rows == [{"u": "ü", "a": "owox", "id": 1}, {"u": "ü", "a": "owox", "id": 2}]
    head, _, tail = store.config["url"].rpartition("@")
    user = head.rpartition("/")[2].partition(":")[0]
    with pytest.raises(StorageError, match="no password supplied") as caught:
        open_engine("POSTGRESQL", {"url": f"postgresql://{user}@{tail}"}).check()
    assert caught.value.code == "STORAGE_UNAUTHORIZED"


def test_a_server_without_the_driver_says_what_to_install() -> None:
    script = """
import sys
sys.modules["psycopg"] = None
from owox.reading.engines import StorageError, open_engine
try:
    open_engine("POSTGRESQL", {"url": "postgresql://a:b@c/d"})
except StorageError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == 'This server has no driver for POSTGRESQL: pip install "psycopg[binary]"\n'

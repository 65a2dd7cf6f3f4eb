"""The role of a PostgreSQL storage is its boundary: each way out of the database is refused, and says what to do."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from owox.reading.engines import Engine, StorageError, open_engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.infra.postgres import Postgres

TABLE = {"fullyQualifiedName": "t"}


@dataclass(frozen=True)
class Login:
    """A role with a password in a database of its own; ``run`` acts on both with all rights."""

    role: str
    engine: Engine
    run: Callable[[str], None]


@pytest.fixture
def login(postgres: Postgres) -> Iterator[Login]:
    role, password = f"role_{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    with ExitStack() as stack:
        boss = stack.enter_context(postgres.connect())
        boss.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        stack.callback(lambda: boss.execute(f"DROP ROLE {role}"))
        url = stack.enter_context(postgres.database())
        name = url.rpartition("/")[2]

        def run(statement: str) -> None:
            with postgres.connect(name) as connection:
                connection.execute(statement.replace("ROLE_NAME", role))

        run("CREATE TABLE t AS SELECT 1 AS one")
        run("GRANT SELECT ON t TO ROLE_NAME")
        engine = open_engine("POSTGRESQL", {"url": f"postgresql://{role}:{password}@127.0.0.1:{postgres.port}/{name}"})
        yield Login(role, engine, run)


def refusal(login: Login) -> str:
    """What the test of a connection says, which must be what every read says."""
    with pytest.raises(StorageError) as caught:
        login.engine.check()
    for call in (
        lambda: login.engine.describe(TABLE),
        lambda: login.engine.open_rows(TABLE, all_of([Field("one", "INTEGER")])),
    ):
        with pytest.raises(StorageError) as again:
            call()
        assert str(again.value) == str(caught.value)
    assert caught.value.code == "STORAGE_UNAUTHORIZED"
    return str(caught.value)


def test_a_role_that_may_only_select_is_fine(login: Login) -> None:
    login.engine.check()

    assert login.engine.describe(TABLE) == (Field("one", "INTEGER"),)


def test_a_superuser_is_refused(login: Login) -> None:
    login.run("ALTER ROLE ROLE_NAME SUPERUSER")

    assert refusal(login) == (
        f'The role "{login.role}" is a superuser: a data mart could reach beyond this database. To read here, give the'
        " storage a role of its own: CREATE ROLE ... LOGIN PASSWORD '...', then GRANT SELECT on what it reads."
    )


@pytest.mark.parametrize(
    "danger", ["pg_read_server_files", "pg_write_server_files", "pg_execute_server_program", "pg_signal_backend"]
)
def test_a_member_of_a_dangerous_role_is_refused(login: Login, danger: str) -> None:
    login.run(f"GRANT {danger} TO ROLE_NAME")

    assert f'is a member of "{danger}"' in refusal(login)


def test_a_member_of_a_member_is_refused_even_if_it_does_not_inherit(login: Login) -> None:
    login.run("ALTER ROLE ROLE_NAME NOINHERIT")
    login.run("CREATE ROLE ROLE_NAME_between NOLOGIN NOINHERIT")
    try:
        login.run("GRANT pg_read_server_files TO ROLE_NAME_between")
        login.run("GRANT ROLE_NAME_between TO ROLE_NAME")

        assert 'is a member of "pg_read_server_files"' in refusal(login)
    finally:
        login.run("DROP ROLE ROLE_NAME_between")


@pytest.mark.parametrize(("attribute", "why"), [("SUPERUSER", "is a superuser"), ("REPLICATION", "may replicate")])
def test_a_role_that_can_become_a_mightier_one_is_refused(login: Login, attribute: str, why: str) -> None:
    login.run(f"CREATE ROLE ROLE_NAME_above NOLOGIN {attribute}")
    try:
        login.run("GRANT ROLE_NAME_above TO ROLE_NAME")

        assert f'can become "{login.role}_above", which {why}' in refusal(login)
    finally:
        login.run("DROP ROLE ROLE_NAME_above")


def test_a_role_that_may_replicate_is_refused(login: Login) -> None:
    login.run("ALTER ROLE ROLE_NAME REPLICATION")

    assert f'The role "{login.role}" may replicate' in refusal(login)


def test_a_role_that_may_call_dblink_is_refused_until_the_right_is_gone(login: Login) -> None:
    login.run("CREATE SCHEMA links")
    login.run("CREATE EXTENSION dblink SCHEMA links")

    assert "functions of the extension dblink, such as links.dblink" in refusal(login)

    login.run("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA links FROM PUBLIC")
    login.engine.check()

    login.run("GRANT EXECUTE ON FUNCTION links.dblink_connect(text) TO ROLE_NAME")
    assert "such as links.dblink_connect(text)" in refusal(login)


@pytest.mark.parametrize("function", ["pg_read_file(text)", "pg_ls_dir(text)", "lo_import(text)"])
def test_a_role_that_may_call_a_file_function_is_refused(login: Login, function: str) -> None:
    login.run(f"GRANT EXECUTE ON FUNCTION pg_catalog.{function} TO ROLE_NAME")

    assert f"may execute {function}" in refusal(login)


def test_functions_of_the_same_name_elsewhere_are_nobodys_danger(login: Login) -> None:
    login.run("CREATE FUNCTION public.pg_read_file(text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'")
    login.run("CREATE FUNCTION public.pg_has_role(name, oid, text) RETURNS boolean LANGUAGE sql AS 'SELECT false'")
    login.run("ALTER ROLE ROLE_NAME SET search_path = public, pg_catalog")
    login.engine.check()

    login.run("ALTER ROLE ROLE_NAME SUPERUSER")

    assert "is a superuser" in refusal(login)

"""Test connection on a storage's page: what it says, and what to do."""

import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from psycopg import sql

from owox.models import Storage
from tests.api.things import a_storage
from tests.cast import Stage
from tests.infra.postgres import Postgres
from tests.web.browsing import HTMX, Visit, csrf, visit

PASSWORD = secrets.token_urlsafe(18)


@pytest.fixture(scope="module")
def reader(postgres: Postgres) -> Iterator[str]:
    """The name of a database role that may log in, and no more."""
    name = f"reader_{secrets.token_hex(4)}"
    with postgres.connect() as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), PASSWORD))
        yield name
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def created(stage: Stage, **typed: str) -> tuple[Visit, str]:
    """Bob, and the address that tests a PostgreSQL storage that he has created through its dialog."""
    bob = visit(stage, "bob")
    answer = bob.send(f"{bob.home}/storages/create", title="Warehouse", type="POSTGRESQL", host="127.0.0.1", **typed)
    return bob, f"{answer.location.partition('?')[0]}/test"


def of_a_storage(stage: Stage, **values: object) -> tuple[Visit, str]:
    """Bob, and the address that tests a storage of his with these values."""
    storage_id = a_storage(stage)
    with stage.session() as session:
        row = session.get_one(Storage, storage_id)
        for name, value in values.items():
            setattr(row, name, value)
    bob = visit(stage, "bob")
    return bob, f"{bob.home}/storages/{storage_id}/test"


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_a_storage_that_opens_is_said_to_work(headers: dict[str, str] | None, stage: Stage, tmp_path: Path):
    duckdb.connect(str(tmp_path / "shop.duckdb")).close()
    bob, address = of_a_storage(stage, config={"path": str(tmp_path / "shop.duckdb")})

    answer = bob.client.post(address, data={"csrf_token": csrf(bob.get(bob.home))}, headers=headers)

    assert answer.status_code == 200
    assert 'role="status"' in answer.text
    assert "The connection works." in answer.text
    assert ("<html" in answer.text) is (headers is None)
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"config": {"path": "/nowhere/shop.duckdb"}}, "Look at the path under Edit"),
        ({"config": {}}, "Look at the path under Edit"),
    ],
)
def test_a_failure_says_what_failed_and_what_to_do(values: dict[str, object], said: str, stage: Stage):
    """A 200 all the same: the test itself worked."""
    bob, address = of_a_storage(stage, **values)

    answer = bob.post(address)

    assert answer.status_code == 200
    assert "The connection failed." in answer.text
    assert said in answer.text


def test_a_secret_of_another_server_says_so(stage: Stage):
    """K2: after SECRET_KEY was changed without a fallback; no second advice beside the error's own."""
    bob, address = of_a_storage(stage, type="POSTGRESQL", config={"host": "db.example"}, secret="sealed elsewhere")

    answer = bob.post(address)

    assert "OWOX_SECRET_KEY" in answer.text
    assert "Look at" not in answer.text


def test_a_postgresql_database_is_reached_as_a_role_that_may_only_read(reader: str, postgres: Postgres, stage: Stage):
    server = {"port": str(postgres.port), "database": "postgres"}
    bob, address = created(stage, user=reader, password=PASSWORD, **server)
    works = bob.post(address)
    bob, address = created(stage, user="owox", password=postgres.password, **server)
    refused = bob.post(address)

    assert "The connection works." in works.text
    assert "is a superuser" in refused.text
    assert postgres.password not in refused.text


def test_a_wrong_password_is_said_and_not_repeated(reader: str, postgres: Postgres, stage: Stage):
    """K2, U4."""
    wrong = secrets.token_urlsafe(18)
    bob, address = created(stage, port=str(postgres.port), database="postgres", user=reader, password=wrong)

    answer = bob.post(address)

    assert "password authentication failed" in answer.text
    assert "or the password again, under Edit" in answer.text
    assert wrong not in answer.text


def test_no_connection_to_the_own_database_is_held_while_a_storage_lets_one_wait(stage: Stage):
    """A server that takes a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        bob, address = created(stage, port=port, database="shop", user="reader", password=PASSWORD)
        form, answers = {"csrf_token": csrf(bob.get(bob.home))}, []
        thread = threading.Thread(target=lambda: answers.append(bob.client.post(address, data=form)))

        thread.start()
        connection, _ = silent.accept()
        held = stage.engine.pool.checkedout()
        connection.close()
    thread.join()

    assert held == 0
    assert "The connection failed." in answers[0].text
    assert "Look at host, port, database and TLS under Edit" in answers[0].text

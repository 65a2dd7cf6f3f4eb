"""Test connection on a storage's page: what it says, and what to do."""

from pathlib import Path

import duckdb
import pytest

from owox.models import Storage
from tests.api.things import a_storage
from tests.cast import Stage
from tests.web.browsing import HTMX, Visit, csrf, visit


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

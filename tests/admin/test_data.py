"""`owox storage` and `owox mart`: data for a project, by script."""

import json
import secrets
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.admin.conftest import Prepared

Document = dict[str, Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with a table, in a folder that no member may name."""
    path = tmp_path / "elsewhere" / "shop.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE orders AS SELECT 1 AS id, 'lamp' AS product")
    return path


def add_storage(prepared: Prepared, path: Path | str) -> Document:
    """Add a DuckDB storage."""
    words = ["storage", "add", "--project", prepared.project_id, "--type", "duckdb", "--title", "Shop"]
    added: Document = json.loads(prepared.shell.works(*words, "--path", str(path), "--json"))
    return added


def add_mart(prepared: Prepared, storage_id: str, *more: str) -> list[str]:
    """The words that add a data mart."""
    return ["mart", "add", "--project", prepared.project_id, "--storage", storage_id, "--title", "Orders", *more]


def test_a_project_gets_its_data_by_script(prepared: Prepared, near: Prepared, file: Path):
    storage = add_storage(prepared, file)
    sql = add_mart(prepared, storage["id"], "--sql", "SELECT id FROM orders", "--publish", "--json")
    published = json.loads(prepared.shell.works(*sql))
    draft = prepared.shell.works(*add_mart(prepared, storage["id"], "--table", "main.orders")).strip()
    storages = json.loads(prepared.shell.works("storage", "list", "--json"))
    marts = json.loads(prepared.shell.works("mart", "list", "--json"))

    assert (storage["type"], storage["title"], storage["config"]) == ("DUCKDB", "Shop", {"path": str(file)})
    assert (published["status"], published["definition"]) == ("PUBLISHED", {"sqlQuery": "SELECT id FROM orders"})
    assert [field["name"] for field in published["schema"]["fields"]] == ["id"]
    assert [(each["id"], each["publishedDataMartsCount"], each["draftDataMartsCount"]) for each in storages] == [
        (storage["id"], 1, 1)
    ]
    assert [(mart["id"], mart["status"], mart["storage"]["type"]) for mart in marts] == [
        (draft, "DRAFT", "DUCKDB"),
        (published["id"], "PUBLISHED", "DUCKDB"),
    ]
    assert near.shell.works("storage", "list") == f"{storage['id']}  Shop\n"
    assert near.shell.works("mart", "list").splitlines()[0] == f"{draft}  Orders"


def test_a_path_is_meant_from_where_the_command_is_run(near: Prepared, file: Path):
    """The operator is not bound to the folders of OWOX_STORAGE_PATHS."""
    relative = file.relative_to(near.shell.instance.parent)

    assert add_storage(near, relative)["config"] == {"path": str(file)}


def test_an_address_is_read_from_standard_input_and_not_shown(prepared: Prepared):
    """K2, U4: nor is it in the message about a server that is away."""
    password = secrets.token_urlsafe(16)
    words = ["storage", "add", "--project", prepared.project_id, "--type", "postgresql", "--title", "Shop"]

    done = prepared.shell.run(
        *words, "--url-stdin", "--json", stdin=f"postgresql://reader:{password}@127.0.0.1:1/shop\n"
    )

    assert done.returncode == 0
    assert json.loads(done.stdout)["config"]["host"] == "127.0.0.1"
    assert "cannot be opened" in done.stderr
    assert password not in done.stdout + done.stderr
    assert all(password.encode() not in path.read_bytes() for path in prepared.shell.instance.glob("*"))


def test_broken_sql_makes_no_data_mart_and_says_where(near: Prepared, file: Path):
    storage_id = add_storage(near, file)["id"]

    message = near.shell.fails(*add_mart(near, storage_id, "--sql", "SELECT id\nFORM orders"))

    assert "line 2" in message
    assert json.loads(near.shell.works("mart", "list", "--json")) == []


def test_a_storage_that_is_gone_is_said_plainly(near: Prepared, file: Path):
    storage_id = add_storage(near, file)["id"]
    file.unlink()

    message = near.shell.fails(*add_mart(near, storage_id, "--table", "orders"))

    assert message.startswith("The storage cannot be read: ")


def test_unknown_ids_are_said_plainly(near: Prepared, file: Path):
    storage = ["storage", "add", "--type", "duckdb", "--title", "Shop", "--path", str(file), "--project", "nothing"]

    assert near.shell.fails(*storage) == "There is no project with the id nothing."
    assert "not found" in near.shell.fails(*add_mart(near, "nothing", "--table", "orders"))


@pytest.mark.parametrize(
    "words",
    [
        ["storage", "add", "--project", "p", "--type", "duckdb", "--title", "t"],
        ["storage", "add", "--project", "p", "--type", "duckdb", "--title", "t", "--url-stdin"],
        ["storage", "add", "--project", "p", "--type", "postgresql", "--title", "t", "--path", "x"],
        ["mart", "add", "--project", "p", "--storage", "s", "--title", "t"],
        ["mart", "add", "--project", "p", "--storage", "s", "--title", "t", "--sql", "SELECT 1", "--table", "x"],
        ["mart", "add", "--project", "p", "--storage", "s", "--title", "t", "--sql", ""],
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(words: list[str], prepared: Prepared):
    done = prepared.shell.run(*words)

    assert done.returncode == 2
    assert "Usage:" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["storage", "add", "--project", "p", "--type", "postgresql", "--title", "t", "--url-stdin"],
        ["member", "add", "bob@example.com", "--name", "Bob", "--role", "viewer", "--password-stdin"],
        ["key", "revoke", "--value-stdin"],
    ],
)
@pytest.mark.parametrize("nothing", ["", " \n"])
def test_an_empty_standard_input_is_told(words: list[str], nothing: str, near: Prepared):
    done = near.shell.run(*words, stdin=nothing)

    assert done.returncode == 2
    assert "Standard input is empty. Its first line must be " in done.stderr


def test_a_bad_address_is_told_in_the_words_of_the_command(near: Prepared):
    words = ["storage", "add", "--project", near.project_id, "--type", "postgresql", "--title", "t", "--url-stdin"]

    said = near.shell.fails(*words, stdin="mysql://a:b@c/d\n")

    assert said.startswith("The address on standard input must be of the form postgresql://")

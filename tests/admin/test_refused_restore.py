"""What `owox restore` refuses, with everything left as it was."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from owox.admin.running import alone
from tests.admin.conftest import Prepared
from tests.admin.held import database, held, kill
from tests.infra.ports import free_port
from tests.infra.server import running_server


def files(prepared: Prepared) -> dict[str, bytes]:
    """Everything in the instance folder."""
    return {path.name: path.read_bytes() for path in prepared.shell.instance.iterdir()}


def test_a_running_server_is_in_the_way_even_if_nobody_has_used_it(prepared: Prepared, backup: Path):
    """S8: the folder is held from the start to the end of the process, however it ends."""
    with running_server(prepared.shell.instance) as running:
        message = prepared.shell.fails("restore", str(backup))
        held(prepared)
        kill(running)

    assert message.startswith(f"A server is running on {prepared.shell.instance}. Stop it first")
    assert prepared.shell.works("restore", str(backup))


def test_any_process_that_serves_the_app_is_in_the_way(prepared: Prepared, backup: Path):
    """S8: `flask run` and gunicorn load app.py."""
    with prepared.shell.serving_app():
        message = prepared.shell.fails("restore", str(backup))

    assert message.startswith("A server is running on")


def test_no_server_starts_in_the_middle_of_a_restore(prepared: Prepared):
    """S8, S10."""
    with alone(prepared.shell.instance):
        message = prepared.shell.fails("serve", "--port", str(free_port()))

    assert message.startswith("A backup is being restored in")


def test_another_program_that_has_the_database_open_is_in_the_way(near: Prepared, backup: Path):
    before = files(near)
    with closing(sqlite3.connect(database(near))) as other:
        other.execute("SELECT count(*) FROM api_key").fetchall()

        message = near.shell.fails("restore", str(backup))

    assert message == f"Some program has {database(near)} open. End it first."
    assert files(near) == before


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 * 20])


def _scribble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 10 : 4096 * 12] = b"\xff" * 8192
    path.write_bytes(content)


def _other(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")


def _newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_bytes(b"no database" * 1000), "is no database"),
        (lambda path: path.write_bytes(b""), "is no database of owox"),
        (_cut, "(is damaged|cannot be read)"),
        (_scribble, "(is damaged|cannot be read)"),
        (_other, "is no database of owox"),
        (_newer, "belongs to a newer version of owox"),
        (lambda path: path.unlink(), "is no file"),
    ],
)
def test_what_cannot_be_restored_changes_nothing(
    near: Prepared, backup: Path, spoil: Callable[[Path], object], message: str
):
    """S8."""
    before = files(near)
    spoil(backup)

    said = near.shell.fails("restore", str(backup))

    assert re.search(message, said)
    assert files(near) == before


def test_the_database_itself_is_no_backup(near: Prepared, tmp_path: Path):
    (tmp_path / "link").symlink_to(database(near))

    assert "the database itself" in near.shell.fails("restore", str(tmp_path / "link"))

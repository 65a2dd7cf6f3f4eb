"""`owox doctor`: each fault that it knows is found, said with what to do, and the command changes nothing."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.admin.conftest import Prepared, prepare
from tests.admin.held import copy_of_database, database, held, revoke
from tests.admin.shell import NearShell, Shell
from tests.infra.ports import free_port
from tests.infra.server import running_server


@pytest.fixture
def port() -> int:
    """A port on which nothing listens."""
    return free_port()


def look(shell: Shell, port: int, **settings: str) -> tuple[int, dict[str, tuple[str, str]]]:
    """The exit status, and of each check the worst result with its message."""
    done = shell.run("doctor", "--json", OWOX_PORT=str(port), **settings)
    answer = json.loads(done.stdout)
    found: dict[str, tuple[str, str]] = {}
    for each in answer["findings"]:
        if found.get(each["check"], ("fine",))[0] != "mend":
            found[each["check"]] = (each["result"], each["message"])
    assert answer["healthy"] is (done.returncode == 0)
    return done.returncode, found


def spoilt(path: Path, statement: str) -> None:
    """Change a database by hand."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def contents(shell: Shell) -> dict[str, bytes]:
    """Everything in the instance folder."""
    return {path.name: path.read_bytes() for path in shell.instance.iterdir()}


def test_a_server_in_order_has_nothing_to_mend(prepared: Prepared, port: int):
    key, shell = held(prepared), prepared.shell
    with running_server(shell.instance, port=port) as running:
        key.revoke(running)
        done = shell.run("doctor", OWOX_PORT=str(port))

    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr, lines[-1]) == (0, "", "Nothing to mend.")
    assert {line.split()[0] for line in lines[:-1]} == {"fine"}
    assert f"fine  port: owox answers on 127.0.0.1:{port}." in lines
    assert "fine  journal: revocations.jsonl and the database say the same." in lines


def test_on_either_database_all_is_looked_at_and_nothing_changed(either_shell: Shell, port: int):
    prepare(either_shell)
    before = contents(either_shell)

    status, found = look(either_shell, port)

    assert status == 0
    assert list(found) == [
        "programs", "instance", "secret key", "file modes", "public origin", "port", "database", "structure", "journal",
    ]  # fmt: skip
    assert contents(either_shell) == before


def test_a_folder_that_is_not_there_is_named_and_not_made(near_shell: NearShell, port: int):
    status, found = look(near_shell, port)

    assert (status, found["instance"][0]) == (1, "mend")
    assert str(near_shell.instance) in found["instance"][1]
    assert not near_shell.instance.exists()


def test_a_folder_without_anything_waits_for_its_first_start(near_shell: NearShell, port: int):
    near_shell.instance.mkdir(mode=0o700)

    status, found = look(near_shell, port)

    assert (status, found["secret key"][0], found["database"][0]) == (0, "note", "note")
    assert list(near_shell.instance.iterdir()) == []


def test_a_database_without_its_secret_key_is_to_be_mended_and_gets_no_new_one(near: Prepared, port: int):
    """K19: a new one would make stored passwords unreadable."""
    (near.shell.instance / "SECRET_KEY").unlink()

    status, found = look(near.shell, port)

    assert (status, found["secret key"][0]) == (1, "mend")
    assert "Put the file back" in found["secret key"][1]
    assert not (near.shell.instance / "SECRET_KEY").exists()


def test_a_folder_as_git_makes_it_is_fine(near: Prepared, port: int):
    """K19: what is in it is closed by itself, as after the first `make run`."""
    near.shell.instance.chmod(0o755)

    assert look(near.shell, port)[1]["file modes"][0] == "fine"


def test_what_others_can_read_or_replace_is_named_with_the_command_that_helps(near: Prepared, port: int):
    """K19."""
    journal = near.shell.instance / "revocations.jsonl"
    journal.touch(mode=0o600)
    near.shell.instance.chmod(0o777)
    for path in (journal, database(near)):
        path.chmod(0o644)

    status, found = look(near.shell, port)
    subprocess.run(found["file modes"][1].partition("Run: ")[2], shell=True, check=True)  # noqa: S602

    assert (status, found["file modes"][0]) == (1, "mend")
    assert look(near.shell, port)[1]["file modes"][0] == "fine"


@pytest.mark.parametrize(
    ("settings", "check", "result", "said"),
    [
        ({"OWOX_SECRET_KEY": "changeme"}, "settings", "mend", "must be at least 32 random characters"),
        ({"OWOX_HOST": "::"}, "settings", "mend", "Set PUBLIC_ORIGIN"),
        ({"PUBLIC_ORIGIN": "http://keys.example.com"}, "public origin", "note", "Keys travel unencrypted"),
        ({"PUBLIC_ORIGIN": "https://keys.example.com"}, "public origin", "note", "OWOX_PROXY_HOPS"),
        ({"OWOX_HOST": "10.0.0.7", "PUBLIC_ORIGIN": "http://localhost"}, "public origin", "note", "this machine alone"),
        ({"PUBLIC_ORIGIN": "https://a.example", "OWOX_PROXY_HOPS": "1"}, "public origin", "fine", "https://a.example"),
        ({"OWOX_DATABASE_URL": "sqlite:////tmp/nowhere.db"}, "database", "note", "There is none yet"),
        ({"OWOX_DATABASE_URL": "sqlite:////nowhere/owox.db"}, "settings", "mend", "that is no folder. Make it first."),
    ],
)
def test_settings_are_judged(near: Prepared, port: int, settings: dict[str, str], check: str, result: str, said: str):
    """K19."""
    status, found = look(near.shell, port, **settings)

    assert found[check][0] == result
    assert said in found[check][1]
    assert status == (result == "mend")


def test_a_secret_key_that_others_can_read_is_said_with_the_command_that_helps(near: Prepared, port: int):
    """K19."""
    (near.shell.instance / "SECRET_KEY").chmod(0o644)

    status, found = look(near.shell, port)

    assert (status, found["settings"][0]) == (1, "mend")
    assert f"chmod 600 {near.shell.instance / 'SECRET_KEY'}" in found["settings"][1]


def _scribble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 10 : 4096 * 12] = b"\xff" * 8192
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "check", "result", "said"),
    [
        (lambda path: path.write_bytes(b"none" * 2000), "database", "mend", "file is not a database"),
        (_scribble, "database", "mend", "owox restore FILE"),
        (lambda path: spoilt(path, "UPDATE alembic_version SET version_num = '9999'"), "structure", "mend", "newer"),
        (lambda path: spoilt(path, "UPDATE alembic_version SET version_num = '0001'"), "structure", "note", "0001"),
        (lambda path: spoilt(path, "UPDATE membership SET role = 'viewer'"), "projects", "note", "no active admin"),
    ],
)
def test_a_database_that_is_not_as_it_should_be_is_found(
    near: Prepared, port: int, spoil: Callable[[Path], object], check: str, result: str, said: str
):
    """S3, S7."""
    with closing(sqlite3.connect(database(near))) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    spoil(database(near))

    status, found = look(near.shell, port)

    assert found[check][0] == result
    assert said in found[check][1]
    assert status == (result == "mend")


def test_a_journal_out_of_step_is_found(near: Prepared, port: int, tmp_path: Path):
    """S8: in both directions, and lines that are no entries."""
    key, journal = held(near), near.shell.instance / "revocations.jsonl"
    old = copy_of_database(near, tmp_path / "old.db")
    revoke(near, key)
    lacks = look(near.shell, port)[1]["journal"]
    near.shell.works("project", "list")
    in_step = look(near.shell, port)[1]["journal"]
    journal.write_text(journal.read_text() + "nonsense\n")
    unreadable = look(near.shell, port)[1]["journal"]
    other = shutil.copytree(near.shell.instance, tmp_path / "other", ignore=shutil.ignore_patterns("owox.db*"))
    old.replace(other / "owox.db")
    older = near.shell.run("doctor", OWOX_PORT=str(port), OWOX_INSTANCE=str(other))

    assert (lacks[0], in_step[0], unreadable[0]) == ("mend", "fine", "mend")
    assert "lacks 1 of what has ended" in lacks[1]
    assert "lines that are no entries: 2" in unreadable[1]
    assert "mend  journal: The database is older: 1 of what has ended is active in it." in older.stdout
    assert older.returncode == 1


def test_a_port_that_another_program_has_is_found(near: Prepared, port: int):
    with socket.create_server(("127.0.0.1", port)):
        status, found = look(near.shell, port)

    assert (status, found["port"][0]) == (1, "mend")
    assert f"Another program listens on 127.0.0.1:{port}." in found["port"][1]


@pytest.fixture
def with_storage(prepared: Prepared) -> Prepared:
    """A server with a storage whose password is sealed."""
    words = ["storage", "add", "--project", prepared.project_id, "--type", "postgresql", "--title", "Shop"]
    prepared.shell.works(*words, "--url-stdin", stdin=f"postgresql://r:{prepared.password}@127.0.0.1:1/shop\n")
    return prepared


def test_a_missing_driver_and_passwords_of_another_secret_key_are_found(
    with_storage: Prepared, port: int, tmp_path: Path
):
    """S3: a package that cannot be imported stands in for one that is not installed."""
    (tmp_path / "psycopg.py").write_text("raise ImportError")
    in_order = look(with_storage.shell, port)[1]["storages"]

    status, found = look(with_storage.shell, port, PYTHONPATH=str(tmp_path), OWOX_SECRET_KEY=os.urandom(32).hex())

    assert in_order == ("fine", "What reads PostgreSQL is here. Test connection, in the dashboard, opens a storage.")
    assert status == 1
    assert found["storages"] == ("mend", 'This server has no driver for POSTGRESQL: pip install "psycopg[binary]"')
    assert found["secrets"][0] == "mend"
    assert found["secrets"][1].startswith("1 of storages and destinations were encrypted with another secret key.")


def test_no_secret_is_in_what_a_doctor_says(with_storage: Prepared, port: int):
    """U4: neither of settings nor of a database that is away."""
    secret_key = (with_storage.shell.instance / "SECRET_KEY").read_text().strip()
    away = f"postgresql://owox:{with_storage.password}@127.0.0.1:1/owox"

    said = "".join(
        done.stdout + done.stderr
        for settings in ({}, {"OWOX_DATABASE_URL": away})
        for done in [with_storage.shell.run("doctor", OWOX_PORT=str(port), **settings)]
    )

    assert "mend  database: It cannot be read:" in said
    assert with_storage.password not in said
    assert secret_key not in said

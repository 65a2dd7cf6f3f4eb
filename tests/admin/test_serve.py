"""Starting the server: what the first start makes and prints, and what it refuses."""

import json
import re
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from owox import keys
from tests.admin.conftest import Prepared
from tests.admin.shell import Shell
from tests.infra.ports import free_port
from tests.infra.server import START_SECONDS, Server, running_server

Start = Callable[..., Server]


def links(log: Path) -> list[str]:
    """The set-up links that were printed."""
    return re.findall(r"http://\S+/setup/\S+", log.read_text())


def test_the_first_start_makes_everything_and_prints_where_it_is(server: Start):
    """K19, L11: a one-time link, and the secret key for its owner alone."""
    running = server()

    text = running.log.read_text()
    assert f"owox is running at {running.url}\n" in text
    assert len(links(running.log)) == 1
    assert (running.instance / "SECRET_KEY").stat().st_mode & 0o777 == 0o600
    assert running.instance.stat().st_mode & 0o777 == 0o700
    assert httpx.get(running.setup_link).status_code == 200
    assert httpx.get(f"{running.url}/health/ready").json() == {}


def test_each_start_prints_a_new_link_and_ends_the_one_before(tmp_path: Path):
    """L11: and none is kept but as a hash."""
    instance = tmp_path / "instance"
    for _ in range(2):
        with running_server(instance) as running:
            first, *rest = [httpx.get(running.url + link[link.index("/setup/") :]) for link in links(running.log)]
            newest = (rest or [first])[-1]
            assert newest.status_code == 200
            if rest:
                assert first.status_code == 404

    tokens = [link.rpartition("/")[2] for link in links(running.log)]
    assert len(set(tokens)) == 2
    kept = b"".join(path.read_bytes() for path in instance.iterdir())
    assert not [token for token in tokens if token.encode() in kept]


def test_the_demo_project_is_added_by_the_first_start_that_asks_for_it(tmp_path: Path):
    for _ in range(2):
        with running_server(tmp_path / "instance", "--demo"):
            pass

    with sqlite3.connect(tmp_path / "instance" / "owox.db") as database:
        assert database.execute("SELECT title FROM project WHERE title > ''").fetchall() == [("Demo shop",)]


def test_only_the_engines_of_the_storages_here_are_loaded_and_before_anybody_reads(server: Start):
    plain, demo = (Path(f"/proc/{server(*options).pid}/maps") for options in ((), ("--demo",)))

    deadline = time.monotonic() + START_SECONDS
    while "duckdb" not in demo.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)

    assert "duckdb" in demo.read_text()
    assert "duckdb" not in plain.read_text()


def test_no_link_is_printed_once_there_is_a_member(server: Start, prepared: Prepared):
    """L11."""
    running = server(instance=prepared.shell.instance)

    assert links(running.log) == []
    assert "Nobody has signed up yet" not in running.log.read_text()


def test_a_key_made_beside_a_running_server_names_its_address(server: Start, prepared: Prepared):
    running = server(instance=prepared.shell.instance)

    made = prepared.shell.works(*prepared.create_key())

    parts = keys.parse_combined(made.split("Combined value:")[1].strip())
    assert parts.origin == running.url
    answer = httpx.get(f"{running.url}/api/auth/context", auth=(parts.key_id, parts.secret))
    assert (answer.status_code, answer.json()["apiKeyId"]) == (200, parts.key_id)


def test_no_write_that_was_answered_is_lost_when_the_server_is_stopped(near: Prepared):
    """S9: it is stopped in the middle of writes, and ends cleanly and in time."""
    made = json.loads(near.shell.works(*near.create_key("--json")))
    answered: list[int] = []
    enough = Event()

    def write(url: str) -> None:
        with suppress(httpx.TransportError), httpx.Client(auth=(made["apiKeyId"], made["apiKeySecret"])) as client:
            for number in count():
                sent = {"description": f"number {number}"}
                if client.put(f"{url}/api/projects/settings/description", json=sent).is_success:
                    answered.append(number)
                    enough.set()

    with running_server(near.shell.instance) as running:
        writer = Thread(target=write, args=(running.url,))
        writer.start()
        assert enough.wait(20)
    writer.join()

    with closing(sqlite3.connect(near.shell.instance / "owox.db")) as database:
        (kept,) = database.execute("SELECT description FROM project WHERE id = ?", (near.project_id,)).fetchone()
    assert int(kept.removeprefix("number ")) in (answered[-1], answered[-1] + 1)


def test_a_port_in_use_is_said_plainly(shell: Shell):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        message = shell.fails("serve", "--port", str(port))

    assert f"127.0.0.1:{port}" in message
    assert "in use" in message


def test_several_workers_are_refused_on_sqlite(shell: Shell):
    message = shell.fails("serve", "--port", str(free_port()), "--workers", "2")

    assert message.startswith("Several workers need PostgreSQL: set OWOX_DATABASE_URL=")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"OWOX_SECRET_KEY": "changeme"}, "OWOX_SECRET_KEY must be at least 32 random characters."),
        ({"OWOX_HOST": "::"}, "Set PUBLIC_ORIGIN to it"),
        ({"OWOX_DATABASE_URL": "mysql://x"}, "OWOX_DATABASE_URL must be"),
        ({"OWOX_DATABASE_URL": "postgresql://owox:passed@127.0.0.1:1/owox"}, "The database cannot be used:"),
        (
            {"OWOX_DATABASE_URL": "sqlite:////nowhere/owox.db"},
            "a file in /nowhere, but that is no folder. Make it first.",
        ),
        ({"OWOX_REDIS_URL": "nonsense"}, "Write it like redis://host:6379"),
        ({"OWOX_HOST": "x.invalid", "PUBLIC_ORIGIN": "http://localhost"}, "Cannot listen on x.invalid:"),
    ],
)
def test_a_bad_setting_is_said_plainly(settings: dict[str, str], message: str, shell: Shell):
    """K19, U4: and no secret in the message."""
    told = shell.fails("serve", "--port", str(free_port()), **settings)

    assert message in told
    assert "passed" not in told


@pytest.mark.parametrize("spoil", [lambda path: path.chmod(0o644), lambda path: path.write_text("short\n")])
def test_a_readable_or_short_secret_key_file_is_refused(spoil: Callable[[Path], object], shell: Shell):
    """K19."""
    shell.works("project", "list")
    spoil(shell.instance / "SECRET_KEY")

    message = shell.fails("serve", "--port", str(free_port()))

    assert "chmod 600" in message or "must be at least 32 random characters" in message


def test_a_file_that_is_no_database_is_said_plainly(shell: Shell):
    """S3."""
    shell.instance.mkdir()
    (shell.instance / "owox.db").write_bytes(b"no database" * 1000)

    assert shell.fails("serve", "--port", str(free_port())).startswith("The database cannot be used:")


def test_a_database_of_a_newer_version_is_left_alone(shell: Shell):
    """S7."""
    shell.works("project", "list")
    with sqlite3.connect(shell.instance / "owox.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    message = shell.fails("project", "list")

    assert "newer" in message

"""A database that was put back by hand: what was revoked since is revoked again before anybody is served."""

import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.admin.conftest import Prepared, prepare
from tests.admin.held import copy_of_database, held, revoke, shown
from tests.admin.shell import NearShell, Shell
from tests.infra.postgres import Postgres
from tests.infra.programs import postgres_programs
from tests.infra.server import running_server

AGAIN = (
    "owox: The database is older than revocations.jsonl, as after a restore: 1 API key and 0 memberships ended again, "
    "and everybody is signed out.\n"
)


@pytest.fixture
def journal(prepared: Prepared) -> Path:
    """The journal of the prepared server."""
    return prepared.shell.instance / "revocations.jsonl"


def test_a_key_that_was_revoked_since_is_refused_after_the_old_file_is_put_back(prepared: Prepared, tmp_path: Path):
    """S8, D10: an operator copies the old database back and starts the server."""
    key, instance = held(prepared), prepared.shell.instance
    old = copy_of_database(prepared, tmp_path / "old.db")
    with running_server(instance) as running:
        before = key.use(running)
        key.revoke(running)
    for file in instance.glob("owox.db*"):
        file.unlink()
    shutil.copy(old, instance / "owox.db")

    with running_server(instance) as running:
        after = key.use(running)
        told = running.log.read_text()
        status = shown(prepared, running, key)

    assert (before, after, status) == ("accepted", "API_KEY_REVOKED", "Revoked")
    assert told.count(AGAIN) == 1
    with running_server(instance) as running:
        assert running.log.read_text().count(AGAIN) == 1, "a second start has nothing to do"
        assert key.use(running) == "API_KEY_REVOKED"


@pytest.fixture
def on_postgresql(postgres: Postgres, tmp_path: Path) -> Iterator[Prepared]:
    """A prepared server on PostgreSQL."""
    with postgres.database() as url:
        yield prepare(Shell(tmp_path / "instance", {"OWOX_DATABASE_URL": url}))


def test_workers_on_postgresql_are_told_of_what_a_dump_brings_back(on_postgresql: Prepared, tmp_path: Path):
    """S8, S10, D10: with the commands that owox says; every worker writes into the one journal."""
    keys = [held(on_postgresql) for _ in range(6)]
    shell, dump = on_postgresql.shell, tmp_path / "owox.dump"
    with running_server(shell.instance, "--workers", "2", settings=shell.settings) as running:
        run_what_is_said(shell, "backup", dump)
        before = {key.use(running) for key in keys}
        for key in keys:
            key.revoke(running)
    run_what_is_said(shell, "restore", dump)

    with running_server(shell.instance, "--workers", "2", settings=shell.settings) as running:
        after = {key.use(running) for key in keys}
        told = running.log.read_text()

    assert (before, after) == ({"accepted"}, {"API_KEY_REVOKED"})
    assert told.count(AGAIN.replace("1 API key ", "6 API keys ")) == 1


def run_what_is_said(shell: Shell, act: str, dump: Path) -> None:
    """Run the command of PostgreSQL that `owox backup` or `owox restore` says."""
    message = shell.fails(act, str(dump))
    program, *options = shlex.split(message.partition("run: ")[2].partition("\n")[0])
    password = make_url(shell.settings["OWOX_DATABASE_URL"]).password
    assert password
    assert password not in message
    environ = {"PGPASSWORD": str(password)}
    done = subprocess.run([postgres_programs() / program, *options], env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_whatever_serves_the_app_brings_them_together(prepared: Prepared, journal: Path):
    """S8: app.py is what `flask run` and gunicorn load."""
    key = held(prepared)
    revoke(prepared, key)
    before = journal.exists()

    with prepared.shell.serving_app():
        pass

    assert (before, key.id in journal.read_text()) == (False, True)


def test_a_start_says_what_it_cannot_do_with_the_journal_and_goes_on(near: Prepared, journal: Path):
    """S3: a folder of that name stands for a file that cannot be read."""
    journal.mkdir()

    done = near.shell.run("project", "list")

    assert (done.returncode, done.stdout) == (0, f"{near.project_id}  Shop\n")
    assert done.stderr.startswith(f"owox: The revocation journal {journal} cannot be read (Is a directory)")


def test_a_line_that_is_no_entry_is_named_at_every_start(near: Prepared, journal: Path):
    journal.write_text('{"api_key":"pmk_x","revoked_at":1}\nnonsense\n')

    said = {near.shell.run("project", "list").stderr for _ in range(2)}

    assert said == {
        f"owox: {journal} has lines that are no entries: 2. They are passed over; remove them once you know why.\n"
    }


def test_a_server_where_nothing_has_ended_has_no_journal(near_shell: NearShell):
    near_shell.works("project", "create", "Shop")

    assert not (near_shell.instance / "revocations.jsonl").exists()

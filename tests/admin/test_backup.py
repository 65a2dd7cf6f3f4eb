"""`owox backup`: one whole file, made while the server writes, with no secret in it."""

import base64
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from owox.services.audit_chain import check
from tests.admin.conftest import Prepared
from tests.admin.held import held, rows, take_back
from tests.admin.shell import NearShell
from tests.cast import opened, settings
from tests.infra.processes import side_by_side
from tests.infra.server import environment, running_server

WRITER = """
import os, select, sys
from owox.access import now
from owox.admin.running import open_app, operator
from owox.models import db, writing
from owox.services import projects
from owox.services.acting import Acting, as_operator

project_id, count = os.environ["PROJECT"], 0
with open_app().app_context():
    print("writing", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        with writing(db.session()) as session:
            by = Acting(as_operator(project_id), operator(project_id), now())
            projects.describe(session, by, f"version {count}")
        count += 1
    db.engine.dispose()
print(count)
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the backup goes."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "owox.db"


def test_a_backup_is_one_private_file_that_says_what_is_not_in_it(near: Prepared, target: Path):
    """S8, K19."""
    said = near.shell.works("backup", str(target))

    assert [path.name for path in target.parent.iterdir()] == ["owox.db"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert said.startswith(f"{target} holds the database as it was at ")
    for left_out in ("SECRET_KEY", "passwords of storages cannot be read without it", "revocations.jsonl"):
        assert left_out in said
    with closing(sqlite3.connect(target)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert ("Shop",) in database.execute("SELECT title FROM project").fetchall()


def test_a_backup_is_on_record(near: Prepared, target: Path):
    """U1."""
    near.shell.works("backup", str(target))

    with closing(sqlite3.connect(near.shell.instance / "owox.db")) as database:
        events = database.execute("SELECT client FROM audit_event WHERE action = 'database.backup'").fetchall()
    assert events == [("owox command",)]


@pytest.mark.parametrize("rounds", [5])
def test_backups_made_while_others_write_are_consistent(prepared: Prepared, target: Path, rounds: int):
    """S8: each is the database at one moment: whole, and the audit log with it, whose events hang together."""
    environ = environment({"OWOX_INSTANCE": str(prepared.shell.instance), "PROJECT": prepared.project_id})
    commands = [[sys.executable, "-c", WRITER]] * 2
    with side_by_side(commands, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writers:
        assert [writer.stdout.readline() for writer in writers] == [b"writing\n"] * 2
        for number in range(rounds):
            _wait_for_writes(prepared.shell.instance, 30)
            prepared.shell.works("backup", str(target.with_name(f"{number}.db")))
        written = [writer.communicate(b"stop\n", timeout=60)[0] for writer in writers]

    assert [writer.returncode for writer in writers] == [0, 0]
    ends = []
    for number in range(rounds):
        url = f"sqlite:///{target.with_name(f'{number}.db')}"
        with opened(settings(target.parent, url)) as app, app.extensions["owox"].keys.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            found = check(connection, None)
            assert found.problem == ""
            ends.append(found.number)
    assert ends == sorted(set(ends)), "somebody wrote between any two backups"
    assert sum(map(int, written)) > ends[-1] - ends[0] > 100


def _wait_for_writes(instance: Path, count: int) -> None:
    with closing(sqlite3.connect(instance / "owox.db")) as database:
        counted = partial(database.execute, "SELECT count(*) FROM audit_event")
        enough = counted().fetchone()[0] + count
        while counted().fetchone()[0] < enough:
            time.sleep(0.02)


def test_no_secret_is_in_a_backup_or_in_the_journal(near: Prepared, target: Path):
    """K2: canaries, in four encodings."""
    keys = [held(near) for _ in range(3)]
    password = "pg-" + keys[0].secret[20:40]
    words = ["storage", "add", "--project", near.project_id, "--type", "postgresql", "--title", "Shop"]
    near.shell.works(*words, "--url-stdin", stdin=f"postgresql://reader:{password}@127.0.0.1:1/shop\n")
    with running_server(near.shell.instance) as running:
        assert keys[0].use(running) == "accepted"
        keys[0].revoke(running)
        near.shell.works("backup", str(target))

    secret_key = (near.shell.instance / "SECRET_KEY").read_text().strip()
    journal = (near.shell.instance / "revocations.jsonl").read_bytes()
    assert keys[0].id.encode() in journal
    for canary in (*(key.secret for key in keys), near.password, password, secret_key):
        plain = canary.encode()
        for form in (plain, plain.hex().encode(), base64.b64encode(plain), canary.encode("utf-16-le")):
            assert form not in target.read_bytes()
            assert form not in journal


def test_a_file_that_is_there_is_overwritten_only_when_told_to(near: Prepared, target: Path):
    target.write_text("precious")

    message = near.shell.fails("backup", str(target))
    kept = target.read_text()
    near.shell.works("backup", str(target), "--force")

    assert message == f"{target} is there already. Choose another name, or overwrite it with --force."
    assert kept == "precious"
    assert target.read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("instance/owox.db", "is a file that the server needs"),
        ("instance/revocations.jsonl", "is a file that the server needs"),
        ("instance/SECRET_KEY", "is a file that the server needs"),
        ("instance/data/backup.db", "Members may name the files of"),
        ("instance", "is a folder"),
        ("nowhere/backup.db", "There is no folder"),
        ("pipe", "is no file, and what it is would be gone"),
    ],
)
def test_a_place_where_a_backup_would_do_harm_is_refused(near: Prepared, name: str, message: str):
    """K2, I6: also with --force."""
    (near.shell.instance / "data").mkdir()
    os.mkfifo(near.shell.instance.parent / "pipe")
    before = (near.shell.instance / "owox.db").stat().st_size

    said = near.shell.fails("backup", str(near.shell.instance.parent / name), "--force")

    assert message in said
    assert (near.shell.instance / "owox.db").stat().st_size == before
    assert list((near.shell.instance / "data").iterdir()) == []


def test_a_damaged_database_gives_no_backup(near: Prepared, target: Path):
    """S8."""
    database = near.shell.instance / "owox.db"
    with closing(sqlite3.connect(database)) as connection:  # The last to close it leaves all in one file.
        connection.execute("SELECT count(*) FROM api_key")
    content = bytearray(database.read_bytes())
    content[4096 * 10 : 4096 * 12] = b"\xff" * 8192
    database.write_bytes(content)

    message = near.shell.fails("backup", str(target))

    assert "is damaged" in message or "cannot be read" in message
    assert list(target.parent.iterdir()) == []


def test_a_database_of_an_older_version_is_backed_up_as_it_is(near: Prepared, target: Path):
    """S7: before anything brings it to the newest structure; it takes no event, and that is said."""
    take_back(near.shell.instance / "owox.db", "0007")

    done = near.shell.run("backup", str(target))

    assert done.returncode == 0
    assert done.stderr.startswith("It is not on record")
    for path in (target, near.shell.instance / "owox.db"):
        assert rows(path, "SELECT version_num FROM alembic_version") == [("0007",)]


def test_there_is_nothing_to_back_up_before_the_first_start(near_shell: NearShell, target: Path):
    assert near_shell.fails("backup", str(target)) == f"There is no database yet: {near_shell.instance / 'owox.db'}"

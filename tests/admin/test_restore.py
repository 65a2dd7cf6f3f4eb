"""`owox restore`: a backup in the database's place, and nothing back to life that has ended since."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from owox import migrations
from tests.admin.conftest import Prepared
from tests.admin.held import database, held, kill, revoke, rows, signed_in, take_back
from tests.admin.shell import NearShell, Shell
from tests.infra.server import OWOX, environment, running_server


def test_a_key_revoked_after_the_backup_is_refused_after_the_restore(prepared: Prepared, tmp_path: Path):
    """S8, D10: the backup is made while the server runs, the key revoked at the running server."""
    key, other = held(prepared), held(prepared)
    target, instance = tmp_path / "backup.db", prepared.shell.instance
    with running_server(instance) as running:
        prepared.shell.works("backup", str(target))
        before = key.use(running)
        key.revoke(running)
    in_backup = rows(target, f"SELECT revoked_at FROM api_key WHERE id = '{key.id}'")

    said = prepared.shell.works("restore", str(target))

    assert (before, in_backup) == ("accepted", [(None,)])
    assert "\n1 API key and 0 memberships ended again, as revocations.jsonl says.\n" in said
    with running_server(instance) as running:
        assert (key.use(running), other.use(running)) == ("API_KEY_REVOKED", "accepted")
        assert "older than" not in running.log.read_text()


def test_what_the_database_alone_knew_is_not_forgotten_either(prepared: Prepared, backup: Path):
    """S8: a key that was revoked where the journal could not be written; the restore asks the database that goes."""
    key = held(prepared)
    target = backup.with_name("with-key.db")
    prepared.shell.works("backup", str(target))
    revoke(prepared, key)

    said = prepared.shell.works("restore", str(target))

    assert "1 API key and 0 memberships ended again" in said
    assert rows(database(prepared), f"SELECT revoked_at > 0 FROM api_key WHERE id = '{key.id}'") == [(1,)]


def test_a_restore_signs_everybody_out_and_is_on_record(near: Prepared, tmp_path: Path):
    """S8, L6, U1: a sign-in that ended after the backup would live again."""
    cookie = signed_in(near)
    near.shell.works("backup", str(tmp_path / "backup.db"))

    said = near.shell.works("restore", str(tmp_path / "backup.db"))

    assert "All browsers and terminals are signed out" in said
    assert rows(database(near), "SELECT count(*) FROM sign_in WHERE ended_at IS NULL") == [(0,)]
    assert rows(database(near), "SELECT count(*) FROM audit_event WHERE action = 'database.restore'") == [(1,)]
    assert near.shell.works("audit", "verify")
    with running_server(near.shell.instance) as running:
        answer = httpx.get(f"{running.url}/account", cookies={"owox_sign_in": cookie})
    assert answer.status_code == 303


def test_the_replaced_database_is_kept_whole_and_for_its_owner_alone(prepared: Prepared, backup: Path):
    """S8, S1: also what a killed server left in the write-ahead log."""
    with running_server(prepared.shell.instance) as running:
        key = held(prepared)
        assert key.use(running) == "accepted"
        kill(running)

    said = prepared.shell.works("restore", str(backup))

    (kept,) = prepared.shell.instance.glob("owox.db.replaced-*")
    assert f"The database until now is kept as {kept}." in said
    assert re.fullmatch(r"owox\.db\.replaced-\d{8}T\d{6}\.\d{3}Z", kept.name)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert rows(kept, f"SELECT count(*) FROM api_key WHERE id = '{key.id}'") == [(1,)]
    assert rows(database(prepared), f"SELECT count(*) FROM api_key WHERE id = '{key.id}'") == [(0,)]


def test_a_backup_of_an_older_version_gets_the_newest_structure(near: Prepared, backup: Path):
    """S7, S8."""
    take_back(backup, "0002")

    near.shell.works("restore", str(backup))

    assert near.shell.works("project", "list") == f"{near.project_id}  Shop\n"
    assert rows(database(near), "SELECT version_num FROM alembic_version") == [(migrations.HEAD,)]


def test_a_journal_that_cannot_be_read_stops_a_restore(near: Prepared, backup: Path):
    """S8: better no restore than one that revives keys."""
    (near.shell.instance / "revocations.jsonl").mkdir()

    message = near.shell.fails("restore", str(backup))

    assert "revocations.jsonl cannot be read" in message
    assert list(near.shell.instance.glob("owox.db.replaced-*")) == []


def test_a_copied_file_with_its_log_is_restored_whole(prepared: Prepared, tmp_path: Path):
    """S8: as an operator copied them after a crash."""
    with running_server(prepared.shell.instance) as running:
        key = held(prepared)
        assert key.use(running) == "accepted"
        kill(running)
    for end in ("", "-wal"):
        shutil.copy(f"{database(prepared)}{end}", tmp_path / f"copied.db{end}")

    prepared.shell.works("restore", str(tmp_path / "copied.db"))

    assert rows(database(prepared), f"SELECT count(*) FROM api_key WHERE id = '{key.id}'") == [(1,)]


def test_a_restore_without_a_journal_says_what_that_means(near: Prepared, backup: Path, tmp_path: Path):
    """S8: on a new machine."""
    elsewhere = NearShell(tmp_path / "elsewhere", {})

    said = elsewhere.works("restore", str(backup))

    assert f"There is no {elsewhere.instance / 'revocations.jsonl'}: keys that were revoked after the backup" in said
    assert "is kept as" not in said
    assert elsewhere.works("project", "list") == f"{near.project_id}  Shop\n"


def test_secrets_of_storages_that_cannot_be_read_on_a_new_machine_are_counted(prepared: Prepared, tmp_path: Path):
    """K2: they are in the backup, and the key to them is not."""
    words = ["storage", "add", "--project", prepared.project_id, "--type", "postgresql", "--title", "Shop"]
    prepared.shell.works(*words, "--url-stdin", stdin=f"postgresql://r:{prepared.password}@127.0.0.1:1/shop\n")
    prepared.shell.works("backup", str(tmp_path / "backup.db"))

    here = prepared.shell.works("restore", str(tmp_path / "backup.db"))
    elsewhere = NearShell(tmp_path / "elsewhere", {}).works("restore", str(tmp_path / "backup.db"))

    assert "another secret key" not in here
    assert "The secrets of 1 storages and destinations were encrypted with another secret key" in elsewhere


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_restores_belongs_to_whom_the_folder_belongs_to(prepared: Prepared, backup: Path):
    """S8: else the server could not open its database, nor write its journal."""
    revoke(prepared, held(prepared))
    os.chown(prepared.shell.instance, 65534, 65534)

    prepared.shell.works("restore", str(backup))

    owners = {path.name: path.stat().st_uid for path in prepared.shell.instance.iterdir()}
    assert (owners["owox.db"], owners["revocations.jsonl"]) == (65534, 65534)


def test_a_damaged_database_is_replaced_with_its_log_and_kept(near: Prepared, backup: Path):
    """S8: the log of the one must never be replayed into the other."""
    database(near).write_bytes(b"broken" * 1000)
    log = database(near).with_name("owox.db-wal")
    log.write_bytes(b"log of the broken one")

    said = near.shell.works("restore", str(backup))

    (kept,) = near.shell.instance.glob("owox.db.replaced-*Z")
    assert "It is damaged" in said
    assert kept.read_bytes() == b"broken" * 1000
    assert Path(f"{kept}-wal").read_bytes() == b"log of the broken one"
    assert near.shell.works("project", "list") == f"{near.project_id}  Shop\n"


def test_a_removed_member_stays_removed_and_a_project_without_an_admin_is_named(near: Prepared, backup: Path):
    """S8, Z5."""
    ((membership_id,),) = rows(backup, f"SELECT id FROM membership WHERE project_id = '{near.project_id}'")
    (near.shell.instance / "revocations.jsonl").write_text(f'{{"membership":"{membership_id}","ended_at":1}}\n')

    said = near.shell.works("restore", str(backup))

    assert "0 API keys and 1 membership ended again" in said
    assert f"Shop has no active admin. Add one: owox member add EMAIL --role admin --project {near.project_id}" in said
    again = ["member", "add", "alice@example.com", "--role", "admin", "--project", near.project_id]
    assert "is now Project Admin" in near.shell.works(*again)


@pytest.mark.parametrize("trials", [8])
def test_a_restore_that_is_killed_leaves_the_old_database_or_the_new_one(
    prepared: Prepared, backup: Path, tmp_path: Path, trials: int
):
    """S1, S8: at moments all over its time; and the next restore works."""
    key = held(prepared)
    original = shutil.copytree(prepared.shell.instance, tmp_path / "original")
    took = _timed(lambda: prepared.shell.works("restore", str(backup)))
    found = set()
    for trial in range(trials):
        shell = Shell(Path(shutil.copytree(original, tmp_path / f"trial-{trial}")), {})
        process = subprocess.Popen(
            [OWOX, "restore", backup],
            env=environment({"OWOX_INSTANCE": str(shell.instance)}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(took * (0.4 + 0.6 * trial / trials))  # loading the program takes the first part
        process.kill()
        process.wait()

        file = database(replace(prepared, shell=shell))
        assert rows(file, "PRAGMA integrity_check") == [("ok",)]
        found.add(rows(file, f"SELECT count(*) FROM api_key WHERE id = '{key.id}'")[0][0])

    assert found <= {0, 1}
    assert shell.works("restore", str(backup))
    assert [path.name for path in shell.instance.iterdir() if path.name.endswith(".part")] == []


def _timed(act: Callable[[], object]) -> float:
    begin = time.monotonic()
    act()
    return time.monotonic() - begin

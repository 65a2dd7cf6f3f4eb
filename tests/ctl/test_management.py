"""The sign-in by which keys are managed: got in the browser, kept for this user alone, over when it should be."""

import json
import stat
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from owox.models import DeviceAuthorization
from owox.services import sign_ins
from tests import terminals
from tests.cast import OPERATOR, Stage
from tests.ctl import managing
from tests.ctl.conftest import COMMAND, Run
from tests.ctl.test_web_login import LOGIN, begun
from tests.infra.faulty import FaultyServer, answer
from tests.infra.processes import interrupt
from tests.infra.server import Server
from tests.infra.source import ROOT

KEYS = "/api/project-member-api-keys"


def login(ctl: Run, running: Server, stage: Stage, *options: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Sign in to manage keys, with bob saying yes in the browser."""
    with stage.session() as session:
        session.execute(delete(DeviceAuthorization))
    with ThreadPoolExecutor(1) as pool:
        approval = pool.submit(lambda: terminals.approve(stage, begun(stage), "bob"))
        result = ctl(*LOGIN, running.url, "--manage", *options, **more)
        approval.result()
    return result


def token_in(home: dict[str, str]) -> str:
    found: str = json.loads(managing.place(home).read_text())["token"]
    return found


def test_it_is_stored_for_this_user_alone_and_opens_the_keys(
    ctl: Run, running: Server, shared_stage: Stage, home: dict[str, str]
):
    """U4: beside the stored sign-in, which stays as it was."""
    result = login(ctl, running, shared_stage)
    listed = ctl("keys", "list")

    said, token = json.loads(result.stdout), token_in(home)
    assert result.returncode == 0
    assert list(said) == ["apiOrigin", "managementExpiresAt", "project", "member", "storedIn"]
    assert (said["storedIn"], said["member"]["email"]) == (str(managing.place(home)), "bob@example.com")
    ends = datetime.fromisoformat(said["managementExpiresAt"])
    assert timedelta(minutes=14) < ends - datetime.now(UTC) <= timedelta(minutes=15)
    assert stat.S_IMODE(managing.place(home).stat().st_mode) == 0o600
    assert [path.name for path in managing.place(home).parent.iterdir()] == ["config.management.json"]
    assert token not in result.stdout + result.stderr
    assert listed.returncode == 0
    assert shared_stage["bob"].key_id in listed.stdout


def test_people_read_until_when_and_a_status_tells_it(
    ctl: Run, running: Server, shared_stage: Stage, home: dict[str, str]
):
    shown = login(ctl, running, shared_stage, "--format", "table").stdout.splitlines()
    status, as_json = ctl("auth", "status", "--format", "table"), ctl("auth", "status")

    assert shown[0] == "Signed in to Shop as bob@example.com."
    assert shown[1].startswith("owox-ctl keys manages your API keys there until ")
    assert shown[2] == f"Stored in {managing.place(home)}"
    lines = status.stdout.splitlines()
    assert lines[0] == "Authenticated: no"
    assert lines[1].startswith(f"Manages API keys: in Shop at {running.url}, until ")
    told = json.loads(as_json.stdout)
    assert (status.returncode, told["authenticated"], told["management"]["projectTitle"]) == (1, False, "Shop")


def test_signing_out_ends_it_here_and_on_the_server(
    ctl: Run, running: Server, shared_stage: Stage, home: dict[str, str]
):
    """L6."""
    token = managing.sign_in(shared_stage, home, running.url)

    result, again = ctl("auth", "logout"), ctl("auth", "logout", "--format", "table")
    managing.keep(home, running.url, token)
    kept = ctl("keys", "list")

    assert json.loads(result.stdout) == {"loggedOut": True, "removed": False, "managementRemoved": True}
    assert again.stdout == "There was no stored sign-in.\n"
    assert (kept.returncode, json.loads(kept.stderr)["error"]["status"]) == (1, 401)


def test_a_new_one_ends_the_one_before(ctl: Run, running: Server, shared_stage: Stage, home: dict[str, str]):
    before = managing.sign_in(shared_stage, home, running.url)

    login(ctl, running, shared_stage)
    after = token_in(home)
    managing.keep(home, running.url, before)

    assert before != after
    assert ctl("keys", "list").returncode == 1


def test_signing_out_goes_on_where_the_server_is_away(ctl: Run, faulty: FaultyServer, home: dict[str, str]):
    managing.keep(home, faulty.origin, "owox_mgmt_x")
    faulty.close()

    result = ctl("auth", "logout", "--format", "table")

    assert result.returncode == 0
    assert result.stdout == "API keys can no longer be managed from here.\n"
    assert "The server was not told" in result.stderr
    assert not managing.place(home).exists()


def test_in_the_keychain_no_token_stands_in_the_file(
    ctl: Run, running: Server, shared_stage: Stage, home: dict[str, str], tmp_path: Path
):
    chain = tmp_path / "keychain.json"
    place = {"PYTHONPATH": str(ROOT / "tests/ctl/keychain"), "KEYCHAIN": str(chain)}

    result = login(ctl, running, shared_stage, "--keyring", **place)
    listed = ctl("keys", "list", **place)
    made = ctl("keys", "create", "--name", "x", "--store", "--keyring", "--format", "table", **place)
    kept = chain.read_text()
    out = ctl("auth", "logout", **place)

    assert (result.returncode, listed.returncode, out.returncode) == (0, 0, 0)
    assert made.stdout.endswith(f"Stored in {home['OWOX_CTL_CONFIG_PATH']}, its secret in the keychain.\n")
    assert "owox_mgmt_" in kept
    assert "owox_sec_" in kept
    assert "owox_mgmt_" not in chain.read_text()
    assert not managing.place(home).exists()


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(days=-400)])
def test_one_whose_time_is_over_says_what_to_run_and_asks_no_server(
    ctl: Run, faulty: FaultyServer, home: dict[str, str], lasts: timedelta
):
    managing.keep(home, faulty.origin, "owox_mgmt_x", lasts)

    result, status = ctl("keys", "list"), ctl("auth", "status", "--format", "table")

    error = json.loads(result.stderr)["error"]
    assert (result.returncode, result.stdout, faulty.asked) == (1, "", [])
    assert error["message"].startswith("The management sign-in ended on ")
    assert error["hint"] == f"Run owox-ctl auth login --web {faulty.origin} --manage."
    assert status.stdout == "Authenticated: no\n"


def test_one_that_was_ended_elsewhere_says_what_to_run(
    ctl: Run, running: Server, shared_stage: Stage, home: dict[str, str]
):
    """L6: signed out everywhere in the dashboard."""
    managing.sign_in(shared_stage, home, running.url)
    with shared_stage.session() as session:
        sign_ins.end_everywhere(session, shared_stage["bob"].member_id, OPERATOR, datetime.now(UTC))

    result = ctl("keys", "create", "--name", "x", "--env-file", "x.env")

    error = json.loads(result.stderr)["error"]
    assert (result.returncode, error["status"]) == (1, 401)
    assert error["hint"] == (f"The management sign-in has ended. Run owox-ctl auth login --web {running.url} --manage.")


@pytest.mark.parametrize("act", ["list", "create", "rename", "rotate", "revoke"])
def test_without_one_every_act_says_what_to_run(ctl: Run, tmp_path: Path, act: str):
    options = {
        "list": (), "create": ("--name", "x", "--store"), "rename": ("pmk_x", "--name", "x"),
        "rotate": ("pmk_x", "--store"), "revoke": ("pmk_x", "--yes"),
    }  # fmt: skip

    result = ctl("keys", act, *options[act])

    assert result.returncode == 1
    assert json.loads(result.stderr)["error"]["hint"] == "Run owox-ctl auth login --web ORIGIN --manage."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"apiOrigin": 1}', "\x00", '{"expiresAt": 5, "token": "x"}'])
def test_a_damaged_file_says_what_to_run(ctl: Run, home: dict[str, str], text: str):
    managing.place(home).parent.mkdir()
    managing.place(home).write_text(text)

    result, out = ctl("keys", "list"), ctl("auth", "logout")

    assert result.returncode == 1
    assert "cannot be read" in result.stderr
    assert (out.returncode, managing.place(home).exists()) == (0, False)


@pytest.mark.parametrize("options", [("--manage",), ("--web", "http://127.0.0.1:1", "--manage", "--name", "x")])
def test_what_does_not_go_together_is_wrong_usage(ctl: Run, options: tuple[str, ...]):
    assert ctl("auth", "login", *options).returncode == 2


@pytest.mark.parametrize("act", [("create", "--name", "x"), ("rotate", "pmk_x")], ids=str)
def test_a_lost_answer_says_how_to_find_a_key_that_may_have_been_made(
    ctl: Run, faulty: FaultyServer, home: dict[str, str], tmp_path: Path, act: tuple[str, ...]
):
    managing.keep(home, faulty.origin, "owox_mgmt_x")
    for path in (KEYS, f"{KEYS}/pmk_x/rotate"):
        faulty.on(path, b"")

    result = ctl("keys", *act, "--env-file", "x.env")

    assert (result.returncode, result.stdout) == (3, "")
    assert "its secret may be lost: owox-ctl keys list shows it" in json.loads(result.stderr)["error"]["hint"]
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


@pytest.mark.parametrize("told", [answer(201, {"apiKeySecret": "owox_sec_x"}), answer(502, {"message": "No"})])
def test_an_answer_that_is_none_of_the_api_says_it_too(
    ctl: Run, faulty: FaultyServer, home: dict[str, str], tmp_path: Path, told: bytes
):
    """U4: what was said is not repeated."""
    managing.keep(home, faulty.origin, "owox_mgmt_x")
    faulty.on(KEYS, told)

    result = ctl("keys", "create", "--name", "x", "--env-file", "x.env")

    assert (result.returncode, result.stdout) == (1, "")
    assert "its secret may be lost" in result.stderr
    assert "owox_sec_x" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_an_interrupt_while_the_key_is_made_says_it_and_leaves_no_file(
    faulty: FaultyServer, home: dict[str, str], tmp_path: Path
):
    managing.keep(home, faulty.origin, "owox_mgmt_x")
    never = threading.Event()
    faulty.on(KEYS, [never])
    command = [COMMAND, "keys", "create", "--name", "x", "--env-file", "x.env"]

    with subprocess.Popen(command, env=home, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        faulty.wait_for_a_question()
        held = (tmp_path / "x.env").exists()
        interrupt(process)
        stdout, stderr = process.communicate(timeout=30)
    never.set()

    assert held
    assert (process.returncode, stdout) == (130, b"")
    assert b"its secret may be lost" in stderr
    assert b"Traceback" not in stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_a_full_disk_is_found_out_before_a_key_is_made(faulty: FaultyServer, home: dict[str, str], tmp_path: Path):
    managing.keep(home, faulty.origin, "owox_mgmt_x")
    limited = f'ulimit -f 0; exec "{COMMAND}" keys create --name x --env-file x.env'

    result = subprocess.run(
        ["sh", "-c", limited], env=home, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30
    )

    assert (result.returncode, faulty.asked) == (1, [])
    assert "x.env cannot be written: File too large" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_a_redirect_is_not_followed_with_the_token(ctl: Run, faulty: FaultyServer, home: dict[str, str]):
    managing.keep(home, faulty.origin, "owox_mgmt_x")
    faulty.on(KEYS, answer(307, None, "Location: /elsewhere"))

    assert ctl("keys", "list").returncode == 1
    assert len(faulty.asked) == 1

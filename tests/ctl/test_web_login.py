"""``owox-ctl auth login --web`` against the real server: a member says yes or no, and nothing is copied."""

import json
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from owox.models import DeviceAuthorization
from tests import terminals
from tests.cast import Stage
from tests.ctl.conftest import COMMAND, Run
from tests.infra.processes import interrupt
from tests.infra.server import Server
from tests.infra.source import ROOT

LOGIN = ("auth", "login", "--no-browser", "--web")


@pytest.fixture(autouse=True)
def nobody_waits(shared_stage: Stage) -> None:
    """No request of an earlier test is left."""
    with shared_stage.session() as session:
        session.execute(delete(DeviceAuthorization))


@pytest.fixture
def config(home: dict[str, str]) -> Path:
    return Path(home["OWOX_CTL_CONFIG_PATH"])


def waiting(stage: Stage) -> DeviceAuthorization:
    """The request that waits for an answer, once there is one."""
    for _ in range(600):
        with Session(stage.engine) as session:
            if row := session.scalar(select(DeviceAuthorization)):
                return row
        time.sleep(0.05)
    raise AssertionError("no terminal asks")


def begun(stage: Stage) -> terminals.Begun:
    """The same, for those who answer it."""
    return terminals.Begun(waiting(stage).user_code, "known to the terminal alone")


def approve(stage: Stage, expires_at: datetime | None = None) -> None:
    """Bob says yes."""
    terminals.approve(stage, begun(stage), "bob", expires_at=expires_at)


def expire(stage: Stage) -> None:
    """The time of the request that waits is over."""
    code = waiting(stage).user_code
    with stage.session() as session:
        over = update(DeviceAuthorization).where(DeviceAuthorization.user_code == code)
        session.execute(over.values(expires_at=datetime.now(UTC)))


@contextmanager
def meanwhile(act: Callable[[], None]) -> Iterator[None]:
    """What somebody does while the command runs."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(act)
        yield
        done.result()


def test_an_approved_key_is_stored_for_this_user_alone_and_works(
    ctl: Run, running: Server, shared_stage: Stage, config: Path
):
    """U4: the secret goes to the store and to nothing that anybody reads."""
    with meanwhile(lambda: approve(shared_stage, datetime.now(UTC) + timedelta(days=30))):
        result = ctl(*LOGIN, f"{running.url}/", "--name", "build-machine")
    status = json.loads(ctl("status").stdout)

    assert result.returncode == 0, result.stderr
    stored, said = json.loads(config.read_text()), json.loads(result.stdout)
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert list(stored) == ["apiOrigin", "apiKeyId", "apiKeySecret"]
    assert stored["apiKeySecret"] not in result.stdout + result.stderr + running.log.read_text()
    assert (said["apiOrigin"], said["apiKeyId"], said["name"]) == (running.url, stored["apiKeyId"], "build-machine")
    assert (said["project"]["title"], said["member"]["email"]) == ("Shop", "bob@example.com")
    assert said["storedIn"] == str(config)
    assert shared_stage.key(stored["apiKeyId"]).name == "build-machine"
    assert (status["authenticated"], status["apiKeyId"]) == (True, stored["apiKeyId"])


def test_a_person_reads_what_to_do_and_what_was_stored(ctl: Run, running: Server, shared_stage: Stage, config: Path):
    with meanwhile(lambda: approve(shared_stage)):
        result = ctl(*LOGIN, running.url, "--format", "table", OWOX_API_KEY="x")
    request = waiting(shared_stage)
    code = f"{request.user_code[:4]}-{request.user_code[4:]}"

    key_id = json.loads(config.read_text())["apiKeyId"]
    assert result.stderr.splitlines() == [
        f"Your code: {code}",
        f"Open {running.url}/terminal?code={code}",
        f"Or open {running.url}/terminal on any device, and type the code.",
        "Approve only what shows this same code. It is good for 10 minutes; this command waits.",
        "Note: The environment names an API key, which is used instead of a stored one.",
    ]
    assert result.stdout.splitlines() == [
        "Signed in to Shop as bob@example.com.",
        f"API key: {request.name} ({key_id}), without an expiry",
        f"Stored in {config}",
    ]
    assert request.client.startswith("owox-ctl ")


def test_the_secret_goes_to_the_keychain_if_wanted(
    ctl: Run, running: Server, shared_stage: Stage, config: Path, tmp_path: Path
):
    keychain = tmp_path / "keychain.json"
    place = {"PYTHONPATH": str(ROOT / "tests/ctl/keychain"), "KEYCHAIN": str(keychain)}

    with meanwhile(lambda: approve(shared_stage)):
        result = ctl(*LOGIN, running.url, "--keyring", **place)

    stored = json.loads(config.read_text())
    assert result.returncode == 0, result.stderr
    assert (list(stored), stored["secretIn"]) == (["apiOrigin", "apiKeyId", "secretIn"], "keychain")
    assert list(json.loads(keychain.read_text())) == [f"owox-ctl/{stored['apiKeyId']}"]
    assert json.loads(ctl("status", **place).stdout)["authenticated"] is True


def test_no_stores_nothing_and_is_said(ctl: Run, running: Server, shared_stage: Stage, config: Path):
    with meanwhile(lambda: terminals.deny(shared_stage, begun(shared_stage), "bob")):
        result = ctl(*LOGIN, running.url)

    error = json.loads(result.stderr[result.stderr.index("{") :])["error"]
    assert (result.returncode, result.stdout, config.exists()) == (1, "", False)
    assert (error["code"], error["message"]) == ("ACCESS_DENIED", "The request was denied")


def test_too_late_stores_nothing_and_says_what_to_do(ctl: Run, running: Server, shared_stage: Stage, config: Path):
    with meanwhile(lambda: expire(shared_stage)):
        result = ctl(*LOGIN, running.url, "--format", "table")

    assert (result.returncode, result.stdout, config.exists()) == (1, "", False)
    assert result.stderr.splitlines()[-2:] == [
        "The code was not approved in time, or was used already",
        "Start again for a new code.",
    ]


def test_an_interrupt_ends_it_quietly_and_stores_nothing(
    home: dict[str, str], running: Server, shared_stage: Stage, config: Path
):
    with subprocess.Popen(
        [COMMAND, *LOGIN, running.url], env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        waiting(shared_stage)
        interrupt(process)
        said, complaint = process.communicate(timeout=60)

    assert (process.returncode, said) == (130, "")
    assert "Traceback" not in complaint
    assert not config.exists()


def test_a_place_that_cannot_be_written_is_said_before_anybody_is_asked(
    ctl: Run, running: Server, shared_stage: Stage, tmp_path: Path
):
    (tmp_path / "file").touch()

    nowhere = ctl(*LOGIN, running.url, OWOX_CTL_CONFIG_PATH=str(tmp_path / "file/x.json"))
    without_keychain = ctl(
        *LOGIN, running.url, "--keyring", PYTHONPATH=str(ROOT / "tests/ctl/keychain"), NO_COLOR="1"
    )  # fmt: skip

    assert (nowhere.returncode, without_keychain.returncode) == (1, 1)
    assert "The sign-in cannot be stored in" in nowhere.stderr
    assert "The keychain cannot be used" in without_keychain.stderr
    with Session(shared_stage.engine) as session:
        assert session.scalar(select(DeviceAuthorization)) is None


@pytest.mark.parametrize("opens", [True, False])
def test_the_browser_is_opened_if_there_is_one_and_may_fail(
    opens: bool, ctl: Run, running: Server, shared_stage: Stage, tmp_path: Path
):
    seen, script = tmp_path / "seen", tmp_path / "a browser"
    script.write_text(f'#!/bin/sh\necho "on stdout"; printf %s "$1" > "{seen}"; exit {0 if opens else 1}\n')
    script.chmod(0o755)

    with meanwhile(lambda: approve(shared_stage)):
        result = ctl("auth", "login", "--web", running.url, BROWSER=f"'{script}' %s")

    code = result.stderr.split()[2]
    assert result.returncode == 0, result.stderr
    assert f"Opening {running.url}/terminal?code={code}" in result.stderr
    assert "on stdout" not in result.stdout + result.stderr
    assert seen.read_text() == f"{running.url}/terminal?code={code}"


def test_without_a_browser_none_is_spoken_of(ctl: Run, running: Server, shared_stage: Stage):
    with meanwhile(lambda: approve(shared_stage)):
        result = ctl("auth", "login", "--web", running.url, PATH="/nowhere", DISPLAY="", WAYLAND_DISPLAY="")

    assert result.returncode == 0, result.stderr
    assert f"\nOpen {running.url}/terminal?code=" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--web",),
        ("--name", "x"),
        ("--no-browser",),
        ("--web", "http://127.0.0.1:1", "--combined-stdin"),
        ("--web", "http://127.0.0.1:1", "--api-key-id", "pmk_x"),
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_wrong_usage(ctl: Run, options: tuple[str, ...]):
    result = ctl("auth", "login", *options)

    assert (result.returncode, result.stdout) == (2, "")


def test_addresses_that_lead_nowhere(ctl: Run):
    away, none = ctl(*LOGIN, "http://127.0.0.1:1"), ctl(*LOGIN, "owox.example")

    assert (away.returncode, json.loads(away.stderr)["error"]["code"]) == (3, "NETWORK_ERROR")
    assert (none.returncode, json.loads(none.stderr)["error"]["name"]) == (1, "OWOXConfigError")

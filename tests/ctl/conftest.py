"""The installed command in a home of its own, and a server that misbehaves on request."""

import os
import signal
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from owox import keys
from tests.cast import Stage
from tests.ctl import managing
from tests.infra import forked
from tests.infra.faulty import EXCHANGE, FaultyServer, token
from tests.infra.server import Server, running_server

COMMAND = Path(sysconfig.get_path("scripts")) / "owox-ctl"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> None:
    """Commands start with Ctrl-C at its default, also when the tests themselves were started where it is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def faulty() -> Iterator[FaultyServer]:
    server = FaultyServer()
    server.on(EXCHANGE, token())
    yield server
    server.close()


@pytest.fixture
def minted() -> keys.Minted:
    return keys.mint()


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of a user who has set nothing: no key, no proxy, no stored sign-in."""
    mine = ("OWOX_", "HTTP", "ALL_PROXY", "NO_PROXY", "XDG_", "NO_COLOR", "COLUMNS")
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(mine)}
    return {**kept, "HOME": str(tmp_path), "OWOX_CTL_CONFIG_PATH": str(tmp_path / "config" / "config.json")}


@pytest.fixture
def ctl(home: dict[str, str], tmp_path: Path) -> Run:
    """Run the command in an empty folder; keyword arguments are further variables."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
        return forked.run("owox-ctl", arguments, cwd=tmp_path, env={**home, **variables}, stdin=stdin)

    return run


@pytest.fixture
def variables(faulty: FaultyServer, minted: keys.Minted) -> dict[str, str]:
    """The three variables of a key for the misbehaving server."""
    return {
        "OWOX_API_ORIGIN": faulty.origin,
        "OWOX_API_KEY_ID": minted.key_id,
        "OWOX_API_KEY_SECRET": minted.secret,
    }


@pytest.fixture(scope="module")
def running(shared_stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server on the database of the stage that the tests of a module share."""
    folder = tmp_path_factory.mktemp("running") / "instance"
    with running_server(folder, settings={"OWOX_DATABASE_URL": shared_stage.url}) as server:
        yield server


@pytest.fixture
def signed_in(shared_stage: Stage, running: Server, home: dict[str, str]) -> str:
    """Bob's management sign-in, where the command finds it."""
    return managing.sign_in(shared_stage, home, running.url)

"""The built wheel: owox-ctl installs from it alone, and the server finds in it everything that it needs."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from owox import __version__
from tests.infra.ports import free_port
from tests.infra.server import Server, environment, wait_until_live
from tests.infra.wheel import build

SERVERS = {"flask", "sqlalchemy", "werkzeug", "duckdb", "cryptography", "waitress", "yaml"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, as ``make dist`` builds it."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def alone(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment in which nothing was asked for but the wheel, and nothing may be compiled."""
    place = tmp_path_factory.mktemp("alone") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True, timeout=60)
    pip = [sys.executable, "-m", "pip", "--python", place / "bin/python", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--only-binary", ":all:", wheel], check=True, timeout=300)
    return place / "bin"


def run(program: Path, *arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run an installed program in a folder, for somebody who has never used it."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run([program, *arguments], cwd=folder, env=environ, capture_output=True, text=True, timeout=60)


def test_owox_ctl_installs_alone_without_a_compiler(alone: Path, tmp_path: Path):
    version = run(alone / "owox-ctl", "--version", folder=tmp_path)
    status = run(alone / "owox-ctl", "status", "--format", "json", folder=tmp_path)
    help_page = run(alone / "owox-ctl", "data-marts", "stream", "--help", folder=tmp_path)

    assert (version.stdout, version.stderr) == (f"owox-ctl {__version__}\n", "")
    assert (status.returncode, json.loads(status.stdout)["authenticated"]) == (1, False)
    assert help_page.returncode == 0


def test_nothing_of_the_server_is_installed_with_owox_ctl(alone: Path, tmp_path: Path):
    script = "import importlib.util as i, sys; print([n for n in sys.argv[1:] if i.find_spec(n)])"

    found = run(alone / "python", "-c", script, *SERVERS, folder=tmp_path)

    assert found.stdout == "[]\n"


def test_the_server_command_of_such_an_installation_says_what_is_missing(
    alone: Path, wheel: Path, tmp_path: Path
) -> None:
    refused = run(alone / "owox", "serve", folder=tmp_path)

    assert refused.returncode == 1
    assert refused.stderr.startswith("owox: Only owox-ctl and the Python client are installed here.")
    assert f'"{wheel.name}[server]"' in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_server_is_an_extra_of_the_wheel(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"owox-{__version__}.dist-info/METADATA").decode()

    always = set(re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", metadata, re.MULTILINE))
    servers = set(re.findall(r"^Requires-Dist: ([\w-]+).*; extra == 'server'$", metadata, re.MULTILINE))
    assert always == {"click", "httpx", "platformdirs", "python-dotenv", "rich"}
    assert {"flask", "sqlalchemy", "waitress"} <= servers


def test_server_from_the_wheel_works_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    """Templates, static files and migrations are inside; the instance folder is made where the server starts."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    empty = tmp_path / "empty"
    empty.mkdir()
    log, port = tmp_path / "log", free_port()

    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "owox.admin", "serve", "--port", str(port)],
            cwd=empty,
            env=environment({"PYTHONPATH": str(tmp_path / "installed")}),
            stdout=output,
            stderr=output,
        )
    try:
        server = Server(f"http://127.0.0.1:{port}", process.pid, empty / "instance", log)
        wait_until_live(server, process)
        page = httpx.get(server.setup_link)
        style = httpx.get(f"{server.url}/static/app.css")
    finally:
        process.terminate()
        process.wait(15)

    assert (page.status_code, style.status_code) == (200, 200)
    assert (empty / "instance" / "owox.db").is_file()
    assert os.stat(empty / "instance" / "SECRET_KEY").st_mode & 0o777 == 0o600

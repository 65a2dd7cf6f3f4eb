"""The wheel holds everything that the server needs: started in an empty folder, it serves its pages."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx

from tests.infra.ports import free_port
from tests.infra.server import Server, environment, wait_until_live

TOP = Path(__file__).parents[1]


def test_server_from_the_wheel_works_in_an_empty_folder(tmp_path: Path) -> None:
    """Templates, static files and migrations are inside; the instance folder is made where the server starts."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=TOP, check=True, capture_output=True, timeout=60)
    with zipfile.ZipFile(next((tmp_path / "dist").glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "installed")
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

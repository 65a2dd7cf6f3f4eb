"""What the command loads before it has anything to do with it."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import atexit, sys
atexit.register(lambda: print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr))
from owox.ctl import main
sys.argv = ["owox-ctl", *sys.argv[1:]]
main()
"""
HEAVY = {"httpx", "rich", "flask", "sqlalchemy", "duckdb", "dotenv", "asyncio", "logging", "ssl", "subprocess"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["status"],
        ["data-marts", "stream", "--help"],
        ["auth", "login", "--help"],
        ["keys", "list"],
        ["keys", "rotate", "--help"],
    ],
    ids=str,
)
def test_a_command_that_calls_no_server_loads_no_library_for_it(
    home: dict[str, str], tmp_path: Path, arguments: list[str]
):
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=home,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    loaded = set(result.stderr.split())
    assert "click" in loaded
    assert loaded & HEAVY == set()

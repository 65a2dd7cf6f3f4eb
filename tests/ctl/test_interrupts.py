"""Ctrl-C and readers that go away: quiet at every moment."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.ctl.conftest import COMMAND
from tests.infra.faulty import CONTEXT, MARTS, ROWS, FaultyServer, answer, chunk, rows_head

# Interrupts itself at the n-th call of a function of ours, or counts them where n is 0.
PROGRAM = """
import os, signal, sys
from owox.ctl import main

moment, calls = int(sys.argv.pop(1)), 0

def watch(frame, event, argument):
    global calls
    if event == "call" and f"{os.sep}owox{os.sep}" in frame.f_code.co_filename:
        calls += 1
        if calls == moment:
            sys.setprofile(None)
            signal.raise_signal(signal.SIGINT)

sys.setprofile(watch)
try:
    main()
finally:
    sys.setprofile(None)
    if not moment:
        print(calls, file=sys.stderr)
"""
MOMENTS = 12
COMMANDS = [
    ["status"],
    ["data-marts", "list", "--format", "table"],
    ["data-marts", "stream", "orders", "--output", "r.csv"],
]


@pytest.fixture
def answering(faulty: FaultyServer) -> FaultyServer:
    faulty.on(CONTEXT, answer(200, {"userId": "u", "projectId": "p", "authFlow": "api_key", "apiKeyId": "k"}))
    faulty.on(
        MARTS, answer(200, {"items": [{"id": "m", "title": "M", "status": "DRAFT"}], "total": 1, "nextOffset": None})
    )
    faulty.on(ROWS, rows_head() + chunk(b'{"n":1}\n') * 5 + chunk(b""))
    return faulty


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_an_interrupt_at_any_moment_ends_quietly_with_130(
    answering: FaultyServer, home: dict[str, str], variables: dict[str, str], tmp_path: Path, arguments: list[str]
):
    def interrupted_at(moment: int) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", PROGRAM, str(moment), *arguments]
        environ = {**home, **variables}
        return subprocess.run(
            command, env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )

    whole, rows = interrupted_at(0), tmp_path / "r.csv"
    calls = int(whole.stderr)
    rows.unlink(missing_ok=True)

    # The first call is that of main itself, in which nothing has begun.
    for moment in range(2, calls, max(1, calls // MOMENTS)):
        result = interrupted_at(moment)
        assert (result.returncode, result.stderr.strip()) == (130, ""), f"call {moment} of {calls}"
        assert result.stdout in ("", whole.stdout)
        assert {path.name for path in tmp_path.iterdir()} <= {rows.name}
        assert not rows.exists() or rows.read_bytes() == b"n\r\n" + b"1\r\n" * 5
        rows.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["status"], ["data-marts", "list"], ["data-marts", "stream", "orders"],
                  ["completion", "zsh"]],
    ids=" ".join,
)  # fmt: skip
def test_a_pipe_that_nobody_reads_ends_it_silently_and_not_as_done(
    answering: FaultyServer, home: dict[str, str], variables: dict[str, str], arguments: list[str]
):
    reader, writer = os.pipe()
    os.close(reader)

    result = subprocess.run(
        [COMMAND, *arguments], env={**home, **variables}, stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60
    )
    os.close(writer)

    assert (result.returncode, result.stderr) == (141, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
@pytest.mark.parametrize("arguments", ["status", "data-marts stream orders"])
def test_closed_ends_of_the_process_are_no_bug(
    answering: FaultyServer, home: dict[str, str], variables: dict[str, str], arguments: str, closed: str
):
    result = subprocess.run(
        ["sh", "-c", f'"{COMMAND}" {arguments} {closed}'],
        env={**home, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert "Traceback" not in result.stderr
    assert result.returncode == (1 if closed == ">&-" else 0)
    if closed == ">&-":
        assert "The output cannot be written" in result.stderr


def test_an_interrupt_while_duckdb_works_ends_quietly_too(
    faulty: FaultyServer, home: dict[str, str], variables: dict[str, str], tmp_path: Path
):
    part = b"".join(b'{"number":%d,"text":"text %d"}\n' % (number, number) for number in range(20_000))
    faulty.on(ROWS, [rows_head(), *[chunk(part)] * 60, chunk(b"")])
    command = [COMMAND, "data-marts", "stream", "orders", "--output", "rows.parquet"]

    with subprocess.Popen(
        command, env={**home, **variables}, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        while sum(path.stat().st_size for path in tmp_path.glob(".owox-ctl.*.ndjson")) < 60 * len(part):
            time.sleep(0.01)
        # Into the conversion, which takes longer than this.
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, complaint = process.communicate(timeout=60)

    assert (process.returncode, complaint.strip()) == (130, b"")
    assert list(tmp_path.iterdir()) == []

"""The installed command against servers that are down, slow, strange or cut off."""

import json
import subprocess
import sys
import threading

import pytest

from owox import __version__
from tests.ctl.conftest import COMMAND, Run
from tests.infra.faulty import CONTEXT, EXCHANGE, MARTS, ROWS, FaultyServer, answer, chunk, rows_head
from tests.infra.processes import interrupt

LINES = b'{"n":1}\n{"n":2}\n'
CALLS = [["status"], ["auth", "status"], ["data-marts", "list"], ["data-marts", "stream", "orders"]]


@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_a_server_that_is_down_is_unreachable(ctl: Run, variables: dict[str, str], arguments: list[str]):
    gone = FaultyServer()
    gone.close()

    result = ctl(*arguments, **{**variables, "OWOX_API_ORIGIN": gone.origin})

    assert result.returncode == 3
    assert arguments == ["auth", "status"] or "Unable to reach OWOX Data Marts API" in result.stdout + result.stderr


@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_html_is_not_mistaken_for_an_answer(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], arguments: list[str]
):
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>hi</html>"
    for path in (EXCHANGE, CONTEXT, MARTS, ROWS):
        faulty.on(path, page)

    result = ctl(*arguments, **variables)

    assert result.returncode == 1
    assert "<html>" not in result.stdout


@pytest.mark.parametrize("path", [EXCHANGE, MARTS])
def test_a_redirect_fails_and_nothing_is_sent_elsewhere(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], path: str
):
    elsewhere = FaultyServer()
    faulty.on(path, answer(307, None, f"Location: {elsewhere.origin}{path}", phrase="Temporary Redirect"))

    result = ctl("data-marts", "list", **variables)
    elsewhere.close()

    assert result.returncode == 1
    assert json.loads(result.stderr)["error"]["status"] == 307
    assert "Redirects are never followed" in result.stderr
    assert elsewhere.asked == []


def test_an_answer_that_comes_byte_by_byte_is_waited_for(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    rows = rows_head() + chunk(LINES) + chunk(b"")
    faulty.on(ROWS, [rows[at : at + 1] for at in range(len(rows))])

    result = ctl("data-marts", "stream", "orders", **variables)

    assert (result.returncode, result.stdout.encode()) == (0, LINES)


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"SSH-2.0-OpenSSH_9.9\r\n", b"HTTP/1.1 two hundred\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"],
    ids=["nothing", "another protocol", "a status in words", "less than announced"],
)  # fmt: skip
@pytest.mark.parametrize("arguments", CALLS, ids=" ".join)
def test_what_is_no_http_is_unreachable(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], arguments: list[str], rubbish: bytes
):
    faulty.on(EXCHANGE, rubbish)

    result = ctl(*arguments, **variables)

    assert result.returncode == 3
    assert "Traceback" not in result.stderr


def test_a_stream_that_is_cut_keeps_its_rows_and_fails(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    faulty.on(ROWS, rows_head() + chunk(LINES))

    result = ctl("data-marts", "stream", "orders", **variables)

    assert result.returncode == 1
    assert result.stdout.encode() == LINES
    error = json.loads(result.stderr)["error"]
    assert error["message"] == "Failed to read OWOX Data Mart data stream"
    assert error["details"] == {"dataMartId": "orders", "runId": "run-1"}


def test_rows_pass_through_byte_for_byte(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    odd = b'{"b": 1.0, "a": 12345678901234567890}\n{"error":"just a row"}\nnot json\n'
    faulty.on(ROWS, rows_head() + chunk(odd) + chunk(b""))

    result = ctl("data-marts", "stream", "orders", **variables)

    assert (result.returncode, result.stdout.encode(), result.stderr) == (0, odd, "")


def test_rows_reach_the_reader_before_the_stream_ends(
    faulty: FaultyServer, home: dict[str, str], variables: dict[str, str]
):
    more = threading.Event()
    faulty.on(ROWS, [rows_head() + chunk(LINES), more, chunk(b'{"n":3}\n') + chunk(b"")])
    command = [COMMAND, "data-marts", "stream", "orders"]

    with subprocess.Popen(command, env={**home, **variables}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        early = process.stdout.read(len(LINES))
        more.set()
        late = process.stdout.read()

    assert (early, late, process.returncode) == (LINES, b'{"n":3}\n', 0)


def test_an_interrupt_ends_quietly_with_130(faulty: FaultyServer, home: dict[str, str], variables: dict[str, str]):
    never = threading.Event()
    faulty.on(ROWS, [rows_head() + chunk(LINES), never])
    command = [COMMAND, "data-marts", "stream", "orders"]

    with subprocess.Popen(
        command, env={**home, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        interrupt(process)
        _, complaint = process.communicate(timeout=20)
    never.set()

    assert (process.returncode, complaint.strip()) == (130, "")


def test_an_interrupt_while_waiting_ends_quietly_with_130(
    faulty: FaultyServer, home: dict[str, str], variables: dict[str, str]
):
    never = threading.Event()
    faulty.on(EXCHANGE, [never])

    with subprocess.Popen([COMMAND, "status"], env={**home, **variables}, stderr=subprocess.PIPE, text=True) as process:
        faulty.wait_for_a_question()
        interrupt(process)
        _, complaint = process.communicate(timeout=20)
    never.set()

    assert (process.returncode, complaint.strip()) == (130, "")


def test_an_interrupt_while_modules_load_ends_quietly_with_130(home: dict[str, str]):
    program = """
import sys
from owox.ctl import main

class Interrupted:
    def find_spec(self, name, path, target=None):
        if name == "owox.ctl.sources":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
main()
"""

    result = subprocess.run([sys.executable, "-c", program], env=home, capture_output=True, text=True, check=False)

    assert (result.returncode, result.stdout, result.stderr) == (130, "", "")


def test_a_reader_that_stops_is_told_from_one_that_has_all(
    faulty: FaultyServer, home: dict[str, str], variables: dict[str, str]
):
    more = threading.Event()
    faulty.on(ROWS, [rows_head() + chunk(LINES), more, *[chunk(LINES * 1000)] * 50, chunk(b"")])
    command = [COMMAND, "data-marts", "stream", "orders"]

    with subprocess.Popen(
        command, env={**home, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b'{"n":1}\n'
        process.stdout.close()
        more.set()
        complaint = process.stderr.read()

    assert (process.returncode, complaint) == (141, b"")


def test_a_full_disk_is_said(faulty: FaultyServer, home: dict[str, str], variables: dict[str, str]):
    faulty.on(ROWS, rows_head() + chunk(LINES * 10_000) + chunk(b""))
    command = [COMMAND, "data-marts", "stream", "orders"]

    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            command, env={**home, **variables}, stdout=full, stderr=subprocess.PIPE, check=False, timeout=30
        )

    assert result.returncode == 1
    assert json.loads(result.stderr)["error"]["message"] == "The output cannot be written: No space left on device"


def test_the_server_learns_which_client_calls(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    ctl("data-marts", "stream", "orders", "--columns", "*", "--column", "a b", "--limit", "3", **variables)

    assert {asked.headers["user-agent"] for asked in faulty.asked} == {f"owox-ctl/{__version__}"}
    assert faulty.asked[-1].target.startswith(f"{ROWS}?columns=")
    assert faulty.asked[-1].target.endswith("limit=3")


def test_what_a_server_says_cannot_drive_the_terminal(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    mart = {"id": "m\x1b[2J", "title": "[red]T\u202eitle[/red]\x07", "status": "DRAFT"}
    faulty.on(MARTS, answer(200, {"items": [mart], "total": 1, "nextOffset": None}))
    listed = ctl("data-marts", "list", "--format", "table", **variables)
    faulty.on(MARTS, answer(403, {"message": "\x1b]0;owned\x07"}))
    refused = ctl("data-marts", "list", "--format", "table", **variables)

    assert "[red]T\ufffditle[/red]\ufffd" in listed.stdout
    assert refused.returncode == 1
    for shown in (listed.stdout, refused.stderr):
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_json_escapes_what_would_drive_the_terminal(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    mart = {"id": "m", "title": "é\x9b2J\x7f\u202e\x1b[2J\n", "status": "DRAFT"}
    faulty.on(MARTS, answer(200, {"items": [mart], "total": 1, "nextOffset": None}))

    result = ctl("data-marts", "list", **variables)

    assert json.loads(result.stdout) == [mart]
    assert r"é\u009b2J\u007f\u202e\u001b[2J\n" in result.stdout


def test_a_title_of_several_lines_stays_in_its_row(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    project = {
        "apiKeyId": "k",
        "authFlow": "api_key",
        "projectId": "p",
        "userId": "u",
        "projectTitle": "a\nRole: admin",
    }
    mart = {"id": "m", "title": "one\ntwo\tthree\u2028four", "status": "DRAFT"}
    faulty.on(MARTS, answer(200, {"items": [mart], "total": 1, "nextOffset": None}))
    faulty.on(CONTEXT, answer(200, {**project, "roles": ["viewer"]}))

    listed, status = (ctl(*words, "--format", "table", **variables) for words in (("data-marts", "list"), ("status",)))

    assert listed.stdout.splitlines()[1].split() == ["m", "one", "two", "three", "four", "DRAFT"]
    assert "Project:        a Role: admin (p)\n" in status.stdout


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_what_json_cannot_hold_is_no_answer(ctl: Run, faulty: FaultyServer, variables: dict[str, str], number: str):
    body = f'{{"items": [{{"id": "m", "title": "", "status": "", "n": {number}}}], "total": 1, "nextOffset": null}}'
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    faulty.on(MARTS, (head + body).encode())

    result = ctl("data-marts", "list", **variables)

    assert (result.returncode, result.stdout) == (1, "")
    assert "unexpected response shape" in json.loads(result.stderr)["error"]["message"]

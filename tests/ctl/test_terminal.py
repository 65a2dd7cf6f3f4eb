"""What is shown at a terminal alone: tables, colour, plain errors, and how far a download is."""

import re
import threading
from pathlib import Path

import pytest

from tests.ctl.conftest import Run
from tests.ctl.terminal import at_a_terminal
from tests.infra.faulty import MARTS, ROWS, FaultyServer, answer, chunk, rows_head

LINES = b'{"n":1}\n{"n":2}\n'
MARTS_FOUND = {"items": [{"id": "orders", "title": "Orders", "status": "DRAFT"}], "total": 1, "nextOffset": None}


@pytest.fixture
def terminal(home: dict[str, str], variables: dict[str, str]) -> dict[str, str]:
    """The environment of a terminal with colours and a key."""
    return {**home, **variables, "TERM": "xterm-256color"}


def slow_rows(faulty: FaultyServer) -> None:
    """Answer with rows, and with more of them once the first have been there for a while."""
    more = threading.Event()
    faulty.on(ROWS, [rows_head() + chunk(LINES), more, chunk(LINES) + chunk(b"")])

    def go_on() -> None:
        faulty.wait_for_a_question(2)
        threading.Timer(1, more.set).start()

    threading.Thread(target=go_on).start()


def test_a_list_is_a_table_with_a_bold_head(faulty: FaultyServer, terminal: dict[str, str]):
    faulty.on(MARTS, answer(200, MARTS_FOUND))

    code, shown = at_a_terminal(terminal, "data-marts", "list")

    assert code == 0
    assert "\x1b[1mID" in shown
    assert re.search(r"orders +Orders +DRAFT", shown)


@pytest.mark.parametrize(
    ("options", "more"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"}), (["--format", "json"], {})], ids=str
)
def test_colour_is_left_out_on_request(
    faulty: FaultyServer, terminal: dict[str, str], options: list[str], more: dict[str, str]
):
    faulty.on(MARTS, answer(200, MARTS_FOUND))

    code, shown = at_a_terminal({**terminal, **more}, "data-marts", "list", *options)

    assert code == 0
    assert "Orders" in shown
    assert "\x1b" not in shown


def test_an_error_is_a_plain_sentence_and_what_to_do(faulty: FaultyServer, terminal: dict[str, str]):
    code, shown = at_a_terminal(terminal, "data-marts", "stream", "gone")

    assert code == 1
    assert shown.splitlines()[0] == "OWOX API request failed with 404 Phrase: Not Found"
    assert shown.splitlines()[1].startswith("Check the ID")


def test_a_download_shows_how_far_it_is_and_takes_that_away(
    faulty: FaultyServer, terminal: dict[str, str], tmp_path: Path
):
    slow_rows(faulty)

    code, shown = at_a_terminal(terminal, "data-marts", "stream", "orders", "--output", "rows.ndjson", folder=tmp_path)

    assert code == 0
    assert re.search(r"\r\x1b\[2K32 B, \d+ B/s\r\x1b\[2K", shown)
    assert shown.endswith("Wrote the rows to rows.ndjson (32 B received).\r\n")
    assert (tmp_path / "rows.ndjson").read_bytes() == LINES * 2


def test_rows_on_the_terminal_itself_have_no_progress_among_them(faulty: FaultyServer, terminal: dict[str, str]):
    slow_rows(faulty)

    code, shown = at_a_terminal(terminal, "data-marts", "stream", "orders")

    assert (code, shown) == (0, (LINES * 2).decode().replace("\n", "\r\n"))


def test_a_terminal_that_cannot_write_over_a_line_gets_none(
    faulty: FaultyServer, terminal: dict[str, str], tmp_path: Path
):
    slow_rows(faulty)

    code, shown = at_a_terminal(
        {**terminal, "TERM": "dumb"}, "data-marts", "stream", "orders", "--output", "r.csv", folder=tmp_path
    )

    assert (code, shown) == (0, "Wrote 4 rows to r.csv (32 B received).\r\n")


def test_off_a_terminal_nothing_is_said_on_stderr(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    slow_rows(faulty)

    result = ctl("data-marts", "stream", "orders", "--output", "rows.ndjson", TERM="xterm", **variables)

    assert (result.returncode, result.stderr) == (0, "")


def test_rows_cannot_drive_the_terminal(faulty: FaultyServer, terminal: dict[str, str]):
    name = '{"name":"é\x9b2J\u202e\x1b[2J"}\n'.encode()
    # Cut inside the bytes of one character.
    at = name.index(b"\x9b")
    faulty.on(ROWS, [rows_head() + chunk(name[:at]), chunk(name[at:]) + chunk(b"")])

    code, shown = at_a_terminal(terminal, "data-marts", "stream", "orders")

    assert code == 0
    assert r'{"name":"é\u009b2J\u202e\u001b[2J"}' in shown


@pytest.mark.parametrize("columns", ["10", "30", "45", "60"])
def test_an_id_to_copy_is_whole_however_narrow_the_terminal_is(
    faulty: FaultyServer, terminal: dict[str, str], columns: str
):
    mart = {"id": "0f8b2e8e-8f0f-4b8e-9f1e-1234567890ab", "title": "Orders of the shop", "status": "PUBLISHED"}
    faulty.on(MARTS, answer(200, {"items": [mart], "total": 1, "nextOffset": None}))

    _, shown = at_a_terminal({**terminal, "COLUMNS": columns}, "data-marts", "list", "--no-color")

    assert mart["id"] in shown
    assert {"Orders", "shop"} <= set(shown.split())

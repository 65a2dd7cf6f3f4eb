"""The revocation journal as a file: whole lines from many processes, and what a crash or a hand has left in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from owox.services.journal import End, Journal, parsed
from tests.infra.processes import side_by_side

KEY = End("api_key", "pmk_" + "a" * 22, "revoked_at", 1_767_225_600_000)
WRITER = """
import subprocess
import sys
from pathlib import Path
from owox.services.journal import End, Journal
journal = Journal(Path(sys.argv[1]))
for number in range(200):
    journal.append([End("api_key", f"pmk_{sys.argv[2]}_{number}", "revoked_at", number).line])
"""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal that nobody has written to."""
    return Journal(tmp_path / "revocations.jsonl")


def test_a_line_is_an_id_and_a_moment_and_says_the_same_when_read(journal: Journal):
    journal.append([KEY.line])

    assert journal.path.read_text() == f'{{"api_key":"{KEY.id}","revoked_at":1767225600000}}\n'
    assert [parsed(line) for line in journal.read()] == [KEY]


def test_the_file_is_for_its_owner_alone_and_made_by_the_first_line(journal: Journal):
    """K19."""
    before = journal.read()

    journal.append([KEY.line])

    assert before == {}
    assert journal.path.stat().st_mode & 0o777 == 0o600


def test_lines_of_several_processes_at_once_stay_whole(journal: Journal):
    """S10."""
    commands = [[sys.executable, "-c", WRITER, journal.path, str(name)] for name in range(4)]

    with side_by_side(commands) as writers:
        ends = [writer.wait(60) for writer in writers]

    assert ends == [0] * 4
    entries = {parsed(line) for line in journal.read()}
    assert entries == {End("api_key", f"pmk_{name}_{n}", "revoked_at", n) for name in range(4) for n in range(200)}


@pytest.mark.parametrize("length", range(1, len(KEY.line)))
def test_a_line_that_a_crash_cut_anywhere_spoils_neither_itself_nor_the_next(journal: Journal, length: int):
    """S1: the last line may be torn; the next one begins on a line of its own."""
    whole = KEY._replace(id="pmk_whole")
    journal.append([whole.line])
    with journal.path.open("a") as file:
        file.write(KEY.line[:length])
    torn = list(journal.read())

    journal.append([KEY.line])

    assert torn == [whole.line]
    assert journal.read() == {whole.line: 1, KEY.line[:length]: 2, KEY.line: 3}


def test_a_last_line_that_lacks_only_its_end_counts(journal: Journal):
    journal.path.write_text(KEY.line)

    assert journal.read() == {KEY.line: 1}


@pytest.mark.parametrize(
    "line",
    [
        "revoked", "{", "[]", "null", "1", "{}", "[" * 100_000, '{"api_key":"pmk_a"}',
        '{"api_key":"pmk_a","revoked_at":"1767225600000"}', '{"api_key":"pmk_a","revoked_at":true}',
        '{"api_key":"pmk_a","revoked_at":-1}', '{"api_key":"pmk_a","revoked_at":1.5}',
        '{"api_key":"pmk_a","revoked_at":253402300800000}', '{"api_key":"pmk_a","revoked_at":NaN}',
        '{"api_key":"pmk_a","ended_at":1}', '{"membership":"a","revoked_at":1}',
        '{"api_key":"a\\u0000","revoked_at":1}',
        '{"api_key":"","revoked_at":1}', '{"api_key":["a"],"revoked_at":1}', '{"api_key":"a","revoked_at":1,"x":2}',
        f'{{"api_key":"{"a" * 37}","revoked_at":1}}', '{"revoked_at":1,"api_key":"a"}', "\ufffd\ufffd",
    ],
)  # fmt: skip
def test_what_is_no_entry_is_none(line: str):
    """I2."""
    assert parsed(line) is None


def test_an_entry_that_a_hand_has_spaced_out_says_the_same():
    assert parsed(f' {{ "api_key": "{KEY.id}",  "revoked_at": {KEY.at} }} \r') == KEY


def test_a_journal_that_cannot_be_written_is_logged_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """S3."""
    Journal(tmp_path).note([KEY])

    assert f"The revocation journal {tmp_path} cannot be written (Is a directory)." in caplog.text
    assert "Make it writable" in caplog.text


def test_a_disk_that_takes_half_a_line_is_an_error_and_the_next_line_is_whole(tmp_path: Path):
    """S3: a file may grow to 100 bytes and no further, as on a full disk."""
    journal = Journal(tmp_path / "revocations.jsonl")
    script = (
        "import resource, signal, sys; from pathlib import Path; from owox.services.journal import *;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        f"journal, line = Journal(Path(sys.argv[1])), {KEY.line!r}; journal.append([line]); journal.append([line])"
    )

    done = subprocess.run([sys.executable, "-c", script, journal.path], capture_output=True, text=True)
    journal.append([KEY.line])

    assert "OSError: [Errno 28] No space left on device" in done.stderr
    assert list(journal.read()) == [KEY.line, KEY.line[: 100 - len(KEY.line) - 1]]

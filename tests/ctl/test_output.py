"""Rows in files: what each form holds, and that no half file ever has the final name."""

import csv
import json
import os
import stat
import subprocess
import threading
from pathlib import Path

import duckdb
import pytest

from tests.ctl.conftest import COMMAND, Run
from tests.infra.faulty import ROWS, FaultyServer, answer, chunk, rows_head
from tests.infra.processes import interrupt

ODD = (
    b'{"n":1,"text":"a,\\"b\\"\\nc","empty":"","none":null,"flag":true,"deep":{"a":[1,"\xc3\xa9"]},"big":12345678901234567890}\n'
    b'{"n":2.50,"text":" x","empty":"","none":null,"flag":false,"deep":null,"big":0}\n'
)
LINES = b'{"n":1}\n{"n":2}\n'
FORMS = (".ndjson", ".csv", ".parquet")


def stream(
    ctl: Run, variables: dict[str, str], output: str, *more: str, **other: str
) -> "subprocess.CompletedProcess[str]":
    return ctl("data-marts", "stream", "orders", "--output", output, *more, **{**variables, **other})


def whole(*parts: bytes) -> bytes:
    return rows_head() + b"".join(map(chunk, parts)) + chunk(b"")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_ndjson_is_the_bytes_as_sent(ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path):
    odd = ODD + b"not json\n\n{}"
    faulty.on(ROWS, whole(odd[:7], odd[7:]))

    result = stream(ctl, variables, "rows.ndjson")

    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout) == {
        "output": "rows.ndjson", "bytesReceived": len(odd), "runId": "run-1",
    }  # fmt: skip
    assert (tmp_path / "rows.ndjson").read_bytes() == odd


def test_csv_keeps_values_as_json_has_them(ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path):
    faulty.on(ROWS, whole(ODD))

    result = stream(ctl, variables, "rows.csv", "--format", "table")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"Wrote 2 rows to rows.csv ({len(ODD)} B received).\n"
    text = (tmp_path / "rows.csv").read_bytes().decode()
    assert text.splitlines(keepends=True)[0] == "n,text,empty,none,flag,deep,big\r\n"
    assert text.endswith('2.5," x","",,false,,0\r\n')
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        first, _ = csv.DictReader(file)
    assert first == {
        "n": "1", "text": 'a,"b"\nc', "empty": "", "none": "", "flag": "true", "deep": '{"a":[1,"é"]}',
        "big": "12345678901234567890",
    }  # fmt: skip


FORMULAS = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+A1", "\t=1", "\r=1", "\uff1d1", "\uff0dA1"]
NO_FORMULAS = ["-12.50", "+380 (44) 123-45-67", "-", "a=1", "'=1", "\u2028=", "a\0b", " =1"]


def test_no_text_in_a_csv_is_run_as_a_formula_and_all_others_stay(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path
):
    """I12, W8: names of columns are texts too; numbers are not."""
    rows = [{"=name": text, "number": -5} for text in FORMULAS + NO_FORMULAS]
    faulty.on(ROWS, whole("".join(f"{json.dumps(row)}\n" for row in rows).encode()))

    assert stream(ctl, variables, "rows.csv").returncode == 0

    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as file:
        names, *found = csv.reader(file)
    assert names == ["'=name", "number"]
    assert [text for text, _ in found] == [f"'{text}" for text in FORMULAS] + NO_FORMULAS
    assert {number for _, number in found} == {"-5"}


def test_parquet_has_the_types_of_its_values(ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path):
    rows = [{"n": number, "day": "2026-11-25", "text": f"é{number}", "price": 1.5, "none": None} for number in (1, 2)]
    faulty.on(ROWS, whole("".join(f"{json.dumps(row)}\n" for row in rows).encode()))
    folder = tmp_path / "it's [odd] *"
    folder.mkdir()

    result = stream(ctl, variables, f"{folder}/rows.PARQUET")

    assert (result.returncode, json.loads(result.stdout)["rows"]) == (0, 2)
    assert files(folder) == ["rows.PARQUET"]
    with duckdb.connect() as database:
        found = database.read_parquet(str(folder / "rows.PARQUET").replace("[", "[[]").replace("*", "[*]"))
        assert dict(zip(found.columns, map(str, found.types), strict=True)) | {"none": ""} == {
            "n": "BIGINT", "day": "DATE", "text": "VARCHAR", "price": "DOUBLE", "none": "",
        }  # fmt: skip
        assert [row[0] for row in found.order("n").fetchall()] == [1, 2]


def test_parquet_needs_duckdb_and_says_so_before_anything_is_asked(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path
):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import importlib.util as u\n"
        "find = u.find_spec\n"
        "u.find_spec = lambda name, *more: find(name, *more) if name != 'duckdb' else None\n"
    )

    result = stream(ctl, variables, "rows.parquet", PYTHONPATH=str(tmp_path / "site"))

    assert (result.returncode, faulty.asked) == (1, [])
    assert "Writing .parquet needs duckdb, which is not installed" in result.stderr


@pytest.mark.parametrize("form", FORMS[:2])
def test_no_rows_make_an_empty_file(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, form: str
):
    faulty.on(ROWS, whole())

    assert stream(ctl, variables, f"rows{form}").returncode == 0
    assert (tmp_path / f"rows{form}").read_bytes() == b""


def test_no_rows_make_no_parquet(ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path):
    faulty.on(ROWS, whole())

    result = stream(ctl, variables, "rows.parquet")

    assert (result.returncode, files(tmp_path)) == (1, [])
    assert "There are no rows" in result.stderr


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "ending",
    [
        whole(LINES)[:-5],
        rows_head() + chunk(LINES)[:-9],
        rows_head() + b"zz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 99\r\n\r\n" + LINES,
        b"HTTP/1.0 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n" + LINES,
        rows_head("Content-Type: application/x-ndjson", "Content-Encoding: gzip") + chunk(LINES) + chunk(b""),
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>hi</html>",
        answer(302, None, "Location: /elsewhere"),
        answer(424, {"message": "The storage is gone", "code": "STORAGE_READ_FAILED"}),
    ],
    ids=["no end", "in a chunk", "broken framing", "too short", "HTTP/1.0", "gzip", "html", "redirect", "424"],
)  # fmt: skip
def test_a_stream_that_is_no_whole_one_leaves_the_folder_as_it_was(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, form: str, ending: bytes
):
    (tmp_path / f"rows{form}").write_text("older")
    faulty.on(ROWS, ending)

    result = stream(ctl, variables, f"rows{form}")

    assert (result.returncode, result.stdout) == (1, "")
    assert json.loads(result.stderr)["error"]["name"] == "OWOXApiError"
    assert files(tmp_path) == [f"rows{form}"]
    assert (tmp_path / f"rows{form}").read_text() == "older"


@pytest.mark.parametrize("more", [("rows.csv",), ("rows.parquet",), ("rows.ndjson", "--check")], ids=" ".join)
@pytest.mark.parametrize("line", [b"{", b"[1]", b'{"n":NaN}', b'{"n":"\xff"}'])
def test_a_broken_line_is_named_where_lines_are_parsed(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, more: tuple[str, ...], line: bytes
):
    faulty.on(ROWS, whole(b'{"n":1}\n\n' + line[:1], line[1:] + b'\n{"n":3}\n'))

    result = stream(ctl, variables, *more)

    error = json.loads(result.stderr)["error"]
    assert (result.returncode, files(tmp_path)) == (1, [])
    assert "NDJSON line 2 " in error["message"]
    assert error["details"]["lineNumber"] == 2


def test_checking_works_for_stdout_too_and_the_last_line_counts(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str]
):
    faulty.on(ROWS, whole(LINES), whole(LINES, b"{"), whole(b"{\n" + LINES))

    sound, torn, broken = (ctl("data-marts", "stream", "orders", "--check", **variables) for _ in range(3))

    assert (sound.returncode, sound.stdout.encode(), sound.stderr) == (0, LINES, "")
    assert (torn.returncode, json.loads(torn.stderr)["error"]["details"]["lineNumber"]) == (1, 3)
    assert (broken.returncode, broken.stdout) == (1, "")


def test_rows_with_other_columns_are_no_csv(ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path):
    faulty.on(ROWS, whole(LINES + b'{"m":1}\n'))

    result = stream(ctl, variables, "rows.csv")

    assert (result.returncode, files(tmp_path)) == (1, [])
    assert "Row 3 has other columns than the first" in result.stderr


@pytest.mark.parametrize("name", ["rows", "rows.txt", "-", "rows.json", ".csv", "rows.csv.gz", ""])
def test_a_name_that_says_no_form_is_wrong_usage(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, name: str
):
    result = stream(ctl, variables, name)

    assert (result.returncode, faulty.asked, files(tmp_path)) == (2, [], [])
    assert "must end in .ndjson, .csv, .parquet" in result.stderr


@pytest.mark.parametrize("place", ["missing/rows.csv", "file/rows.csv", "folder.csv", "x" * 300 + ".csv"], ids=str)
def test_a_place_that_cannot_be_written_is_said_before_anything_is_asked(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, place: str
):
    (tmp_path / "file").touch()
    (tmp_path / "folder.csv").mkdir()

    result = stream(ctl, variables, place)

    assert (result.returncode, faulty.asked, files(tmp_path)) == (1, [], ["file", "folder.csv"])
    assert f"{place} cannot be written: " in json.loads(result.stderr)["error"]["message"]


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk_leaves_nothing(
    home: dict[str, str], faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, form: str
):
    faulty.on(ROWS, whole(LINES * 50_000))
    limited = f'ulimit -f 8; exec "{COMMAND}" data-marts stream orders --output rows{form}'

    result = subprocess.run(
        ["bash", "-c", limited], env={**home, **variables}, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (result.returncode, files(tmp_path)) == (1, [])
    assert json.loads(result.stderr)["error"]["message"] == f"rows{form} cannot be written: File too large"


@pytest.mark.parametrize("form", FORMS)
def test_an_interrupt_leaves_nothing(
    home: dict[str, str], faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, form: str
):
    never = threading.Event()
    faulty.on(ROWS, [rows_head() + chunk(LINES), never])
    command = [COMMAND, "data-marts", "stream", "orders", "--output", f"rows{form}"]

    with subprocess.Popen(command, env={**home, **variables}, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        faulty.wait_for_a_question(2)
        interrupt(process)
        _, complaint = process.communicate(timeout=20)
    never.set()

    assert (process.returncode, complaint.strip(), files(tmp_path)) == (130, b"", [])


def test_a_file_that_is_replaced_keeps_its_mode_and_a_link_stays_one(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path
):
    faulty.on(ROWS, whole(LINES))
    (tmp_path / "kept.ndjson").touch(mode=0o600)
    (tmp_path / "link.ndjson").symlink_to("kept.ndjson")
    os.chmod(tmp_path / "kept.ndjson", 0o600)

    stream(ctl, variables, "link.ndjson")

    assert (tmp_path / "link.ndjson").is_symlink()
    assert (tmp_path / "kept.ndjson").read_bytes() == LINES
    assert stat.S_IMODE((tmp_path / "kept.ndjson").stat().st_mode) == 0o600

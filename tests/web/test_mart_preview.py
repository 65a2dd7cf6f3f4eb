"""The preview: real reads through the engine, with what goes wrong between a definition and a read."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from owox.models import Run
from owox.services import preview, rows
from tests.cast import Stage, disable, end_membership
from tests.web.browsing import HTMX
from tests.web.marts import Desk, a_file, change, desk, over, path_of

VALUES = """SELECT 1 AS n, NULL AS nothing, '' AS empty, repeat('long ', 100) AS "a ""long"" one",
    {'a': [1, NULL], 'b': 'é'} AS nested, '<b hx-get=/x>x</b>' AS markup, 'a' || chr(0) || 'b' AS nul,
    18446744073709551615::UBIGINT AS large, 'NaN'::DOUBLE AS nan, chr(8238) || 'gnp.exe' AS turned, chr(8232) AS line"""


def runs(stage: Stage) -> int:
    """How many runs there are."""
    with stage.session() as session:
        return session.scalar(select(func.count()).select_from(Run)) or 0


def before(stage: Stage, folder: Path, sql: str, *statements: str, **values: object) -> Desk:
    """Bob before a draft that reads SQL from a file of his own."""
    return desk(stage, **over(stage, a_file(stage, folder, *statements), sql, **values))


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_rows_are_read_and_no_run_is_recorded(headers: dict[str, str] | None, shared_stage: Stage):
    at = desk(shared_stage, "vera", "Orders")
    known = runs(shared_stage)

    answer = at.get("preview", headers=headers)

    assert answer.status_code == 200
    assert ("<html" in answer.text) is (headers is None)
    assert "All 3 rows." in answer.text
    assert all(word in answer.text for word in ("kettle", "lamp", "planter", "INTEGER", "VARCHAR"))
    assert "A preview is not in the run history." in answer.text
    assert runs(shared_stage) == known
    assert answer.headers["Cache-Control"] == "no-store"


def test_values_are_shown_as_what_they_are(stage: Stage, tmp_path: Path):
    """W8: NULL and empty text are told apart, markup stays text, nothing is invisible."""
    page = before(stage, tmp_path, VALUES).part("preview")

    assert '<td class="null short"><span class="muted">NULL</span></td>' in "".join(page.split("\n"))
    assert '<span class="muted">empty text</span>' in page
    assert "500 characters" in page
    assert "&#34;a&#34;: [1, null]" in page
    assert "&lt;b hx-get=/x&gt;" in page
    assert "<b hx-get" not in page
    assert "a␀b" in page
    assert "18446744073709551615" in page
    assert "NaN" in page
    assert "<bdi>\u202egnp.exe</bdi>" in page
    assert "a &#34;long&#34; one" in page


@pytest.mark.parametrize(("count", "told"), [(0, "There are no rows."), (1, "The only row."), (50, "All 50 rows."),
                                             (51, "The first 50 rows; there are more.")])  # fmt: skip
def test_it_says_how_many_rows_there_are(count: int, told: str, stage: Stage, tmp_path: Path):
    page = before(stage, tmp_path, f"SELECT range AS n FROM range({count})").part("preview")

    assert told in page
    assert page.count('<td class="number short">') == min(count, 50)


def test_large_rows_end_it_early(stage: Stage, tmp_path: Path):
    page = before(stage, tmp_path, "SELECT range AS n, repeat('x', 400_000) AS x FROM range(50)").part("preview")

    assert "The first 2 rows; more would be too large for a preview." in page
    assert "The beginning of 400,000 characters" in page
    assert len(page) < 40_000


def test_three_hundred_columns_are_shown(stage: Stage, tmp_path: Path):
    columns = ", ".join(f"{number} AS c{number}" for number in range(300))

    page = before(stage, tmp_path, f"SELECT {columns}").part("preview")

    assert page.count('<th scope="col">') == 300
    assert ">299<" in page


def test_hidden_fields_are_left_out(stage: Stage):
    at = desk(stage, fields=[{"name": "id", "type": "INTEGER"}, {"name": "product", "type": "VARCHAR", "hidden": True}])

    assert "kettle" not in at.part("preview")

    at.post("field", name="id", choice="usual", hidden="y")
    answer = at.get("preview")
    assert answer.status_code == 422
    assert "No columns available" in answer.text
    assert "All its fields are hidden from readers: show one of them, under Fields." in answer.text


@pytest.mark.parametrize(
    ("name", "title", "status"), [("vera", "Draft", 403), ("bob", "Draft", 200), ("bob", "Admins only", 403)]
)
def test_a_draft_is_previewed_by_those_who_may_edit_it(name: str, title: str, status: int, shared_stage: Stage):
    """contract.md 4.8: its rows are no key's to read, nor a viewer's to look at."""
    at = desk(shared_stage, name, title)

    assert at.get("preview").status_code == status
    if (name, title) == ("vera", "Draft"):
        assert "Only those who may change a draft can preview it." in at.part()


def test_a_draft_without_a_definition_says_so(shared_stage: Stage):
    answer = desk(shared_stage, definition=None, definition_type=None, fields=[]).get("preview", headers=HTMX)

    assert answer.status_code == 422
    assert "has no definition yet. Define it first." in answer.text


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["ALTER TABLE orders DROP product"], "product"),
        (["DROP TABLE orders"], "orders does not exist"),
        (["ALTER TABLE orders ALTER product TYPE INTEGER USING 1"], ""),
    ],
    ids=["column gone", "table gone", "type changed"],
)
def test_what_changed_in_the_storage_since_is_said(statements: list[str], told: str, stage: Stage, tmp_path: Path):
    storage_id = a_file(stage, tmp_path, "CREATE TABLE orders AS SELECT 1 AS id, 'kettle' AS product")
    at = desk(stage, storage_id=storage_id)
    at.post("refresh")
    assert "kettle" in at.part("preview")

    change(path_of(stage, storage_id), *statements)

    answer = at.get("preview", headers=HTMX)
    assert answer.status_code == (424 if told else 200)
    assert told in answer.text
    assert ("refresh the" in answer.text) is bool(told)


def test_a_storage_that_is_gone_is_said_in_place(stage: Stage, tmp_path: Path):
    at = before(stage, tmp_path, "SELECT 1 AS n", "CREATE TABLE t (a INTEGER)")
    path_of(stage, at.kept.storage_id).unlink()

    answer = at.get("preview", headers=HTMX)

    assert answer.status_code == 424
    assert answer.text.lstrip().startswith('<section id="preview"')
    assert "There is no file or folder" in answer.text
    assert "HX-Retarget" not in answer.headers


def test_a_slow_query_ends_at_the_limit(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(preview, "SECONDS", 0.3)
    at = before(stage, tmp_path, "SELECT sum(a.range * b.range) AS n FROM range(1000000) a, range(1000000) b")

    answer = at.get("preview")

    assert answer.status_code == 424
    assert "took longer than 0.3 seconds" in answer.text


def test_it_takes_a_place_of_the_streams(shared_stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "MOST_PER_MEMBER", 1)
    at = desk(shared_stage, "vera", "Orders")

    with shared_stage.services.streams.place(shared_stage["vera"].member_id):
        refused = at.get("preview")

    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "5"
    assert "Too many row streams are open at once." in refused.text
    assert at.get("preview").status_code == 200


@pytest.mark.parametrize("leave", [disable, end_membership])
def test_nothing_is_handed_out_once_the_reader_may_not(leave: object, stage: Stage, monkeypatch: pytest.MonkeyPatch):
    """Z5: decided again when the storage has answered."""
    at, asked, left = desk(stage, "vera", "Orders"), threading.Event(), threading.Event()
    read = preview.read

    def slowly(*arguments: object) -> preview.Preview:
        found = read(*arguments)
        asked.set()
        assert left.wait(30)
        return found

    monkeypatch.setattr(preview, "read", slowly)
    answers = []
    reader = threading.Thread(target=lambda: answers.append(at.get("preview")))
    reader.start()
    assert asked.wait(30)
    leave(stage, "vera")
    left.set()
    reader.join()

    assert answers[0].status_code == 303
    assert "kettle" not in answers[0].text

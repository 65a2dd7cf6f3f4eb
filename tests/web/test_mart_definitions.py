"""Defining a data mart, publishing it, reading its fields again; storages that refuse, and that are gone."""

from pathlib import Path

import pytest

from owox.web.mart_definitions import place
from tests.cast import Stage
from tests.web.browsing import HTMX, elements
from tests.web.marts import Desk, a_file, change, desk, over, path_of

BROKEN = "SELECT id,\n  nonsense\nFROM orders"
ODD = 'na"me. 🧾 ünï'


def defined(at: Desk) -> tuple[str | None, dict[str, str] | None, list[str]]:
    """What a data mart reads, and the names of its fields."""
    mart = at.kept
    return mart.definition_type, mart.definition, [field["name"] for field in mart.fields]


@pytest.fixture
def odd(stage: Stage, tmp_path: Path) -> Desk:
    """Bob before a draft over a file with a table of an odd name."""
    quoted = ODD.replace('"', '""')
    storage_id = a_file(stage, tmp_path, f'CREATE TABLE "{quoted}" (a INTEGER)', f'CREATE VIEW seen AS FROM "{quoted}"')
    return desk(stage, storage_id=storage_id)


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
@pytest.mark.parametrize("status", ["DRAFT", "PUBLISHED"])
def test_sql_that_the_storage_can_read_is_saved(status: str, headers: dict[str, str] | None, stage: Stage):
    at = desk(stage, status=status)

    answer = at.post("definition", headers, kind="SQL", sql="SELECT id AS n\r\nFROM orders", name="ignored")

    assert (answer.headers["HX-Redirect"] if headers else answer.location) == f"{at.page}?done=defined"
    assert defined(at) == ("SQL", {"sqlQuery": "SELECT id AS n\nFROM orders"}, ["n"])
    assert at.kept.status == status
    page = at.get().text
    assert "SELECT id AS n\nFROM orders" in page
    assert "A query in the SQL of DuckDB." in page


@pytest.mark.parametrize(
    ("kind", "name"),
    [("TABLE", '"na""me. 🧾 ünï"'), ("VIEW", "main.seen"), ("TABLE", "main.seen"), ("VIEW", '"na""me. 🧾 ünï"')],
)
def test_tables_and_views_are_named_as_in_sql(kind: str, name: str, odd: Desk):
    """Either kind takes either thing, so that the page does not say which it is."""
    assert odd.post("definition", kind=kind, name=f" {name} ", sql="ignored").status_code == 303
    assert defined(odd) == (kind, {"fullyQualifiedName": name}, ["a"])
    assert "A table or view of DuckDB." in odd.get().text
    form = elements(odd.get("definition"))
    assert [found["value"] for _, found in form if found.get("name") == "kind" and "checked" in found] == [kind]
    assert [found["value"] for _, found in form if found.get("name") == "name"] == [name]


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
def test_broken_sql_is_said_at_the_field_with_its_place_and_stays(headers: dict[str, str] | None, stage: Stage):
    at = desk(stage)
    before = defined(at)

    answer = at.post("definition", headers, kind="SQL", sql=BROKEN)

    assert answer.status_code == 422
    assert "(line 2, column 3)" in answer.text
    assert "  nonsense\n  ^</code>" in answer.text
    assert BROKEN in answer.text
    named = next(found for tag, found in elements(answer) if tag == "textarea")
    assert (named["aria-invalid"], named["aria-describedby"]) == ("true", "sql-error")
    assert ("<html" in answer.text) is (headers is None)
    assert defined(at) == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"sql": " \r\n "}, "Enter one SELECT."),
        ({"sql": "SELECT 1; SELECT 2"}, "exactly one SELECT"),
        ({"sql": "DROP TABLE orders"}, "exactly one SELECT"),
        ({"sql": "COPY orders TO 'x.csv'"}, "exactly one SELECT"),
        ({"sql": "SELECT * FROM read_csv('/etc/passwd')"}, "read_csv"),
        ({"sql": "SELECT $1"}, "must not have parameters"),
        ({"sql": "SELECT 'a\0b'"}, "Remove the NUL character."),
        ({"sql": "SELECT * FROM nowhere"}, "nowhere"),
        ({"sql": "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")}, "(line 1, column 1)"),
        ({"sql": f"SELECT {'(' * 2000}1{')' * 2000}"}, "definition"),
        ({"kind": "TABLE", "name": " "}, "Enter a name"),
        ({"kind": "TABLE", "name": "nowhere"}, "nowhere"),
        ({"kind": "TABLE", "name": "a.b.c.d"}, "schema.table"),
        ({"kind": "TABLE", "name": "orders; DROP TABLE orders"}, "orders; DROP TABLE orders"),
        ({"kind": "VIEW", "name": "x" * 1001}, "at most 1000"),
        ({"kind": "TABLE", "name": "a\0b"}, "Remove the NUL character."),
        ({"kind": "CONNECTOR"}, "not one of the choices"),
        ({"kind": ""}, "not one of the choices"),
    ],
)
def test_what_is_no_definition_is_refused_and_stays(typed: dict[str, str], said: str, shared_stage: Stage):
    at = desk(shared_stage)
    before = defined(at)

    answer = at.post("definition", **({"kind": "SQL", "sql": "SELECT 'kept'", "name": "kept"} | typed))

    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "'").replace("&#34;", '"')
    assert ("kept" in answer.text) is True
    assert defined(at) == before


def test_long_sql_is_kept_and_too_long_a_body_refused(shared_stage: Stage):
    """I1: the limit is that of all bodies."""
    at = desk(shared_stage)
    padding = "-- Ünï\n" * 7_000

    assert (
        at.post(
            "definition", kind="SQL", sql=f"{padding}SELECT 1 AS one", content_type="multipart/form-data"
        ).status_code
        == 303
    )
    assert defined(at)[2] == ["one"]
    assert at.post("definition", kind="SQL", sql=padding * 3).status_code == 413
    assert defined(at)[2] == ["one"]


def test_a_storage_that_is_gone_is_said_and_the_text_stays(stage: Stage, tmp_path: Path):
    storage_id = a_file(stage, tmp_path, "CREATE TABLE orders (id INTEGER)")
    at = desk(stage, storage_id=storage_id)
    path_of(stage, storage_id).unlink()

    answer = at.post("definition", HTMX, kind="SQL", sql="SELECT typed FROM nowhere")

    assert answer.status_code == 424
    assert "nothing was saved" in answer.text
    assert "There is no file or folder" in answer.text
    assert "SELECT typed FROM nowhere" in answer.text
    for act, title in (("publish", "Not published"), ("refresh", "The fields stay as they were")):
        for headers in (None, HTMX):
            refused = at.post(act, headers)
            assert refused.status_code == 424
            assert title in refused.text
            assert "There is no file or folder" in refused.text
    assert at.kept.status == "DRAFT"


def test_publishing_and_unpublishing_open_and_close_it(stage: Stage):
    at = desk(stage)
    rows = f"/api/external/http-data/data-marts/{at.mart_id}.ndjson"

    published = at.post("publish", HTMX)
    assert (published.headers["HX-Reswap"], published.headers["HX-Trigger"]) == ("none", "mart-changed, rows-changed")
    assert "The data mart is published." in published.text
    assert at.visit.client.get(rows).status_code == 200
    assert f"owox-ctl data-marts stream {at.mart_id}" in at.part()
    assert "No tool can read its rows" in at.part("unpublish")
    assert at.post("unpublish").location == f"{at.page}?done=unpublished"

    assert at.visit.client.get(rows).status_code == 404
    assert f"owox-ctl data-marts stream {at.mart_id}" not in at.part()


def test_a_draft_without_a_definition_is_not_published(stage: Stage):
    at = desk(stage, definition=None, definition_type=None, fields=[])

    answer = at.post("publish")

    assert answer.status_code == 422
    assert "has no definition yet. Define it first." in answer.text
    assert at.kept.status == "DRAFT"
    assert "Define it" in at.part()
    assert "There is nothing to read yet." in at.part()


def test_fields_follow_the_storage_and_keep_what_was_set(stage: Stage, tmp_path: Path):
    storage_id = a_file(stage, tmp_path, "CREATE TABLE orders (id INTEGER, old VARCHAR)")
    kept = [{"name": "id", "type": "INTEGER", "description": "The number"}, {"name": "old", "type": "VARCHAR"}]
    at = desk(stage, storage_id=storage_id, fields=kept)
    change(path_of(stage, storage_id), "ALTER TABLE orders DROP old", "ALTER TABLE orders ADD new DATE")

    answer = at.post("refresh", HTMX)

    assert "as the storage has them now" in answer.text
    assert at.kept.fields == [kept[0], {"name": "new", "type": "DATE"}]
    change(path_of(stage, storage_id), "DROP TABLE orders")
    gone = at.post("refresh")
    assert gone.status_code == 422
    assert "orders does not exist" in gone.text
    assert at.kept.fields == [kept[0], {"name": "new", "type": "DATE"}]


def test_another_definition_over_the_same_names_keeps_what_was_set(stage: Stage, tmp_path: Path):
    storage_id = a_file(stage, tmp_path, "CREATE TABLE orders (id INTEGER)")
    at = desk(
        stage, **over(stage, storage_id, "SELECT 1 AS id", fields=[{"name": "id", "type": "INTEGER", "hidden": True}])
    )

    at.post("definition", kind="SQL", sql="SELECT id, 2 AS two FROM orders")

    assert [field.get("hidden") for field in at.kept.fields] == [True, None]


@pytest.mark.parametrize(
    ("sql", "told", "text", "indent"),
    [
        ("a\n\tb c", "No b (line 2, column 2)", " b c", 1),
        (f"{'x' * 200}!{'y' * 200}", "No ! (line 1, column 201)", f"{'x' * 59}!{'y' * 60}", 59),
        ("", "Nothing (line 1, column 1)", "", 0),
    ],
)
def test_a_place_is_shown_with_what_is_near(sql: str, told: str, text: str, indent: int):
    found = place(sql, told)

    assert found is not None
    assert (found.text, found.indent) == (text, indent)


@pytest.mark.parametrize(
    "told", ["no place", "(line 9, column 1)", "(line 0, column 1)", "(line 1, column 1) and more"]
)
def test_a_place_that_is_none_is_not_shown(told: str):
    assert place("SELECT", told) is None

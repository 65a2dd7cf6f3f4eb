"""What is set of one field of a data mart, and what readers then get."""

from typing import Any

import pytest

from tests.cast import Stage
from tests.web.browsing import HTMX, elements
from tests.web.marts import Desk, desk

ODD = "a\"b'c/d?e&f=g #%41 🧾 <b>"
FIELDS = [{"name": "id", "type": "INTEGER"}, {"name": "product", "type": "VARCHAR"}, {"name": ODD, "type": "BOOLEAN"}]


def ticked(at: Desk, name: str) -> set[str]:
    """What stands ticked or chosen in the dialog of a field."""
    found = elements(at.get("field", query_string={"name": name}))
    return {each["value"] or "" for _, each in found if "checked" in each and each.get("value") != "y"}


def test_a_field_is_described_hidden_and_given_aggregates(stage: Stage):
    at = desk(stage, fields=FIELDS, status="PUBLISHED")

    answer = at.post(
        "field",
        HTMX,
        name="id",
        hidden="y",
        description=" The\r\nnumber ",
        choice="chosen",
        aggregations=["P50", "SUM"],
    )

    assert (answer.headers["HX-Reswap"], answer.headers["HX-Trigger"]) == ("delete", "mart-changed, rows-changed")
    assert at.kept.fields[0] == {
        "name": "id", "type": "INTEGER", "hidden": True, "description": "The\nnumber", "aggregations": ["P50", "SUM"],
    }  # fmt: skip
    assert at.kept.fields[1:] == FIELDS[1:]
    assert ticked(at, "id") == {"chosen", "SUM", "P50"}
    page = at.part()
    assert "Readers do not see it" in page
    assert "The\nnumber" in page
    rows = at.visit.client.get(f"/api/external/http-data/data-marts/{at.mart_id}.ndjson?limit=1")
    assert rows.data == b'{"product":"kettle"}\n'


def test_the_usual_aggregates_come_back(stage: Stage):
    at = desk(stage, fields=[FIELDS[0] | {"aggregations": []}])
    assert ticked(at, "id") == {"chosen"}

    at.post("field", name="id", choice="usual", aggregations=["P50"])

    assert at.kept.fields == [FIELDS[0]]
    assert ticked(at, "id") == {"usual", "SUM", "AVG", "MIN", "MAX"}
    assert "SUM, AVG, MIN, MAX" in at.part()


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("id", {"SUM", "AVG", "MIN", "MAX", "ANY_VALUE", "P25", "P50", "P75", "P95", "COUNT", "COUNT_DISTINCT"}),
        ("product", {"MIN", "MAX", "ANY_VALUE", "COUNT", "COUNT_DISTINCT", "STRING_AGG"}),
        (ODD, {"COUNT", "COUNT_DISTINCT", "ANY_VALUE"}),
    ],
)
def test_only_aggregates_of_the_type_are_offered(name: str, offered: set[str], shared_stage: Stage):
    """contract.md 4.5."""
    at = desk(shared_stage, fields=FIELDS)

    form = elements(at.get("field", query_string={"name": name}))

    assert {found["value"] for _, found in form if found.get("name") == "aggregations"} == offered


def test_names_of_any_characters_are_led_to(shared_stage: Stage):
    at = desk(shared_stage, fields=FIELDS)
    links = [
        found["href"] for tag, found in elements(at.get()) if tag == "a" and "/field?" in (found.get("href") or "")
    ]

    pages = [at.visit.get(link or "") for link in links]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert at.post("field", name=ODD, choice="chosen", description="Odd").status_code == 303
    assert at.kept.fields[2] == FIELDS[2] | {"description": "Odd", "aggregations": []}


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ({"choice": "chosen", "aggregations": ["STRING_AGG"]}, 422, "not one of the choices"),
        ({"choice": "chosen", "aggregations": ["SUM", "\0"]}, 422, "not one of the choices"),
        ({"choice": "some"}, 422, "not one of the choices"),
        ({"description": "x" * 2001}, 422, "at most 2000"),
        ({"description": "a\0b"}, 422, "Remove the NUL character."),
        ({"name": "nothing"}, 404, "has no such field any more"),
        ({"name": "\0"}, 404, "has no such field any more"),
        ({"name": ""}, 404, "has no such field any more"),
    ],
)
def test_what_makes_no_sense_is_refused(typed: dict[str, Any], status: int, said: str, shared_stage: Stage):
    at = desk(shared_stage, fields=FIELDS)

    answer = at.post("field", **({"name": "id", "choice": "usual", "description": "Kept"} | typed))

    assert answer.status_code == status
    assert said in answer.text
    if status == 422 and "description" not in typed:
        assert "Kept" in answer.text
    assert at.kept.fields == FIELDS


def test_three_hundred_fields_have_a_row_each(shared_stage: Stage):
    at = desk(shared_stage, fields=[{"name": f"c{n}", "type": "DOUBLE"} for n in range(300)])

    page = at.part()

    assert page.count("/field?name=c") == 600  # href and hx-get
    assert at.post("field", name="c299", choice="usual", hidden="y").status_code == 303
    assert at.kept.fields[299]["hidden"]

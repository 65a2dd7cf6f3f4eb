"""Values as a preview shows them."""

import json

import pytest

from owox.reading.fields import Category, Field
from owox.services.preview import Preview
from owox.web.cells import LONGEST, Cell, Look, cell, rows_of


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, Cell(Look.NULL)),
        ("", Cell(Look.EMPTY)),
        ("NULL", Cell(Look.TEXT, "NULL", length=4)),
        (True, Cell(Look.TEXT, "true")),
        (5e-324, Cell(Look.NUMBER, "5e-324")),
        (0.1 + 0.2, Cell(Look.NUMBER, "0.30000000000000004")),
        (-7, Cell(Look.NUMBER, "-7")),
        ("a\0b\x1b[0m\x7f", Cell(Look.TEXT, "a␀b␛[0m␡", length=8)),
        ("half \ud83d", Cell(Look.TEXT, "half \ufffd", length=6)),
        (["é", None, {"a": 1}], Cell(Look.NESTED, '["é", null, {"a": 1}]', length=21)),
        ("x" * 120, Cell(Look.TEXT, "x" * 120, length=120)),
        ("x" * 121, Cell(Look.TEXT, "x" * 120 + "…", "x" * 121, 121)),
        ("first\nsecond", Cell(Look.TEXT, "first…", "first\nsecond", 12)),
        ("y" * 9_000, Cell(Look.TEXT, "y" * 120 + "…", "y" * LONGEST, 9_000)),
    ],
)
def test_each_value_has_its_look(value: object, shown: Cell):
    assert cell(value) == shown


def test_numbers_that_are_written_as_text_stand_as_numbers():
    assert cell("12345678901234567890.10", Category.NUMBER).look is Look.NUMBER


def test_a_long_list_unfolds_line_by_line():
    shown = cell(list(range(100)))

    assert shown.look is Look.NESTED
    assert shown.more.startswith("[\n  0,\n  1,")


def test_a_row_that_cannot_be_taken_apart_does_not_hide_the_others():
    deep = b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    found = Preview((Field("a", "JSON"),), (deep, json.dumps({"a": 1}).encode()), more=False, cut=False)

    assert rows_of(found) == [None, [Cell(Look.NUMBER, "1")]]

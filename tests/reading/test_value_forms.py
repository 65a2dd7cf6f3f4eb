"""The table of value forms in ``owox.reading.engines``: what every engine has, written the same by each."""

import json
from base64 import b64encode
from contextlib import closing
from typing import Any, NoReturn

import pytest

from owox.reading.engines import Engine
from owox.reading.plan import all_of
from tests.reading.stores import Store

FORMS: list[tuple[str, Any, str]] = [
    ("BOOLEAN", True, "true"),
    ("BOOLEAN", False, "false"),
    ("BOOLEAN", None, "null"),
    ("SMALLINT", -128, "-128"),
    ("BIGINT", 9007199254740991, "9007199254740991"),
    ("BIGINT", 9007199254740992, '"9007199254740992"'),
    ("BIGINT", -9007199254740991, "-9007199254740991"),
    ("BIGINT", -9223372036854775808, '"-9223372036854775808"'),
    ("BIGINT", None, "null"),
    ("DECIMAL(10, 2)", "1.10", '"1.10"'),
    ("DECIMAL(10, 2)", "-0.05", '"-0.05"'),
    ("DECIMAL(10, 2)", "7", '"7.00"'),
    ("DECIMAL(15, 4)", "12345678901.2345", '"12345678901.2345"'),
    ("DECIMAL(15, 0)", "123456789012345", '"123456789012345"'),
    ("DECIMAL(10, 2)", None, "null"),
    ("DOUBLE PRECISION", 0.1, "0.1"),
    ("DOUBLE PRECISION", 0.1 + 0.2, "0.30000000000000004"),
    ("DOUBLE PRECISION", 5e-324, "5e-324"),
    ("DOUBLE PRECISION", 1.7976931348623157e308, "1.7976931348623157e+308"),
    ("DOUBLE PRECISION", -2.5, "-2.5"),
    ("DOUBLE PRECISION", float("inf"), '"Infinity"'),
    ("DOUBLE PRECISION", float("-inf"), '"-Infinity"'),
    ("DOUBLE PRECISION", None, "null"),
    ("REAL", 0.5, "0.5"),
    ("DATE", "2026-11-25", '"2026-11-25"'),
    ("DATE", "0001-01-01", '"0001-01-01"'),
    ("DATE", "infinity", '"infinity"'),
    ("TIME", "10:00:00", '"10:00:00"'),
    ("TIME", "10:00:00.25", '"10:00:00.25"'),
    ("TIMESTAMP", "2026-11-25 10:00:00", '"2026-11-25T10:00:00"'),
    ("TIMESTAMP", "2026-11-25T10:00:00", '"2026-11-25T10:00:00"'),
    ("TIMESTAMP", "2026-11-25 10:00:00.000001", '"2026-11-25T10:00:00.000001"'),
    ("TIMESTAMP", "2026-11-25 10:00:00.500", '"2026-11-25T10:00:00.5"'),
    ("TIMESTAMP", "2026-11-25", '"2026-11-25T00:00:00"'),
    ("TIMESTAMP WITH TIME ZONE", "2026-11-25 10:00:00+02", '"2026-11-25T08:00:00Z"'),
    ("TIMESTAMP WITH TIME ZONE", "2026-11-25 10:00:00.5+00:00", '"2026-11-25T10:00:00.5Z"'),
    ("TIMESTAMP WITH TIME ZONE", "2026-11-25T23:30:00-05:00", '"2026-11-26T04:30:00Z"'),
    ("TIMESTAMP WITH TIME ZONE", "2026-11-25T10:00:00Z", '"2026-11-25T10:00:00Z"'),
    ("TIMESTAMP WITH TIME ZONE", "2026-11-25 10:00:00", '"2026-11-25T10:00:00Z"'),
    ("BLOB", b"\xaa\x00a", '"qgBh"'),
    ("BLOB", bytes(range(256)), f'"{b64encode(bytes(range(256))).decode()}"'),
    ("BLOB", b"", '""'),
    ("BLOB", None, "null"),
    ("VARCHAR(80)", 'he said "hi" \\', '"he said \\"hi\\" \\\\"'),
    ("VARCHAR(80)", "a\n\t\x01\u2028\U0001f986", '"a\\n\\t\\u0001\u2028\U0001f986"'),
    ("VARCHAR(80)", "", '""'),
    ("TEXT", "long " * 40_000, f'"{"long " * 40_000}"'),
    ("UUID", "d4f6a7a2-0000-4000-8000-000000000001", '"d4f6a7a2-0000-4000-8000-000000000001"'),
    ("VARCHAR(80)", None, "null"),
    ("JSON", '{"a": [1,\n 2.5], "b": "NaN, Infinity"}', '{"a":[1,2.5],"b":"NaN, Infinity"}'),
    ("JSON", '{ "a, \\"b\\": c" : "d: e, \\\\" }', '{"a, \\"b\\": c":"d: e, \\\\"}'),
    ("JSON", "null", "null"),
    ("JSON", None, "null"),
]
DEFINITIONS = [{"fullyQualifiedName": "t"}, {"sqlQuery": "SELECT * FROM t"}]


@pytest.fixture(scope="module")
def engine(store: Store) -> Engine:
    columns = ", ".join(f"v{at} {kind}" for at, (kind, _, _) in enumerate(FORMS))
    store.rows_of_table("t", columns, [[value for _, value, _ in FORMS]])
    return store.engine()


def refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


def read(engine: Engine, definition: dict[str, str]) -> bytes:
    with closing(engine.open_rows(definition, all_of(engine.describe(definition)))) as rows:
        return b"".join(rows)


@pytest.mark.parametrize(("kind", "value", "form"), FORMS)
def test_a_value_has_its_documented_form(engine: Engine, kind: str, value: Any, form: str) -> None:
    """I12: one JSON object on one line, whatever text is in it."""
    at = FORMS.index((kind, value, form))

    for definition in DEFINITIONS:
        fields = [field for field in engine.describe(definition) if field.name == f"v{at}"]
        with closing(engine.open_rows(definition, all_of(fields))) as rows:
            [line] = b"".join(rows).splitlines()

        assert line.decode() == f'{{"v{at}":{form}}}'
        json.loads(line, parse_constant=refuse)


def test_three_hundred_columns_come_whole_and_in_order(store: Store) -> None:
    names = [f'"c,{at} ""x"""' for at in range(300)]
    store.rows_of_table(
        "wide", ", ".join(f"{each} DOUBLE PRECISION" for each in names), [[0.1 + 0.2] * 300, [None] * 300]
    )
    engine = store.engine()

    rows = engine.open_rows({"fullyQualifiedName": "wide"}, all_of(engine.describe({"fullyQualifiedName": "wide"})))
    first, second = [json.loads(line) for line in b"".join(rows).splitlines()]
    rows.close()

    assert list(first) == [f'c,{at} "x"' for at in range(300)]
    assert set(first.values()) == {0.1 + 0.2}
    assert list(second.values()) == [None] * 300


def test_columns_keep_any_name_and_the_order_asked(store: Store) -> None:
    names = [
        'q"u',
        "a.b",
        "with space",
        "o'clock",
        "\U0001f986",
        "line\nend",
        "SELECT",
        "2",
        "日本",
        "$1",
        "%s",
        "x" * 63,
    ]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    store.execute(f"CREATE TABLE named AS SELECT {', '.join(f'{at} AS {q}' for at, q in enumerate(quoted))}", [])
    definition = {"fullyQualifiedName": "named"}
    fields = tuple(reversed(store.engine().describe(definition)))

    rows = store.engine().open_rows(definition, all_of(fields))
    [line] = b"".join(rows).splitlines()
    rows.close()

    assert list(json.loads(line).items()) == [(name, at) for at, name in reversed(list(enumerate(names)))]


def test_columns_of_one_name_are_told_apart(store: Store) -> None:
    sql = "SELECT 1 AS a, 2 AS b, 3 AS a, 4 AS a"

    mark = ":" if store.storage_type == "SQLITE" else "_"

    assert json.loads(read(store.engine(), {"sqlQuery": sql})) == {"a": 1, "b": 2, f"a{mark}1": 3, f"a{mark}2": 4}

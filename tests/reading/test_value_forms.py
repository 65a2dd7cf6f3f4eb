"""The table of value forms in ``owox.reading.engines``: what every engine has, written the same by each."""

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest

from owox.reading.engines import Engine
from owox.reading.plan import all_of
from tests.reading.stores import STORES

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
    ("DATE", "2026-11-25", '"2026-11-25"'),
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
    ("BLOB", b"", '""'),
    ("BLOB", None, "null"),
    ("VARCHAR(80)", 'he said "hi" \\', '"he said \\"hi\\" \\\\"'),
    ("VARCHAR(80)", "a\n\t\x01\u2028\U0001f986", '"a\\n\\t\\u0001\u2028\U0001f986"'),
    ("VARCHAR(80)", "", '""'),
    ("VARCHAR(80)", None, "null"),
    ("JSON", '{"a": [1,\n 2.5], "b": "NaN, Infinity"}', '{"a":[1,2.5],"b":"NaN, Infinity"}'),
    ("JSON", "null", "null"),
    ("JSON", None, "null"),
]
DEFINITION = {"fullyQualifiedName": "t"}


@pytest.fixture(scope="module", params=STORES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    store = STORES[request.param](tmp_path_factory.mktemp("forms"))
    columns = ", ".join(f"v{at} {kind}" for at, (kind, _, _) in enumerate(FORMS))
    store.rows_of_table("t", columns, [[value for _, value, _ in FORMS]])
    return store.engine()


def refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


@pytest.mark.parametrize(("kind", "value", "form"), FORMS)
def test_a_value_has_its_documented_form(engine: Engine, kind: str, value: Any, form: str) -> None:
    at = FORMS.index((kind, value, form))
    fields = [field for field in engine.describe(DEFINITION) if field.name == f"v{at}"]

    rows = engine.open_rows(DEFINITION, all_of(fields))
    [line] = b"".join(rows).splitlines()
    rows.close()

    assert line.decode() == f'{{"v{at}":{form}}}'
    json.loads(line, parse_constant=refuse)


@pytest.mark.parametrize("name", STORES)
def test_three_hundred_columns_come_whole_and_in_order(name: str, tmp_path: Path) -> None:
    store = STORES[name](tmp_path)
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

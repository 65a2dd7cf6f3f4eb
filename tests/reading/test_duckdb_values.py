"""The table of value forms in ``owox.reading.engines``, proved on DuckDB."""

import json
from typing import Any, NoReturn

import duckdb
import pytest

from owox.reading.engines import open_engine
from owox.reading.plan import all_of

FORMS: list[tuple[str, str]] = [
    ("NULL", "null"),
    ("true", "true"),
    ("NULL::BOOLEAN", "null"),
    ("(-128)::TINYINT", "-128"),
    ("4294967295::UINTEGER", "4294967295"),
    ("9007199254740991::BIGINT", "9007199254740991"),
    ("9007199254740992::BIGINT", '"9007199254740992"'),
    ("-9007199254740991::BIGINT", "-9007199254740991"),
    ("-9007199254740992::BIGINT", '"-9007199254740992"'),
    ("NULL::BIGINT", "null"),
    ("18446744073709551615::UBIGINT", '"18446744073709551615"'),
    ("7::UBIGINT", "7"),
    ("-170141183460469231731687303715884105727::HUGEINT", '"-170141183460469231731687303715884105727"'),
    ("7::HUGEINT", "7"),
    ("340282366920938463463374607431768211455::UHUGEINT", '"340282366920938463463374607431768211455"'),
    ("7::UHUGEINT", "7"),
    ("7::BIGNUM", "7"),
    ("('1' || repeat('0', 50))::BIGNUM", '"1' + 50 * "0" + '"'),
    ("1.10::DECIMAL(10, 2)", '"1.10"'),
    ("-0.05::DECIMAL(38, 10)", '"-0.0500000000"'),
    ("0.1::DOUBLE", "0.1"),
    ("1e300::DOUBLE", "1e+300"),
    ("0.1::FLOAT", "0.1"),
    ("'nan'::DOUBLE", '"NaN"'),
    ("'inf'::DOUBLE", '"Infinity"'),
    ("'-inf'::FLOAT", '"-Infinity"'),
    ("NULL::DOUBLE", "null"),
    ("DATE '2026-11-25'", '"2026-11-25"'),
    ("TIME '10:00:00'", '"10:00:00"'),
    ("TIME '10:00:00.25'", '"10:00:00.25"'),
    ("TIMESTAMP '2026-11-25 10:00:00'", '"2026-11-25T10:00:00"'),
    ("TIMESTAMP '2026-11-25 10:00:00.000001'", '"2026-11-25T10:00:00.000001"'),
    ("TIMESTAMP_NS '2026-11-25 10:00:00.000000001'", '"2026-11-25T10:00:00.000000001"'),
    ("TIMESTAMPTZ '2026-11-25 10:00:00+02'", '"2026-11-25T08:00:00Z"'),
    ("TIMESTAMPTZ '2026-11-25 10:00:00.5'", '"2026-11-25T10:00:00.5Z"'),
    ("TIMESTAMPTZ '2026-11-25 23:30:00-05'::DATE", '"2026-11-26"'),
    ("'\\xAA\\x00a'::BLOB", '"qgBh"'),
    ("''::BLOB", '""'),
    ("'d4f6a7a2-0000-4000-8000-000000000001'::UUID", '"d4f6a7a2-0000-4000-8000-000000000001"'),
    ("""'a"b'::ENUM('a"b', 'c')""", '"a\\"b"'),
    ("INTERVAL '1 day 2 hours'", '"1 day 02:00:00"'),
    ("'101'::BIT", '"101"'),
    ("union_value(a := 1)", '"1"'),
    ("'he said \"hi\" \\'", '"he said \\"hi\\" \\\\"'),
    ("'a' || chr(0) || chr(10) || chr(8232) || '\U0001f986'", '"a\\u0000\\n\u2028\U0001f986"'),
    ("''", '""'),
    ("[1.5::DOUBLE, 'nan'::DOUBLE, NULL]", '[1.5,"NaN",null]'),
    ("[]::BIGINT[]", "[]"),
    ("NULL::BIGINT[]", "null"),
    ("[[9007199254740993], NULL, []]", '[["9007199254740993"],null,[]]'),
    ("[DATE '2026-11-25', 'infinity'::DATE]::DATE[2]", '["2026-11-25","infinity"]'),
    (
        "{'a': 'inf'::DOUBLE, 'b\"': {'c': 1.10::DECIMAL(4, 2), 'd': NULL::VARCHAR}}",
        '{"a":"Infinity","b\\"":{"c":"1.10","d":null}}',
    ),
    ("NULL::STRUCT(a BIGINT)", "null"),
    ("map {'x\"': ['ab'::BLOB], 'y': NULL}", '{"x\\"":["YWI="],"y":null}'),
    ("map {1: TIMESTAMP '2026-11-25 10:00:00'}", '{"1":"2026-11-25T10:00:00"}'),
    ("NULL::MAP(VARCHAR, BIGINT)", "null"),
    ("[{'a': [{'b': 'x'}]}]", '[{"a":[{"b":"x"}]}]'),
    ("'{\"a\": [1,\n 2.5]}'::JSON", '{"a":[1,2.5]}'),
    ("'{\"a\": NaN}'::JSON", '"{\\"a\\": NaN}"'),
    ("'[-Infinity]'::JSON", '"[-Infinity]"'),
    ("'[\"NaN, Infinity\"]'::JSON", '["NaN, Infinity"]'),
    ("['[1, 2]'::JSON, NULL]", "[[1,2],null]"),
    ("NULL::JSON", "null"),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("values") / "values.duckdb")
    duckdb.connect(path).close()
    return path


def read(path: str, definition: dict[str, str]) -> bytes:
    engine = open_engine("DUCKDB", {"path": path})
    rows = engine.open_rows(definition, all_of(engine.describe(definition)))
    try:
        return b"".join(rows)
    finally:
        rows.close()


def refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


@pytest.mark.parametrize(("expression", "form"), FORMS)
def test_a_value_has_its_documented_form(path: str, expression: str, form: str) -> None:
    written = read(path, {"sqlQuery": f"SELECT {expression} AS v"})

    assert written.decode() == f'{{"v":{form}}}\n'
    json.loads(written, parse_constant=refuse)


def test_every_type_that_duckdb_has_gives_valid_json(path: str) -> None:
    lines = read(path, {"sqlQuery": "SELECT * FROM test_all_types()"}).splitlines()

    rows: list[dict[str, Any]] = [json.loads(line, parse_constant=refuse) for line in lines]
    assert len(rows) == 3
    assert set(rows[2].values()) == {None}


def test_times_with_zone_are_utc_wherever_the_server_stands(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    sql = "SELECT TIMESTAMPTZ '2026-11-25 10:00:00+00' AS at, current_setting('TimeZone') AS z"

    written = read(path, {"sqlQuery": sql})

    assert written == b'{"at":"2026-11-25T10:00:00Z","z":"UTC"}\n'

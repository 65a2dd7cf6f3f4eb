"""The table of value forms in ``owox.reading.engines``, for the types that only PostgreSQL has."""

import json
from collections.abc import Iterator

import pytest

from owox.reading.engines import Engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.infra.postgres import Postgres
from tests.reading.stores import Store, postgresql_store
from tests.reading.test_value_forms import read, refuse

FORMS: list[tuple[str, str]] = [
    ("3::float8", "3"),
    ("7::oid", "7"),
    ("1.50", '"1.50"'),
    ("'NaN'::numeric", '"NaN"'),
    ("1e40::numeric", '"1' + 40 * "0" + '"'),
    ("1.10::money_like", '"1.10"'),
    ("'ab'::char(5)", '"ab"'),
    ("'Ab'::citext", '"Ab"'),
    ("'a'::name", '"a"'),
    ("'10:00:00.5+02'::timetz", '"10:00:00.5+02"'),
    ("'0044-03-15 BC'::date", '"0044-03-15 BC"'),
    ("'0044-03-15 10:00 BC'::timestamp", '"0044-03-15T10:00:00 BC"'),
    ("'0044-03-15 10:00+00 BC'::timestamptz", '"0044-03-15T10:00:00Z BC"'),
    ("'1 year 2 months 3.5 seconds'::interval", '"1 year 2 mons 00:00:03.5"'),
    ("'on \"hold\"'::mood", '"on \\"hold\\""'),
    ("'a=>1'::hstore", '"\\"a\\"=>\\"1\\""'),
    ("B'101'", '"101"'),
    ("'[1,5)'::int4range", '"[1,5)"'),
    ("'10.0.0.0/8'::cidr", '"10.0.0.0/8"'),
    ("'10.0.0.1'::inet", '"10.0.0.1"'),
    ("ARRAY['10.0.0.1', NULL]::inet[]", '["10.0.0.1",null]'),
    ("NULL::inet", "null"),
    ("ROW(NULL, NULL)", '"(,)"'),
    ("'(1,2)'::point", '"(1,2)"'),
    ("'<a>\"</a>'::xml", '"<a>\\"</a>"'),
    ("'a & b'::tsquery", "\"'a' & 'b'\""),
    ("ROW(1, 'x')", '"(1,x)"'),
    ("pg_sleep(0)", '""'),
    ("NULL::pair", "null"),
    ("ROW(NULL, NULL)::pair", '{"num":null,"a \\"name\\"":null}'),
    ("ROW(1.50, ARRAY['\\xaa'::bytea])::pair", '{"num":"1.50","a \\"name\\"":["qg=="]}'),
    ("ROW(ROW(2, NULL)::pair)::nested", '{"inner":{"num":"2.00","a \\"name\\"":null}}'),
    ("NULL::int[]", "null"),
    ("'{}'::int[]", "[]"),
    ("'{}'::bytea[]", "[]"),
    ("ARRAY[1, NULL, 3]", "[1,null,3]"),
    ("'[0:1]={1,2}'::int[]", "[1,2]"),
    ("ARRAY[[1.10, NULL], [2, 'NaN']]::numeric[]", '[["1.10",null],["2","NaN"]]'),
    ("ARRAY['NaN', 1.5]::float8[]", '["NaN",1.5]'),
    ("ARRAY[9007199254740991, 9007199254740992, NULL]", '[9007199254740991,"9007199254740992",null]'),
    ("ARRAY[[[1, 2]], [[3, 9007199254740993]]]::bigint[]", '[[[1,2]],[[3,"9007199254740993"]]]'),
    ("ARRAY['2026-11-25 10:00+02', 'infinity']::timestamptz[]", '["2026-11-25T08:00:00Z","infinity"]'),
    ("ARRAY['2026-11-25 10:00']::timestamp[]", '["2026-11-25T10:00:00"]'),
    ("ARRAY[['\\xaa', NULL], ['\\x', '\\x61']]::bytea[]", '[["qg==",null],["","YQ=="]]'),
    ("ARRAY['{\"a\": 1}', 'null', NULL]::jsonb[]", '[{"a":1},null,null]'),
    ("ARRAY[ROW(1, '{}')::pair, NULL]", '[{"num":"1.00","a \\"name\\"":[]},null]'),
    ("ARRAY['ab', 'c']::char(3)[]", '["ab","c"]'),
    ("ARRAY['ok']::mood[]", '["ok"]'),
    ("'{\"a=>1\"}'::hstore[]", '["\\"a\\"=>\\"1\\""]'),
    ("'7.5'::ranged", '"7.50"'),
    ("ARRAY['7.5']::ranged[]", '["7.50"]'),
    ("'{1,2}'::listed", "[1,2]"),
    ('\'{ "a" : "x \\\\\\" : , y" , "b":[ 1 , 2 ]}\'::json', '{"a":"x \\\\\\" : , y","b":[1,2]}'),
    ('\'{"a\\\\\\\\": "b \\\\u0041"}\'::json', '{"a\\\\\\\\":"b \\\\u0041"}'),
    ("'\"\"'::jsonb", '""'),
    ("' 1 '::json", "1"),
    ("jsonb_build_array(repeat('a b', 300000))", '["' + 300_000 * "a b" + '"]'),
    ("to_jsonb(ARRAY(SELECT generate_series(1, 50000)))", "[" + ",".join(map(str, range(1, 50_001))) + "]"),
]
TYPES = (
    "CREATE EXTENSION citext",
    "CREATE EXTENSION hstore",
    "CREATE TYPE mood AS ENUM ('on \"hold\"', 'ok')",
    'CREATE TYPE pair AS (num numeric(10, 2), "a ""name""" bytea[])',
    'CREATE TYPE nested AS ("inner" pair)',
    "CREATE DOMAIN money_like AS numeric(10, 2)",
    "CREATE DOMAIN ranged AS money_like CHECK (value > 1)",
    "CREATE DOMAIN listed AS int[]",
)


@pytest.fixture(scope="module")
def store(postgres: Postgres) -> Iterator[Store]:
    with postgresql_store(postgres) as store:
        for statement in TYPES:
            store.execute(statement, [])
        yield store


@pytest.fixture
def engine(store: Store) -> Engine:
    return store.engine()


@pytest.mark.parametrize(("expression", "form"), FORMS, ids=[expression[:60] for expression, _ in FORMS])
def test_a_value_has_its_documented_form(engine: Engine, expression: str, form: str) -> None:
    written = read(engine, {"sqlQuery": f"SELECT {expression} AS v"})

    assert written.decode() == f'{{"v":{form}}}\n'
    json.loads(written, parse_constant=refuse)


def test_types_have_the_names_that_filters_go_by(engine: Engine) -> None:
    expected = {
        "1::int2": "SMALLINT", "1": "INTEGER", "1::int8": "BIGINT", "1::numeric": "NUMERIC",
        "1::numeric(10, 2)": "NUMERIC(10,2)", "1::numeric(2, -3)": "NUMERIC(2,-3)", "1::float4": "REAL",
        "1::float8": "DOUBLE PRECISION", "'a'": "TEXT", "'a'::varchar": "VARCHAR", "'a'::varchar(7)": "VARCHAR(7)",
        "'a'::char(3)": "CHAR(3)", "'a'::citext": "TEXT", "'ok'::mood": "ENUM", "true": "BOOLEAN",
        "now()": "TIMESTAMP WITH TIME ZONE", "now()::timestamp(3)": "TIMESTAMP", "current_date": "DATE",
        "'10:00'::time": "TIME", "'10:00'::timetz": "TIME WITH TIME ZONE", "'2'::ranged": "NUMERIC(10,2)",
        "'{1}'::listed": "integer[]", "'{}'::jsonb": "JSONB", "'\\x'::bytea": "BYTEA", "'10.0.0.1'::inet": "inet",
    }  # fmt: skip
    columns = ", ".join(f"{expression} AS c{at}" for at, expression in enumerate(expected))

    fields = engine.describe({"sqlQuery": f"SELECT {columns}"})

    assert fields == tuple(Field(f"c{at}", name) for at, name in enumerate(expected.values()))


def test_the_zone_of_server_role_and_client_changes_no_form(
    store: Store, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = store.config["url"].partition("://")[2].partition(":")[0]
    settings = (
        "timezone = 'Asia/Tokyo'", "datestyle = 'German'", "intervalstyle = 'iso_8601'", "extra_float_digits = -5",
        "standard_conforming_strings = off", "bytea_output = 'escape'",
    )  # fmt: skip
    for setting in settings:
        store.execute(f"ALTER ROLE {role} SET {setting}", [])
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    monkeypatch.setenv("PGDATESTYLE", "German")
    sql = (
        "SELECT '2026-11-25 10:00+00'::timestamptz AS a, date '2026-11-25' AS b, interval '2 days' AS c,"
        " 0.1::float8 + 0.2::float8 AS d, '\\x61'::bytea AS e, 'x\\' AS f"
    )

    written = read(engine, {"sqlQuery": sql})

    store.execute(f"ALTER ROLE {role} RESET ALL", [])
    assert json.loads(written) == {
        "a": "2026-11-25T10:00:00Z", "b": "2026-11-25", "c": "2 days", "d": 0.1 + 0.2, "e": "YQ==", "f": "x\\",
    }  # fmt: skip


def test_a_huge_value_is_a_line_of_its_own(engine: Engine) -> None:
    size = 20_000_000
    sql = f"SELECT repeat('12345678', {size // 8}) AS v FROM generate_series(1, 2)"

    rows = engine.open_rows({"sqlQuery": sql}, all_of([Field("v", "TEXT")]))

    assert [len(piece) for piece in rows] == [size + len('{"v":""}\n')] * 2
    rows.close()

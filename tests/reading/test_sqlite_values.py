"""What only SQLite can hold: any value in any column, text that is none, columns of no type."""

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from owox.reading.engines import Engine, open_engine
from owox.reading.fields import Field
from owox.reading.plan import all_of
from tests.reading.conftest import read

STRAYS: list[tuple[str, Any, str]] = [
    ("INTEGER", "five", '"five"'),
    ("INTEGER", 1.5, "1.5"),
    ("INTEGER", 0.1 + 0.2, "0.30000000000000004"),
    ("INTEGER", b"x", '"eA=="'),
    ("TEXT", b"x", '"eA=="'),
    ("TEXT", b"", '""'),
    ("REAL", "five", '"five"'),
    ("DECIMAL(10,2)", 10.007, '"10.007"'),
    ("DECIMAL(10,2)", 1e20, '"100000000000000000000.00"'),
    ("DECIMAL(10,2)", 2**62, '"4611686018427387904.00"'),
    ("DECIMAL(10,2)", 9e999, '"Infinity"'),
    ("DECIMAL", 1.5, '"1.5"'),
    ("DECIMAL", 5e-324, '"0.' + 323 * "0" + '5"'),
    ("NUMERIC", 7, '"7"'),
    ("BOOLEAN", 2, "2"),
    ("BOOLEAN", "yes", '"yes"'),
    ("DATE", "2026-11-25 10:00", '"2026-11-25T10:00:00"'),
    ("DATE", "2026-11-25T00:00:00", '"2026-11-25"'),
    ("DATE", "25.11.2026", '"25.11.2026"'),
    ("DATE", 1764000000, "1764000000"),
    ("DATETIME", 1764000000.5, "1764000000.5"),
    ("DATETIME", "2026-11-25T10:00:00+02:00", '"2026-11-25T08:00:00"'),
    ("DATETIME", "0001-01-01 00:00:00+02:00", '"0001-01-01 00:00:00+02:00"'),
    ("DATETIME", "2026-02-30 10:00:00", '"2026-02-30 10:00:00"'),
    ("DATETIME", "now", '"now"'),
    ("TIMESTAMP", "2026-11-25 10:00:00.123456789000", '"2026-11-25T10:00:00.123456789"'),
    ("TIME", "10:00", '"10:00:00"'),
    ("TIME", "25:00:00", '"25:00:00"'),
    ("JSON", "[NaN]", '"[NaN]"'),
    ("JSON", "[1]\x00]", '"[1]\\u0000]"'),
    ("JSON", b"[1]", '"WzFd"'),
    ("BLOB", "text", '"text"'),
    ("", 2**53, '"9007199254740992"'),
    ("", -9e999, '"-Infinity"'),
    ("", '{"a":1}', '"{\\"a\\":1}"'),
    ("UUID", "d4f6", '"d4f6"'),
]  # fmt: skip
TYPES = [
    ("BIGINT UNSIGNED", "INTEGER"), ("tinyint(1)", "INTEGER"), ("NVARCHAR(20)", "TEXT"), ("CLOB", "TEXT"),
    ("STRING", "TEXT"), ("FLOAT", "REAL"), ("double precision", "REAL"), ("Numeric(8, 3)", "DECIMAL(8,3)"),
    ("DECIMAL", "DECIMAL"), ("bool", "BOOLEAN"), ("DateTime", "DATETIME"), ("timestamptz", "TIMESTAMP WITH TIME ZONE"),
    ("VARBINARY(16)", "BLOB"), ("json", "JSON"), ("", "TEXT"), ("MONEY", "TEXT"),
]  # fmt: skip


def made(folder: Path, *statements: str | tuple[str, list[Any]]) -> Engine:
    path = folder / "store.db"
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(*([statement] if isinstance(statement, str) else statement))
    connection.commit()
    connection.close()
    return open_engine("SQLITE", {"path": str(path)})


def lines(engine: Engine, definition: dict[str, str]) -> list[str]:
    rows = engine.open_rows(definition, all_of(engine.describe(definition)))
    try:
        return b"".join(rows).decode().splitlines()
    finally:
        rows.close()


@pytest.mark.parametrize(("declared", "value", "form"), STRAYS)
def test_a_value_that_its_type_does_not_fit_is_written_as_what_it_is(
    tmp_path: Path, declared: str, value: Any, form: str
) -> None:
    engine = made(tmp_path, f"CREATE TABLE t (v {declared})", ("INSERT INTO t VALUES (?)", [value]))

    assert lines(engine, {"fullyQualifiedName": "t"}) == [f'{{"v":{form}}}']
    assert lines(engine, {"sqlQuery": "SELECT * FROM t"}) == [f'{{"v":{form}}}']


def test_a_declared_type_stands_for_one_of_a_few(tmp_path: Path) -> None:
    columns = ", ".join(f"c{at} {declared}" for at, (declared, _) in enumerate(TYPES))
    engine = made(tmp_path, f"CREATE TABLE t ({columns})")

    assert [field.type for field in engine.describe({"fullyQualifiedName": "t"})] == [kind for _, kind in TYPES]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None], "INTEGER"), ([1, 2.5], "REAL"), ([2.5], "REAL"), (["a"], "TEXT"), ([b"a"], "BLOB"), ([], "TEXT"),
        ([None], "TEXT"), ([1, "a"], "TEXT"), ([b"a", 1], "TEXT"),
    ],
)  # fmt: skip
def test_a_column_without_a_type_goes_by_its_first_values(tmp_path: Path, values: list[Any], kind: str) -> None:
    engine = made(tmp_path, "CREATE TABLE t (v)", *[("INSERT INTO t VALUES (?)", [value]) for value in values])

    assert [field.type for field in engine.describe({"sqlQuery": "SELECT coalesce(v, NULL) AS v FROM t"})] == [kind]


def test_a_column_of_reals_may_hold_anything_else(tmp_path: Path) -> None:
    values = [1, 2.5, 2**60, -9e999, None, "x", b"y", 0.1 + 0.2]
    engine = made(tmp_path, "CREATE TABLE t (v)", *[("INSERT INTO t VALUES (?)", [value]) for value in values])

    rows = engine.open_rows({"fullyQualifiedName": "t"}, all_of([Field("v", "REAL")]))
    written = [line[5:-1] for line in b"".join(rows).decode().splitlines()]
    rows.close()

    assert written == [
        "1", "2.5", '"1152921504606846976"', '"-Infinity"', "null", '"x"', '"eQ=="', "0.30000000000000004"
    ]  # fmt: skip


def test_a_definition_keeps_the_types_of_its_columns(tmp_path: Path) -> None:
    engine = made(tmp_path, "CREATE TABLE t (day DATE, price DECIMAL(10,2))", "INSERT INTO t VALUES ('2026-11-25', 1)")
    sql = "SELECT t.day AS d, price, price * 2 AS double, json_object('a', 1) AS j, zeroblob(1) AS b FROM t"

    assert [field.type for field in engine.describe({"sqlQuery": sql})] == [
        "DATE", "DECIMAL(10,2)", "INTEGER", "TEXT", "BLOB"
    ]  # fmt: skip
    assert lines(engine, {"sqlQuery": sql}) == [
        '{"d":"2026-11-25","price":"1.00","double":2,"j":"{\\"a\\":1}","b":"AA=="}'
    ]


def test_an_expression_is_worked_out_once_for_each_row(tmp_path: Path) -> None:
    engine = made(tmp_path, "CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1), (2)")
    sql = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 500) SELECT abs(random()) AS n FROM r"

    found = [row["n"] for row in read(engine, {"sqlQuery": sql})]

    # Were the number drawn anew for the check of its size, some would come out of place.
    assert all(isinstance(number, int) == (int(number) < 2**53) for number in found)
    assert len(set(found)) == 500


def test_text_that_is_no_utf8_is_mended_and_cuts_nothing_else_off(tmp_path: Path) -> None:
    engine = made(
        tmp_path,
        "CREATE TABLE t (a TEXT, b TEXT)",
        "INSERT INTO t VALUES (CAST(x'61ff' AS TEXT), CAST(x'eda080' AS TEXT)), (CAST(x'e282' AS TEXT), 'ok')",
    )

    assert read(engine, {"fullyQualifiedName": "t"}) == [
        {"a": "a\ufffd", "b": "\ufffd\ufffd\ufffd"}, {"a": "\ufffd", "b": "ok"}
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_text_is_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    texts = ["a\x00b", "\u0141", "\uffee", "\U0001f986", "Ab"]
    engine = made(
        tmp_path, f"PRAGMA encoding = '{encoding}'", "CREATE TABLE t (v TEXT, at DATETIME)",
        *[("INSERT INTO t VALUES (?, '2026-11-25 10:00')", [text]) for text in texts],
    )  # fmt: skip

    assert read(engine, {"fullyQualifiedName": "t"}) == [{"v": text, "at": "2026-11-25T10:00:00"} for text in texts]


@pytest.mark.parametrize("definition", [{"fullyQualifiedName": "t"}, {"sqlQuery": "SELECT * FROM t"}])
def test_reals_read_back_as_the_same_doubles(tmp_path: Path, definition: dict[str, str]) -> None:
    chance = random.Random(7)  # noqa: S311 - the same numbers each time
    values = [chance.randrange(-(10**15), 10**15) / 10 ** chance.randrange(5) for _ in range(3_000)]
    values += [chance.uniform(-1, 1) * 10 ** chance.randrange(-300, 300) for _ in range(3_000)]
    values += [n / 10_000 for n in range(-500, 500)] + [99999999999.9999, 1e11, 1e11 + 0.1, 1e15, 1e22, -0.0]
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (v REAL)")
    connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    connection.commit()
    connection.close()
    engine = open_engine("SQLITE", {"path": str(path)})

    found = lines(engine, definition)

    assert [json.loads(line)["v"] for line in found] == values
    assert all(
        float(repr(float(line[5:-1]))) == float(line[5:-1]) and len(line) <= len('{"v":}') + 25 for line in found
    )


def test_columns_keep_any_name(tmp_path: Path) -> None:
    names = ['q"u', "a.b", "with space", "o'clock", "\U0001f986", "line\nend", "SELECT", "2", "日本", "Ünï", "a:1"]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    engine = made(tmp_path, f"CREATE TABLE t AS SELECT {', '.join(f'{at} AS {q}' for at, q in enumerate(quoted))}")
    fields = tuple(reversed(engine.describe({"fullyQualifiedName": "t"})))

    rows = engine.open_rows({"fullyQualifiedName": "t"}, all_of(fields))
    [line] = b"".join(rows).splitlines()
    rows.close()

    assert list(json.loads(line).items()) == [(name, at) for at, name in reversed(list(enumerate(names)))]

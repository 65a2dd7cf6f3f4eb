"""A folder of Parquet and CSV files, and what DuckDB alone refuses."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from owox.reading.engines import Engine, StorageError, open_engine
from owox.reading.query import OutputControlsError, parse_query
from owox.reading.rules import plan
from tests.reading.encoded import encode


def test_a_folder_of_files_is_read_and_never_written(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id,name\n1,a\n2,b\n")
    duckdb.connect().execute(f"COPY (SELECT 7 AS n) TO '{tmp_path}/many.parquet'")
    engine = open_engine("DUCKDB", {"path": str(tmp_path)})

    for definition in (
        {"fullyQualifiedName": "orders"},
        {"sqlQuery": "SELECT * FROM orders"},
        {"sqlQuery": "FROM 'orders.csv'"},
    ):
        assert [field.name for field in engine.describe(definition)] == ["id", "name"]
    assert [field.name for field in engine.describe({"fullyQualifiedName": "many"})] == ["n"]
    for sql in (f"COPY (SELECT 1) TO '{tmp_path}/w.csv'", f"FROM query('COPY (SELECT 1) TO ''{tmp_path}/w.csv''')",
                "FROM read_text('/etc/passwd')", f"FROM read_text('{tmp_path}/../x')"):  # fmt: skip
        with pytest.raises(Exception, match=r"."):
            engine.describe({"sqlQuery": sql})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["many.parquet", "orders.csv"]


def test_a_function_that_opens_a_file_leads_to_the_name_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id,name\n1,a\n")
    engine = open_engine("DUCKDB", {"path": str(tmp_path)})

    with pytest.raises(StorageError, match=r'such as FROM "orders\.csv"$'):
        engine.describe({"sqlQuery": "SELECT * FROM read_csv('orders.csv')"})

    assert [field.name for field in engine.describe({"sqlQuery": 'SELECT * FROM "orders.csv"'})] == ["id", "name"]


@pytest.mark.parametrize("pattern", ["(?=a)a", "(a)\\1"])
def test_a_pattern_that_the_engine_does_not_know_is_the_callers_mistake(engine: Engine, pattern: str) -> None:
    orders = {"fullyQualifiedName": "orders"}
    query = parse_query([("filter", encode([{"column": "note", "operator": "regex", "value": pattern}]))])

    with pytest.raises(OutputControlsError) as caught:
        engine.open_rows(orders, plan(query, engine.describe(orders), date(2026, 11, 25)))

    assert caught.value.errors == [{"code": "INVALID_REGEX_PATTERN", "column": "note", "pattern": pattern}]

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from owox.demo import MARTS, ORDERS, PAGE_VIEWS, STORAGE_TYPE, build_shop
from owox.reading.engines import open_engine
from owox.reading.plan import all_of

TODAY = date(2026, 3, 14)
TABLES = ("customers", "products", "orders", "daily_revenue")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    build_shop(path, TODAY)
    return path


@pytest.fixture
def shop(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def rows(shop: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return shop.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("table", "count"), [("customers", 4_000), ("products", 120), ("orders", 50_000), ("daily_revenue", 90)]
)
def test_each_table_has_its_rows(shop: duckdb.DuckDBPyConnection, table: str, count: int) -> None:
    assert rows(shop, f"SELECT count(*) FROM {table}") == [(count,)]


def test_the_same_day_gives_the_same_rows_in_the_same_order(path: Path, tmp_path: Path) -> None:
    build_shop(tmp_path / "again.duckdb", TODAY)

    with duckdb.connect(str(path), read_only=True) as one, duckdb.connect(str(tmp_path / "again.duckdb")) as two:
        for table in TABLES:
            assert rows(one, f"FROM {table}") == rows(two, f"FROM {table}")


def test_daily_revenue_covers_the_ninety_days_that_end_yesterday(shop: duckdb.DuckDBPyConnection) -> None:
    days = [day for (day,) in rows(shop, "SELECT day FROM daily_revenue")]

    assert days == [TODAY - timedelta(days=age) for age in range(90, 0, -1)]


def test_daily_revenue_is_the_sum_of_the_orders_that_count(shop: duckdb.DuckDBPyConnection) -> None:
    from_orders = rows(
        shop,
        "SELECT ordered_at::DATE, count(*), sum(quantity), sum(amount) FROM orders"
        " WHERE status NOT IN ('cancelled', 'returned') AND ordered_at >= DATE '2025-12-14' GROUP BY ALL ORDER BY ALL",
    )

    assert from_orders == rows(shop, "SELECT day, orders, units, revenue FROM daily_revenue ORDER BY day")


def test_revenue_by_country_is_all_the_revenue(shop: duckdb.DuckDBPyConnection) -> None:
    by_country = rows(shop, "SELECT sum(revenue) FROM revenue_by_country")

    assert by_country == rows(shop, "SELECT sum(amount) FROM orders WHERE status NOT IN ('cancelled', 'returned')")


def test_orders_fill_two_years_and_end_yesterday(shop: duckdb.DuckDBPyConnection) -> None:
    [(first, last, ids)] = rows(
        shop, "SELECT min(ordered_at)::DATE, max(ordered_at)::DATE, count(DISTINCT order_id) FROM orders"
    )

    assert (first, last, ids) == (TODAY - timedelta(days=730), TODAY - timedelta(days=1), ORDERS)


def test_every_order_belongs_to_a_product_and_to_a_customer_who_had_signed_up(shop: duckdb.DuckDBPyConnection) -> None:
    sound = rows(
        shop,
        "SELECT count(*) FROM orders JOIN customers USING (customer_id) JOIN products USING (product_id)"
        " WHERE ordered_at::DATE >= signed_up_on AND amount = quantity * price",
    )

    assert sound == [(ORDERS,)]


def test_saturdays_are_quieter_than_mondays_and_the_shop_grows(shop: duckdb.DuckDBPyConnection) -> None:
    [(mondays, saturdays, first_year, second_year)] = rows(
        shop,
        "SELECT count(*) FILTER (isodow(ordered_at) = 1), count(*) FILTER (isodow(ordered_at) = 6),"
        " count(*) FILTER (ordered_at < DATE '2025-03-14'), count(*) FILTER (ordered_at >= DATE '2025-03-14')"
        " FROM orders",
    )

    assert saturdays < 0.8 * mondays
    assert second_year > 1.3 * first_year


def test_a_file_that_stands_there_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    path.write_text("not a database")

    build_shop(path, TODAY)

    assert list(tmp_path.iterdir()) == [path]
    with duckdb.connect(str(path), read_only=True) as shop:
        assert rows(shop, "SELECT count(*) FROM orders") == [(ORDERS,)]


def test_seven_marts_of_which_one_is_a_draft_can_all_be_read(path: Path) -> None:
    engine = open_engine(STORAGE_TYPE, {"path": str(path)})

    for mart in MARTS:
        fields = engine.describe(mart.definition)
        read = engine.open_rows(mart.definition, all_of(fields, 5))
        assert b"".join(read).count(b"\n") == 5
        read.close()

    assert len({mart.title for mart in MARTS}) == 7
    assert [mart.title for mart in MARTS if mart.status == "DRAFT"] == ["Returns to review"]
    assert {mart.definition_type for mart in MARTS} == {"SQL", "TABLE", "VIEW"}


def test_page_views_has_twenty_million_rows(shop: duckdb.DuckDBPyConnection) -> None:
    sql = next(mart.definition["sqlQuery"] for mart in MARTS if mart.title == "Page views")

    assert rows(shop, f"SELECT count(*) FROM ({sql})") == [(PAGE_VIEWS,)] == [(20_000_000,)]

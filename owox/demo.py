"""The demo: a small shop's data in one DuckDB file, and the data marts over it.

Everything is made up by the code below from fixed numbers, so that the same day gives the same data everywhere: names
are first names with an initial, addresses end in example.com. Orders follow the week, the seasons and a growing shop.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PROJECT_TITLE: Final = "Demo shop"
STORAGE_TITLE: Final = "Shop database"
STORAGE_TYPE: Final = "DUCKDB"
FILE_NAME: Final = "shop.duckdb"

CUSTOMERS: Final = 4_000
ORDERS: Final = 50_000
PAGE_VIEWS: Final = 20_000_000

_COUNTRIES: Final = (
    ("Germany", 24), ("France", 17), ("United Kingdom", 14), ("Poland", 11), ("Spain", 9), ("Italy", 8),
    ("Netherlands", 6), ("Ukraine", 5), ("Sweden", 3), ("Portugal", 3),
)  # fmt: skip
_FIRST_NAMES: Final = (
    "Ada", "Adam", "Agnes", "Alba", "Anton", "Astrid", "Bruno", "Camille", "Carla", "Clara", "Daniel", "Diego",
    "Elena", "Emil", "Emma", "Felix", "Hanna", "Hugo", "Ida", "Irina", "Ivan", "Jan", "Julia", "Karl", "Lara", "Lea",
    "Leo", "Lucas", "Maja", "Marco", "Maria", "Mila", "Nina", "Noah", "Olga", "Oscar", "Pablo", "Paula", "Rosa",
    "Sofia", "Stefan", "Taras", "Teresa", "Tom", "Victor", "Yana", "Zoe",
)  # fmt: skip
_STYLES: Final = ("Classic", "Compact", "Everyday", "Light", "Nordic")
_GOODS: Final = (
    ("Kitchen", 18, ("Kettle", "Pan", "Knife Set")), ("Home", 24, ("Lamp", "Blanket", "Wall Clock")),
    ("Garden", 15, ("Planter", "Hose", "Lantern")), ("Office", 12, ("Notebook", "Desk Mat", "Pen Holder")),
    ("Travel", 32, ("Backpack", "Suitcase", "Bottle")), ("Sport", 20, ("Yoga Mat", "Jump Rope", "Towel")),
    ("Kids", 11, ("Puzzle", "Building Set", "Night Light")), ("Pets", 9, ("Bowl", "Leash", "Cushion")),
)  # fmt: skip

# A repeatable number in [0, 1) for the n-th thing of a kind; MD5 stays the same in every version of the database.
_ROLL: Final = """CREATE TEMP MACRO roll(kind, n) AS (md5_number_lower(kind || ':' || n) % 1000003) / 1000003.0"""

_CUSTOMERS_SQL: Final = """
CREATE TABLE customers AS
WITH picked AS (
    SELECT n, first_names[1 + floor(roll('name', n) * len(first_names))::INTEGER] AS first_name,
        chr(65 + floor(roll('initial', n) * 26)::INTEGER) AS initial,
        floor(900 * (1 - sqrt((n - roll('sign-up', n)) / customers)))::INTEGER AS age,
        100 * roll('country', n) AS share
    FROM given, (SELECT unnest(range(1, customers + 1)) AS n FROM given)
)
SELECT n::INTEGER AS customer_id, first_name || ' ' || initial || '.' AS name,
    lower(first_name) || '.' || lower(initial) || n || '@example.com' AS email, country,
    CAST(today - 1 - age AS DATE) AS signed_up_on
FROM given, picked JOIN shares ON share >= starts_at AND share < ends_at ORDER BY n"""

_PRODUCTS_SQL: Final = """
CREATE TABLE products AS
SELECT product_id, style || ' ' || goods AS name, category,
    CAST(round(base * (0.7 + 1.6 * roll('price', product_id))) + 0.90 AS DECIMAL(10, 2)) AS price
FROM catalogue ORDER BY product_id"""

_DAYS_SQL: Final = """
CREATE TEMP TABLE days AS
WITH weighed AS (
    SELECT CAST(today - age AS DATE) AS day,
        (2.4 - 1.4 * age / 730.0) * (0.9 + 0.2 * roll('day', age))
        * [1.12, 1.04, 1.00, 0.98, 1.06, 0.78, 0.86][isodow(today - age)]
        * [0.86, 0.92, 0.98, 1.0, 1.0, 0.96, 0.88, 0.9, 1.0, 1.04, 1.4, 1.3][month(today - age)] AS weight
    FROM given, (SELECT unnest(range(1, 731))::INTEGER AS age)
)
SELECT day, coalesce(sum(weight) OVER earlier, 0) / sum(weight) OVER () AS starts_at
FROM weighed WINDOW earlier AS (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"""

_ORDERS_SQL: Final = """
CREATE TABLE orders AS
WITH placed AS (
    SELECT n, (n - roll('when', n)) / orders AS position
    FROM given, (SELECT unnest(range(1, orders + 1)) AS n FROM given)
), dated AS (
    SELECT n, day, day + to_seconds(CAST(3600 * (7 + 8 * (roll('early', n) + roll('late', n))) AS BIGINT)) AS ordered_at
    FROM placed ASOF JOIN days ON position >= starts_at
), known AS (
    SELECT signed_up_on, max(customer_id) AS newest FROM customers GROUP BY signed_up_on
), chosen AS (
    SELECT n, day, ordered_at, 1 + floor(newest * roll('customer', n))::INTEGER AS customer_id,
        1 + floor(120 * pow(roll('product', n), 1.6))::INTEGER AS product_id,
        1 + floor(4 * pow(roll('quantity', n), 3))::INTEGER AS quantity, roll('status', n) AS luck
    FROM dated ASOF JOIN known ON day >= signed_up_on
)
SELECT (100000 + row_number() OVER (ORDER BY ordered_at, n))::INTEGER AS order_id, customer_id, product_id, quantity,
    CAST(quantity * price AS DECIMAL(12, 2)) AS amount, 'EUR' AS currency,
    CASE WHEN luck < 0.02 THEN 'cancelled' WHEN day >= today - 2 THEN 'processing' WHEN day >= today - 6 THEN 'shipped'
        WHEN luck < 0.06 THEN 'returned' ELSE 'completed' END AS status, ordered_at
FROM chosen JOIN products USING (product_id), given ORDER BY order_id"""

_REVENUE_SQL: Final = """
CREATE TABLE daily_revenue AS
SELECT days.day, count(order_id)::INTEGER AS orders, coalesce(sum(quantity), 0)::INTEGER AS units,
    coalesce(sum(amount), 0)::DECIMAL(14, 2) AS revenue
FROM given, days LEFT JOIN orders ON ordered_at::DATE = days.day AND status NOT IN ('cancelled', 'returned')
WHERE days.day >= today - 90 GROUP BY days.day ORDER BY days.day"""

_COUNTRY_SQL: Final = """
CREATE VIEW revenue_by_country AS
SELECT country, count(DISTINCT customer_id) AS customers, count(*) AS orders, sum(amount)::DECIMAL(14, 2) AS revenue
FROM orders JOIN customers USING (customer_id) WHERE status NOT IN ('cancelled', 'returned')
GROUP BY country ORDER BY revenue DESC"""

_RETURNS_SQL: Final = """SELECT order_id, ordered_at, name AS product, category, quantity, amount
FROM orders JOIN products USING (product_id)
WHERE status = 'returned'
ORDER BY ordered_at DESC"""

_PAGE_VIEWS_SQL: Final = f"""SELECT range AS view_id,
    TIMESTAMP '2024-01-01' + to_seconds(range * 3) AS viewed_at,
    range * 2654435761 % 900001 AS visitor_id,
    ['/', '/search', '/product', '/cart', '/checkout', '/account'][1 + range * 7919 % 6] AS page,
    ['phone', 'phone', 'desktop', 'tablet'][1 + range * 31 % 4] AS device,
    range * 104729 % 18000 / 100 AS seconds_on_page
FROM range({PAGE_VIEWS})"""  # noqa: S608 - the number above


@dataclass(frozen=True, slots=True)
class DemoMart:
    """One data mart as an installer stores it; ``definition_type`` is SQL, TABLE or VIEW, status PUBLISHED or DRAFT."""

    title: str
    description: str
    definition_type: str
    definition: Mapping[str, str]
    status: str = "PUBLISHED"


def _named(kind: str, title: str, description: str, name: str) -> DemoMart:
    return DemoMart(title, description, kind, {"fullyQualifiedName": f"main.{name}"})


MARTS: Final[tuple[DemoMart, ...]] = (
    _named("TABLE", "Orders", "Every order of the last two years, one row an order", "orders"),
    _named("TABLE", "Customers", "Who signed up, from which country and when", "customers"),
    _named("TABLE", "Products", "The catalogue with categories and prices", "products"),
    _named("TABLE", "Daily revenue", "Orders, units and revenue of the last 90 days, one row a day", "daily_revenue"),
    _named("VIEW", "Revenue by country", "Customers, orders and revenue of each country", "revenue_by_country"),
    DemoMart("Page views", "20 million page views, to try a long read", "SQL", {"sqlQuery": _PAGE_VIEWS_SQL}),
    DemoMart("Returns to review", "Returned orders, newest first", "SQL", {"sqlQuery": _RETURNS_SQL}, "DRAFT"),
)


def build_shop(path: Path, today: date) -> None:
    """Write the shop's database to ``path``, with orders up to the day before ``today``.

    The file appears complete or not at all; one that stands there is replaced. Takes about half a second.
    """
    import duckdb

    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with duckdb.connect(str(unfinished)) as connection:
            _fill(connection, today)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _fill(connection: "DuckDBPyConnection", today: date) -> None:
    # It takes the generated orders for one row, and would compare each of them with every day.
    connection.execute("SET asof_loop_join_threshold = 0")
    connection.execute(
        "CREATE TEMP TABLE given AS SELECT ?::DATE AS today, ?::VARCHAR[] AS first_names, ?::INTEGER AS customers,"
        " ?::INTEGER AS orders",
        [today, list(_FIRST_NAMES), CUSTOMERS, ORDERS],
    )
    connection.execute("CREATE TEMP TABLE shares (country VARCHAR, starts_at INTEGER, ends_at INTEGER)")
    ends = [sum(share for _, share in _COUNTRIES[: at + 1]) for at in range(len(_COUNTRIES))]
    rows = [(name, end - share, end) for (name, share), end in zip(_COUNTRIES, ends, strict=True)]
    connection.executemany("INSERT INTO shares VALUES (?, ?, ?)", rows)
    connection.execute(
        "CREATE TEMP TABLE catalogue (product_id INTEGER, style VARCHAR, goods VARCHAR, category VARCHAR, base INTEGER)"
    )
    goods = [(style, name, kind, base) for style in _STYLES for kind, base, names in _GOODS for name in names]
    connection.executemany("INSERT INTO catalogue VALUES (?, ?, ?, ?, ?)", [(at, *g) for at, g in enumerate(goods, 1)])
    for statement in (_ROLL, _CUSTOMERS_SQL, _PRODUCTS_SQL, _DAYS_SQL, _ORDERS_SQL, _REVENUE_SQL, _COUNTRY_SQL):
        connection.execute(statement)

"""From a PostgreSQL database to rows in a terminal, by somebody with a browser; then the database changes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import walk
from tests.browser.marts import Shell, choose, copied, create, open_mart, save_definition, show_rows
from tests.infra.postgres import Postgres
from tests.infra.server import Server
from tests.reading.stores import Store, postgresql_store

ORDERS = [(1, "kettle 🫖", 12.5), (2, "lamp", None), (3, "planter", 7.25)]
ROWS = [
    '{"id":1,"product":"kettle 🫖","price":12.5}',
    '{"id":2,"product":"lamp","price":null}',
    '{"id":3,"product":"planter","price":7.25}',
]


@pytest.fixture
def shop(postgres: Postgres) -> Iterator[Store]:
    """A database with orders, read by a role that may only SELECT."""
    with postgresql_store(postgres) as store:
        store.rows_of_table("orders", "id INTEGER, product TEXT, price DOUBLE PRECISION", ORDERS)
        yield store


def add_storage(page: Page, postgres: Postgres, shop: Store) -> None:
    """Create the storage and test its connection."""
    page.get_by_role("navigation", name="Project menu").get_by_role("link", name="Storages").click()
    page.get_by_role("button", name="Create storage").first.click()
    form = page.get_by_role("dialog", name="Create storage")
    form.get_by_label("Title").fill("Warehouse")
    form.get_by_text("PostgreSQL", exact=True).click()
    user, _, rest = shop.config["url"].partition("://")[2].partition(":")
    typed = {"Host": "127.0.0.1", "Port": str(postgres.port), "User": user}
    typed |= {"Password": rest.partition("@")[0], "Database": rest.rpartition("/")[2]}
    for label, value in typed.items():
        form.get_by_role("textbox", name=label).fill(value)
    form.get_by_role("button", name="Create", exact=True).click()
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The connection works.")).to_be_visible()


def test_from_a_database_to_rows_in_a_terminal(
    postgres: Postgres,
    shop: Store,
    server: Callable[..., Server],
    browser_context: Callable[..., BrowserContext],
    tmp_path: Path,
):
    """Storage, data mart, broken and whole SQL, publish, preview, copy, run; then the column goes, and the table."""
    running = server("--demo")
    page = browser_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    with walk.quiet(page):
        walk.set_up(page, running)
        add_storage(page, postgres, shop)
        page.get_by_role("navigation", name="Project menu").get_by_role("link", name="Data marts").click()
        create(page, "Orders of the warehouse", "Warehouse (PostgreSQL)")
        page.get_by_role("link", name="Define it").click()
        save_definition(page, "SELECT id,\n  prodct\nFROM orders")
        expect(page.get_by_text("(line 2, column 3)")).to_be_visible()
        save_definition(page, "SELECT id, product, price\nFROM orders ORDER BY id")
        page.get_by_role("button", name="Publish").click()
        expect(page.get_by_text("The data mart is published.")).to_be_visible()
        show_rows(page, script=True)
        expect(page.get_by_text("All 3 rows.")).to_be_visible()
        expect(page.get_by_role("region", name="First rows").get_by_text("NULL")).to_be_visible()
        command = copied(page, "owox-ctl command")

        walk.open_my_api_keys(page)
        shell = Shell(running, walk.create(page, "Terminal"), tmp_path)
        walk.have_saved(page)
        assert shell.lines("sh", "-c", command) == ROWS
        the_database_changes(page, shop, shell, command)


def the_database_changes(page: Page, shop: Store, shell: Shell, command: str) -> None:
    """A column goes between preview and read, then the table: both are said, and nothing half is read."""
    open_mart(page, "Orders of the warehouse")
    expect(page.get_by_role("row").filter(has_text="with an API key")).to_contain_text("Success")
    shop.execute("ALTER TABLE orders DROP COLUMN price", [])
    refused = shell.run("sh", "-c", command)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "price" in refused.stderr
    show_rows_or_trouble(page, 'column "price" does not exist')

    page.get_by_role("link", name="Edit definition").click()
    save_definition(page, "SELECT id, product\nFROM orders ORDER BY id")
    expect(page.get_by_text("The definition is saved")).to_be_visible()
    assert shell.lines("sh", "-c", command)[1:] == ['{"id":2,"product":"lamp"}', '{"id":3,"product":"planter"}']
    shop.execute("DROP TABLE orders", [])
    show_rows_or_trouble(page, 'relation "orders" does not exist')
    choose(page, "Delete", script=True)
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The data mart is deleted.")).to_be_visible()
    assert shell.run("sh", "-c", command).returncode == 1


def show_rows_or_trouble(page: Page, told: str) -> None:
    """Look at the preview, which says what went wrong."""
    page.get_by_role("heading", name="Preview").scroll_into_view_if_needed()
    again = page.get_by_role("link", name="Read the rows again")
    expect(again).to_be_visible()
    again.click()
    expect(page.get_by_role("alert").filter(has_text=told)).to_be_visible()

"""The ground under the tests is real: a database that answers, a browser that runs a page."""

from collections.abc import Callable

import httpx
import sqlalchemy
from playwright.sync_api import BrowserContext

from tests.infra.postgres import Postgres
from tests.infra.server import Server


def test_postgres_answers_a_query(postgres: Postgres):
    with postgres.connect() as connection:
        row = connection.execute("select version()").fetchone()

    assert row is not None
    assert row[0].startswith("PostgreSQL ")


def test_each_database_url_leads_to_an_empty_database(database_url: str):
    engine = sqlalchemy.create_engine(database_url)

    tables = sqlalchemy.inspect(engine).get_table_names()
    engine.dispose()

    assert tables == []


def test_a_database_is_copied_from_a_template_with_its_rows(postgres: Postgres):
    with postgres.database() as url:
        name = url.rpartition("/")[2]
        with postgres.connect(name) as connection:
            connection.execute("create table kept as select 7 as number")

        with postgres.database(template=name) as copy, postgres.connect(copy.rpartition("/")[2]) as connection:
            row = connection.execute("select number from kept").fetchone()

    assert row == (7,)


def test_browser_runs_javascript_only_where_it_is_enabled(browser_context: Callable[..., BrowserContext]):
    page_source = "data:text/html,<title>plain</title><script>document.title = 'ran'</script>"
    titles = []

    for enabled in (True, False):
        page = browser_context(java_script_enabled=enabled).new_page()
        page.goto(page_source)
        titles.append(page.title())

    assert titles == ["ran", "plain"]


def test_the_server_starts_on_each_database_and_leads_to_its_set_up_page(
    server: Callable[..., Server], database_url: str
):
    running = server("--demo", settings={"OWOX_DATABASE_URL": database_url})

    answer = httpx.get(running.setup_link)

    assert answer.status_code == 200
    assert "text/html" in answer.headers["Content-Type"]

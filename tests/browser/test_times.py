"""How long ago, how far ahead: the server writes it, the page keeps it true in the same words."""

from datetime import timedelta

from playwright.sync_api import expect

from owox.access import now
from owox.web import times
from tests.browser import walk
from tests.browser.conftest import Dashboard

MINUTE, HOUR, DAY = 60, 3600, 86400
WORDS = {
    5: "just now", -55: "just now", -65: "1 minute ago", 89: "in 1 minute", 95: "in 2 minutes", -HOUR - 5: "1 hour ago",
    HOUR - 5: "in 60 minutes", DAY - 5: "in 24 hours", -DAY - 5: "1 day ago", 36 * HOUR + 60: "in 2 days",
    45 * DAY: "in 45 days", 90 * DAY - 5: "in 3 months", -80 * DAY: "3 months ago", 364 * DAY: "in 12 months",
    400 * DAY: "in 1 year", 7973 * 365 * DAY: "in 7,973 years",
}  # fmt: skip
REWRITE = """(stamps) => {
    document.body.replaceChildren(...stamps.map((stamp) => {
        const time = document.createElement("time");
        time.dateTime = stamp;
        time.dataset.relative = "";
        return time;
    }));
    refreshTimes();
}"""


def test_server_and_page_say_it_in_the_same_words(dashboard: Dashboard):
    page = dashboard.page()
    walk.open_my_api_keys(page)
    moments = [now() + timedelta(seconds=seconds) for seconds in WORDS]

    served = [times.relative(at) for at in moments]
    page.evaluate(REWRITE, [times.rfc3339(at) for at in moments])

    assert served == list(WORDS.values())
    expect(page.locator("time")).to_have_text(served)

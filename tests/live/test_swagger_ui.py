"""Swagger UI in a real browser: it works under the strict policy, with a pasted key, and takes nothing from its URL."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from owox.services import sign_ins
from tests.live.conftest import HANDS, Live

VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
TITLE = "OWOX Data Marts API"


@pytest.fixture
def page(browser_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """A page that may break neither its policy nor a script, and asks no other server for anything."""
    context = browser_context()
    context.add_init_script(VIOLATIONS)
    opened = context.new_page()
    told: list[str] = []
    asked: set[str] = set()
    opened.on("console", lambda message: told.append(message.text) if message.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.on("request", lambda request: asked.add("/".join(request.url.split("/")[:3])))
    yield opened
    assert opened.evaluate("window.violations") == []
    # What the browser itself writes about an answer that is an error.
    assert [line for line in told if not line.startswith("Failed to load resource")] == []
    assert len({origin for origin in asked if origin.startswith("http")}) == 1


def sign_in(page: Page, live: Live) -> None:
    """Give the page's browser a sign-in of the member."""
    with live.hands() as (session, now):
        value = sign_ins.start(session, live.member_id, "UTC", HANDS, now)
    page.context.add_cookies([{"name": "owox_sign_in", "value": value, "url": live.server.url}])


def operation(page: Page, operation_id: str) -> Locator:
    """Open an operation and make it ready to be tried."""
    found = page.locator(f"[id$='-{operation_id}']")
    found.locator(".opblock-summary-control").first.click()
    found.get_by_role("button", name="Try it out").click()
    return found


def execute(found: Locator) -> tuple[str, str]:
    """Execute; return the status and the body that the page shows."""
    found.get_by_role("button", name="Execute").click()
    row = found.locator(".live-responses-table .response").first
    expect(row).to_be_visible()
    body = row.locator(".highlight-code code")
    return row.locator(".response-col_status").inner_text().split()[0], body.inner_text() if body.count() else ""


def test_a_pasted_key_is_tried_out(page: Page, live: Live):
    """W3, I13: no violation of the policy, nothing kept after a reload."""
    page.goto(f"{live.server.url}/api/swagger-ui")
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    page.get_by_role("button", name="Authorize").first.click()
    basic = page.locator(".modal-ux form").filter(has=page.get_by_label("Username"))
    basic.get_by_label("Username").fill(live.key_id)
    basic.get_by_label("Password").fill(live.secret)
    basic.get_by_role("button", name="Apply credentials").click()
    page.locator(".modal-ux").get_by_role("button", name="Close").first.click()

    status, body = execute(operation(page, "getContext"))
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    page.reload()
    again, _ = execute(operation(page, "getContext"))

    assert status == "200"
    assert json.loads(body)["apiKeyId"] == live.key_id
    assert json.loads(kept) == [{}, {}]
    assert again == "401"


def test_a_member_with_the_cookie_makes_and_revokes_a_key(page: Page, live: Live):
    sign_in(page, live)
    page.goto(f"{live.server.url}/api/swagger-ui/")

    create = operation(page, "createApiKey")
    create.locator(".body-param textarea").fill('{"name": "by hand"}')
    status, body = execute(create)
    revoke = operation(page, "revokeApiKey")
    revoke.get_by_placeholder("apiKeyId").fill(json.loads(body)["apiKeyId"])
    revoked, _ = execute(revoke)

    assert status == "201"
    assert live.get("/api/auth/context", headers={"Authorization": f"Bearer {json.loads(body)['apiKey']}"}).is_error
    assert revoked == "204"


def test_no_description_comes_from_the_address(page: Page, live: Live):
    """I13: neither ?url= nor ?configUrl= changes what is shown."""
    for name in ("url", "configUrl", "urls.primaryName", "spec"):
        page.goto(f"{live.server.url}/api/swagger-ui?{name}=http://127.0.0.1:1/other.json#/Authentication/getContext")

        expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        expect(page.locator("[id$='-getContext'] .opblock-body")).to_have_count(0)

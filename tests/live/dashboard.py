"""The dashboard of the running server, as bob sees it without a browser."""

import httpx

from owox.services import sign_ins
from tests.infra.boxes import boxes
from tests.live.conftest import HANDS, Live


def browser(live: Live) -> httpx.Client:
    """A client that is signed in as bob."""
    with live.hands() as (session, now):
        cookie = sign_ins.start(session, live.member_id, "UTC", HANDS, now)
    return httpx.Client(base_url=live.server.url, cookies={"owox_sign_in": cookie}, timeout=20)


def page(live: Live, path: str) -> dict[str, list[str]]:
    """The boxes of a page of the project, as bob sees it."""
    with browser(live) as bob:
        answer = bob.get(f"/projects/{live.project_id}{path}")
    assert answer.status_code == 200
    return boxes(answer.text)

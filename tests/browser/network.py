"""The network between a browser and the server as a test wants it: late, or with something else that answers."""

from collections.abc import Callable

from playwright.sync_api import Page, Route

BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def hold(page: Page, asked: Callable[[str], bool]) -> list[Route]:
    """Hold back the next request for such an address, until it is continued; it stands in the list once it is sent."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(asked, keep)
    return held


def wait_for(page: Page, held: list[Route]) -> Route:
    """The request that is held back, once it is sent."""
    for _ in range(100):
        if held:
            return held[0]
        page.wait_for_timeout(100)
    raise AssertionError("no such request is sent")


def answer_by_proxy(route: Route) -> None:
    """What a proxy answers for a server that is down."""
    route.fulfill(status=502, content_type="text/html", body=BAD_GATEWAY)

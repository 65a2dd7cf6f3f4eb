"""What a person is told to do when something between here and the server answers, or the server is busy."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from owox.client import ApiError, AuthError, Client
from owox.client.device import BEGIN, DeviceSignIn
from tests.infra.faulty import EXCHANGE, MARTS, ROWS, FaultyServer, answer

PAGE = b"<html>sign in to this network</html>"


def page(status: str, *headers: str) -> bytes:
    """An answer that is none of the API's."""
    head = [f"HTTP/1.1 {status}", *headers, "Content-Type: text/html", f"Content-Length: {len(PAGE)}", "", ""]
    return "\r\n".join(head).encode() + PAGE


def hint_of(client: Client) -> str:
    with pytest.raises(ApiError) as caught:
        client.data_marts.list()
    return caught.value.hint or ""


@pytest.mark.parametrize("path", [EXCHANGE, MARTS])
@pytest.mark.parametrize(
    ("status", "hint"),
    [
        ("200 OK", "is the address of an OWOX Data Marts server, and that the network asks for no sign-in"),
        ("407 Proxy Authentication Required", "http://name:password@host:port"),
        ("511 Network Authentication Required", "open any page in a browser"),
        ("502 Bad Gateway", "Try again later."),
        ("429 Too Many Requests", "Try again later."),
    ],
)
def test_what_answers_in_the_servers_place_is_named(
    faulty: FaultyServer, client: Client, path: str, status: str, hint: str
):
    faulty.on(path, page(status))

    assert hint in hint_of(client)


def test_rows_that_are_a_page_are_told_as_one(faulty: FaultyServer, client: Client):
    faulty.on(ROWS, page("200 OK"))

    with pytest.raises(ApiError, match="answered in the server's place"):
        client.data_marts.stream("orders")


def test_an_address_without_the_api_is_told_as_such(faulty: FaultyServer, client: Client):
    faulty.on(EXCHANGE, page("404 Not Found"))

    with pytest.raises(AuthError, match=f"Check that {faulty.origin} is the address of an OWOX Data Marts server"):
        client.authenticate()


@pytest.mark.parametrize(
    ("location", "hint"),
    [
        ("https://owox.example.com/api/auth", "This one leads to https://owox.example.com: give that address if"),
        ("http://login.network.example/?from=owox", "This one leads to http://login.network.example: give"),
        ("//other.example", "This one leads to http://other.example: give"),
        ("/elsewhere", "Give the address at which the server answers directly."),
        ("", "Give the address at which the server answers directly."),
        ("http://user:password@other.example/", "Give the address at which the server answers directly."),
    ],
)
def test_a_redirect_tells_where_it_leads(faulty: FaultyServer, client: Client, location: str, hint: str):
    faulty.on(EXCHANGE, page("302 Found", f"Location: {location}"))

    told = hint_of(client)

    assert told.startswith(f"Redirects are never followed. {hint}")
    assert "password" not in told


@pytest.mark.parametrize(
    ("retry_after", "when"),
    [
        ("1", "in 1 second"),
        ("30", "in 30 seconds"),
        ("121", "in 3 minutes"),
        ("0", "later"),
        ("-5", "later"),
        ("9" * 30, "later"),
        ("9" * 5000, "later"),
        ("soon", "later"),
        ("Fri, 31 Feb 2026 15:00:00 GMT", "later"),
        ("Fri, 01 Jan 2016 00:00:00 GMT", "later"),
    ],
    ids=lambda value: value[:30],
)
def test_the_time_to_try_again_is_told_as_far_as_it_makes_sense(
    faulty: FaultyServer, client: Client, retry_after: str, when: str
):
    faulty.on(MARTS, answer(503, {"message": "Busy"}, "Content-Type: application/json", f"Retry-After: {retry_after}"))

    assert hint_of(client).endswith(f"Try again {when}.")


def test_a_moment_to_try_again_is_told_as_how_far_it_is(faulty: FaultyServer, client: Client):
    at = format_datetime(datetime.now(UTC) + timedelta(hours=5), usegmt=True)
    faulty.on(MARTS, answer(503, {"message": "Busy"}, "Content-Type: application/json", f"Retry-After: {at}"))

    assert hint_of(client).endswith("Try again in 300 minutes.")


def test_a_sign_in_in_the_browser_names_what_answers_in_the_servers_place(faulty: FaultyServer):
    faulty.on(BEGIN, page("200 OK"))

    with DeviceSignIn(faulty.origin) as sign_in, pytest.raises(ApiError, match="the network asks for no sign-in"):
        sign_in.begin()

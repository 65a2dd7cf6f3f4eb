"""How row streams reach the server: directly, through a proxy, or not at all."""

import pytest

from owox import keys
from owox.client import ApiError, Client, NetworkError
from tests.infra.faulty import EXCHANGE, ROWS, FaultyServer, chunk, rows_head, token

LINES = b'{"n":1}\n'
WHOLE = rows_head() + chunk(LINES) + chunk(b"")


def test_rows_go_through_a_proxy_where_one_is_set(
    faulty: FaultyServer, minted: keys.Minted, monkeypatch: pytest.MonkeyPatch
):
    origin = "http://owox.example.com"
    faulty.on(origin + EXCHANGE, token())
    faulty.on(origin + ROWS, WHOLE, WHOLE[:-5])
    monkeypatch.setenv("http_proxy", faulty.origin)

    with Client(origin, minted.key_id, minted.secret) as client:
        assert client.data_marts.stream("orders").read() == LINES
        with pytest.raises(ApiError, match="Failed to read"):
            client.data_marts.stream("orders").read()


@pytest.mark.parametrize(
    "head", [b"", b"SSH-2.0\r\n", b"HTTP/1.1 two\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200]
)
def test_rows_of_a_server_that_speaks_no_http_are_a_network_error(faulty: FaultyServer, client: Client, head: bytes):
    faulty.on(ROWS, head)

    with pytest.raises(NetworkError):
        client.data_marts.stream("orders")


def test_rows_of_a_server_that_went_away_are_a_network_error(faulty: FaultyServer, client: Client):
    client.authenticate()
    faulty.close()

    with pytest.raises(NetworkError) as caught:
        client.data_marts.stream("orders")

    assert "Connection refused" in caught.value.details["reason"]

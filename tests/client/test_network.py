"""A server that cannot be reached, or not in a way that makes sense."""

import threading

import pytest

from owox import keys
from owox.client import Client, ConfigError, NetworkError, transport
from tests.infra.faulty import EXCHANGE, FaultyServer


def test_a_server_that_is_not_there_is_a_network_error(minted: keys.Minted):
    faulty = FaultyServer()
    faulty.close()

    with pytest.raises(NetworkError, match=f"Unable to reach OWOX Data Marts API at {faulty.origin}") as caught:
        Client(faulty.origin, minted.key_id, minted.secret).authenticate()

    assert caught.value.code == "NETWORK_ERROR"
    assert "Connection refused" in caught.value.details["reason"]


def test_a_server_that_does_not_answer_in_time_is_a_network_error(
    faulty: FaultyServer, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(transport, "READ_SECONDS", 0.2)
    never = threading.Event()
    faulty.on(EXCHANGE, [never])

    with pytest.raises(NetworkError) as caught:
        client.authenticate()

    assert caught.value.details == {"reason": "read timeout"}
    never.set()


@pytest.mark.parametrize(
    "rubbish", [b"", b"\x15\x03\x01\x00\x02\x02", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"]
)
def test_an_answer_that_is_not_whole_http_is_a_network_error(faulty: FaultyServer, client: Client, rubbish: bytes):
    faulty.on(EXCHANGE, rubbish)

    with pytest.raises(NetworkError):
        client.authenticate()


def test_plain_http_answers_to_tls_are_a_network_error(faulty: FaultyServer, minted: keys.Minted):
    origin = faulty.origin.replace("http:", "https:")

    with pytest.raises(NetworkError) as caught:
        Client(origin, minted.key_id, minted.secret).authenticate()

    assert "SSL" in caught.value.details["reason"]


def test_a_proxy_that_is_not_there_is_named_as_what_may_be_gone(
    faulty: FaultyServer, client: Client, monkeypatch: pytest.MonkeyPatch
):
    gone = FaultyServer()
    gone.close()
    monkeypatch.setenv("HTTP_PROXY", gone.origin)

    with pytest.raises(NetworkError, match="The environment names a proxy, which may be what cannot be reached"):
        client.authenticate()

    assert faulty.asked == []


def test_broken_proxy_settings_are_a_config_error(
    faulty: FaultyServer, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ALL_PROXY", "ftp://proxy.example:1")

    with pytest.raises(ConfigError, match="proxy or certificate settings"):
        client.authenticate()

"""A client with a key of its own, and the server that answers it what a test says."""

from collections.abc import Iterator

import pytest

from owox import keys
from owox.client import Client
from tests.infra.faulty import EXCHANGE, MARTS, FaultyServer, answer, token

MART = {"id": "orders", "title": "Orders", "status": "PUBLISHED"}


@pytest.fixture
def faulty() -> Iterator[FaultyServer]:
    """A server that exchanges every key and has one data mart."""
    server = FaultyServer()
    server.on(EXCHANGE, token())
    server.on(MARTS, answer(200, {"items": [MART], "total": 1, "nextOffset": None}))
    yield server
    server.close()


@pytest.fixture
def minted() -> keys.Minted:
    """A key made for this test."""
    return keys.mint()


@pytest.fixture
def client(faulty: FaultyServer, minted: keys.Minted) -> Iterator[Client]:
    """A client of that server with that key."""
    with Client(faulty.origin, minted.key_id, minted.secret) as client:
        yield client

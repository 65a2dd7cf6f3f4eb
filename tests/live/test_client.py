"""The Python client against the real server, on both databases."""

import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from owox.client import ApiError, AuthError, Client
from tests.live.conftest import Live


@pytest.fixture
def client(live: Live) -> Iterator[Client]:
    """A client with the key of the live member."""
    with Client(live.server.url, live.key_id, live.secret) as client:
        yield client


def test_the_context_is_that_of_the_owner(live: Live, client: Client):
    context = client.auth.get_context()

    assert context["apiKeyId"] == live.key_id
    assert context["project"] == {"id": live.project_id, "title": "Demo shop"}
    assert (context["member"]["userId"], context["member"]["roles"]) == (live.member_id, ["editor"])


def test_a_combined_value_is_enough(live: Live):
    with Client(live.combined) as client:
        assert client.auth.get_context()["member"]["userId"] == live.member_id


def test_lists_hold_what_the_server_holds(live: Live, client: Client):
    assert len(client.data_marts.list()) == 7
    assert [storage["title"] for storage in client.storages.list()] == ["Shop database"]
    assert client.destinations.list() == live.get("/api/data-destinations").json()
    assert {mart["id"] for mart in client.data_marts.list(owner_filter="no_owners")} <= {
        mart["id"] for mart in client.data_marts.list()
    }


def test_rows_are_the_same_in_every_form(live: Live, client: Client):
    mart = live.mart("Orders")

    rows = list(client.data_marts.stream(mart, limit=5))
    with client.data_marts.stream(mart, limit=5) as stream:
        lines = list(stream.lines())

    assert len(rows) == 5
    assert [json.loads(line) for line in lines] == rows
    assert client.data_marts.stream(mart, limit=5).read() == b"".join(line + b"\n" for line in lines)


def test_rules_decide_what_is_read(live: Live, client: Client):
    mart = live.mart("Products")

    rows = list(
        client.data_marts.stream(
            mart,
            column=["product_id"],
            filter=[{"column": "product_id", "operator": "between", "value": {"from": 3, "to": 5}}],
            sort=[{"column": "product_id", "direction": "desc"}],
        )
    )

    assert [row["product_id"] for row in rows] == [5, 4, 3]


def test_a_refused_rule_comes_with_the_servers_code(live: Live, client: Client):
    mart = live.mart("Orders")

    with pytest.raises(ApiError, match="400 Bad Request") as caught:
        client.data_marts.stream(mart, filter=[{"column": "order_id", "operator": "contains", "value": "1"}])

    assert caught.value.details["dataMartId"] == mart
    assert caught.value.details["errors"][0]["code"] == "INVALID_OPERATOR_FOR_TYPE"


def test_a_read_stands_in_the_history(live: Live, client: Client):
    mart = live.mart("Products")
    with client.data_marts.stream(mart, limit=3) as stream:
        list(stream)

    runs = client.runs.for_data_mart(mart)
    run = runs.get(stream.run_id or "")

    assert run["additionalParams"]["httpData"]["limit"] == 3
    assert run["id"] in {other["id"] for other in client.runs.every()}
    assert run["id"] in {other["id"] for other in runs.list(limit=1000)}


def test_what_is_over_or_not_of_that_kind_is_refused(live: Live, client: Client):
    mart = live.mart("Products")
    with client.data_marts.stream(mart, limit=1) as stream:
        list(stream)
    runs = client.runs.for_data_mart(mart)

    with pytest.raises(ApiError) as started:
        runs.start()
    with pytest.raises(ApiError) as unknown:
        runs.cancel("unknown")

    assert (started.value.status, unknown.value.status) == (400, 404)


def test_any_other_call_can_be_made(live: Live, client: Client):
    mart = live.mart("Products")

    assert client.request_json("GET", f"/api/data-marts/{mart}")["title"] == "Products"


def test_a_key_that_ends_soon_is_known_to_after_the_first_answer(live: Live, client: Client):
    ends_at = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    live.set_key(expires_at=ends_at)

    client.authenticate()

    assert client.key_ends_at == ends_at


def test_a_revoked_key_ends_an_open_client_and_says_why(live: Live, client: Client):
    client.data_marts.list()
    with live.hands() as (_, now):
        pass
    live.set_key(revoked_at=now)

    with pytest.raises(AuthError, match="This API key was revoked on ") as caught:
        client.data_marts.list()

    assert pickle.loads(pickle.dumps(caught.value)).code == "API_KEY_REVOKED"  # noqa: S301

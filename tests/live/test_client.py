"""The Python client against the real server, on both databases."""

import json
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from owox.client import ApiError, AuthError, Client
from owox.roles import Role
from owox.services import members
from tests.live.conftest import HANDS, Live


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


def test_things_are_found_by_their_words(live: Live, client: Client):
    found = client.search.query("orders", limit=3, entity_types=["DATA_MART"], exclude_drafts=True)

    assert (found[0]["entityId"], found[0]["title"]) == (live.mart("Orders"), "Orders")
    assert client.search.query("orders", entity_types=[]) == []
    with pytest.raises(ApiError, match="Query must be at least 2 characters"):
        client.search.query("o")


def test_the_canvas_has_the_data_marts_of_a_storage(live: Live, client: Client):
    storage_id = client.storages.list()[0]["id"]

    marts = client.models.get_data_marts(storage_id)

    assert {mart["id"] for mart in marts} == {mart["id"] for mart in client.data_marts.list()}
    assert client.models.get_edges(storage_id) == []
    assert client.insights.get_templates(limit=5) == []


def test_the_project_says_how_far_it_is_and_lets_admins_describe_it(live: Live, client: Client):
    progress = client.project.get_setup_progress()

    assert progress["steps"]["hasPublishedDataMart"]["done"] is True
    assert set(client.project.get_settings()) == {"description"}
    with pytest.raises(ApiError, match="Required role: Project Admin") as caught:
        client.project.update_description("Ours")
    assert caught.value.status == 403


def test_an_admin_describes_the_project(live: Live, client: Client):
    with live.hands() as (session, now):
        members.change_role(session, live.member_id, live.project_id, Role.ADMIN, HANDS, now)

    assert client.project.update_description("A shop é") == {"description": "A shop é"}
    assert client.project.get_settings() == {"description": "A shop é"}
    assert client.project.update_description(None) == {"description": None}


def test_markdown_becomes_html_that_can_do_nothing(client: Client):
    html = client.markdown.parse_to_html("# Orders é\n\n<script>alert(1)</script>")

    assert "Orders é</h1>" in html
    assert "<script" not in html


def test_reports_and_plugins_that_there_are_not_are_said(client: Client):
    assert client.plugins.list_publications("member") == []
    for ask in (
        lambda: client.reports.stream("no-such-report"),
        lambda: client.plugins.publish("acme/plugin", "deployment"),
        lambda: client.plugins.unpublish("acme/plugin", "member"),
        lambda: client.plugins.update("acme/plugin"),
        lambda: client.plugins.suspend("acme/plugin", "broken"),
    ):
        with pytest.raises(ApiError) as caught:
            ask()  # type: ignore[no-untyped-call]
        assert caught.value.status in {400, 403, 404}

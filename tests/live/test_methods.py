"""Every method of the contract's clients, called as they call it, against the real server on both databases."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from tests import contract, contract_project, contract_rows
from tests.contract import Check, problems
from tests.infra.server import Server
from tests.live import shop
from tests.live.shop import COLUMNS, DESTINATIONS, MARTS, RUNS, Shop, encoded

ROWS = "/api/external/http-data"
PLUGIN = {"repository": "owner/name", "scope": "member"}


@pytest.fixture(scope="module")
def live_shop(demo_server: tuple[Server, dict[str, str], Engine]) -> Shop:
    """The project, once on SQLite and once on PostgreSQL."""
    server, _, engine = demo_server
    return shop.build(server, engine)


def body(answer: httpx.Response, check: Check, status: int = 200) -> Any:
    """An answer's JSON, in which a client finds nothing wrong; and a client would find it, if it were wrong."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    value = answer.json()
    assert problems(check, value) == []
    assert problems(check, "nothing") != []
    return value


def get(live: Shop, path: str, check: Check, **query: Any) -> Any:
    """The same of a GET."""
    return body(live.send("GET", path, params=query), check)


def auth_exchange(live: Shop) -> None:
    told = body(live.exchange(), contract_rows.EXCHANGE)
    assert told["accessToken"]
    assert told["accessTokenExpiresIn"] == 900


def auth_get_context(live: Shop) -> None:
    told = get(live, "/api/auth/context", contract.KEY_CONTEXT)
    assert (told["apiKeyId"], told["projectId"], told["userId"]) == (live.key_id, live.project_id, live.member_id)


def data_marts_list(live: Shop) -> None:
    """Followed to the end, as clients do, with each filter."""
    totals = {}
    for query in ({}, {"ownerFilter": "has_owners"}, {"ownerFilter": "no_owners"}):
        seen: list[str] = []
        offset: int | None = 0
        while offset is not None:
            page = get(live, "/api/data-marts", contract.MART_PAGE, **(query | ({"offset": offset} if offset else {})))
            assert contract.page_problems(page, offset) == []
            seen += [item["id"] for item in page["items"]]
            offset = page["nextOffset"]
        assert len(seen) == len(set(seen)) == page["total"]
        totals[str(query)] = len(seen)
    assert list(totals.values()) == [MARTS, 1, MARTS - 1]


def data_marts_traverse_data(live: Shop) -> None:
    path = f"{ROWS}/data-marts/{live.mart_id}.ndjson"
    grouped = {"column": ["status", "amount"], "aggregation": encoded([{"column": "amount", "function": "SUM"}])}
    asked = {
        "": ({}, COLUMNS),
        "some": ({"column": ["status", "order_id"], "limit": 7}, ["status", "order_id"]),
        "none": ({"limit": 5, "filter": encoded([{"column": "order_id", "operator": "lt", "value": 0}])}, COLUMNS),
        "grouped": (grouped, ["status", "amount | SUM", "Row Count"]),
    }
    counts = {}
    for name, (query, columns) in asked.items():
        answer = live.send("GET", path, accept="application/x-ndjson", params=query)
        assert answer.status_code == 200, answer.text
        assert contract_rows.stream_problems(answer.headers, answer.content, columns) == []
        counts[name] = answer.content.count(b"\n")
        run = get(live, f"/api/data-marts/{live.mart_id}/runs/{answer.headers['x-owox-run-id']}", contract_project.RUN)
        assert (run["status"], run["additionalParams"]["httpData"]["rowCount"]) == ("SUCCESS", counts[name])
    assert counts[""] == 50_000
    assert (counts["some"], counts["none"]) == (7, 0)
    assert 1 < counts["grouped"] < 20


def reports_traverse_data(live: Shop) -> None:
    refused(live.send("GET", f"{ROWS}/reports/nothing.ndjson", accept="application/x-ndjson"), 404, "")
    refused(live.send("GET", f"{ROWS}/reports/nothing.ndjson?sort=W10", accept="application/x-ndjson"), 400, "")


def storages_list(live: Shop) -> None:
    told = get(live, "/api/data-storages", contract.STORAGES)
    assert [(item["title"], item["publishedDataMartsCount"] + item["draftDataMartsCount"]) for item in told] == [
        ("Мій склад", MARTS)
    ]


def destinations_list(live: Shop) -> None:
    told = get(live, "/api/data-destinations", contract.DESTINATIONS)
    assert {item["type"] for item in told} == set(DESTINATIONS)


def project_get_settings(live: Shop) -> None:
    get(live, "/api/projects/settings", contract_project.SETTINGS)


def project_update_description(live: Shop) -> None:
    for description in ("Наш магазин 🫖\nі склад", None):
        answer = live.send("PUT", "/api/projects/settings/description", json={"description": description})
        assert body(answer, contract_project.SETTINGS) == {"description": description}
        assert get(live, "/api/projects/settings", contract_project.SETTINGS) == {"description": description}


def project_get_setup_progress(live: Shop) -> None:
    told = get(live, "/api/project-setup-progress", contract_project.SETUP_PROGRESS)
    assert (told["progress"], told["steps"]["hasGoogleSheetsDestination"]["done"]) == (50, True)


def search_query(live: Shop) -> None:
    told = get(live, "/api/search", contract_project.HITS, q="ЗАМОВЛЕННЯ")
    assert [(hit["title"], hit["finalScore"], hit["vecScore"]) for hit in told] == [("Замовлення 🫖", 100, None)]
    assert len(get(live, "/api/search", contract_project.HITS, q="mart", limit=50)) == 50
    kinds = {"entityTypes": "DATA_STORAGE,DATA_DESTINATION", "excludeDrafts": "true"}
    assert {hit["entityType"] for hit in get(live, "/api/search", contract_project.HITS, q="скл", **kinds)} == {
        "DATA_STORAGE"
    }


def runs_list(live: Shop) -> None:
    told = get(live, "/api/data-marts/runs", contract_project.PROJECT_RUNS, limit=1000)
    assert len(told["runs"]) == 100
    rest = get(live, "/api/data-marts/runs", contract_project.PROJECT_RUNS, offset=100)
    assert len(rest["runs"]) >= RUNS - 100
    assert {run["status"] for run in told["runs"]} >= {"SUCCESS", "FAILED", "CANCELLED", "INTERRUPTED", "RESTRICTED"}


def mart_runs_list(live: Shop) -> None:
    told = get(live, f"/api/data-marts/{live.mart_id}/runs", contract_project.MART_RUNS, limit=1000)
    assert len(told["runs"]) >= RUNS


def mart_runs_get(live: Shop) -> None:
    told = get(live, f"/api/data-marts/{live.mart_id}/runs/{live.running_id}", contract_project.RUN)
    assert told["id"] == live.running_id
    refused(live.send("GET", f"/api/data-marts/{live.mart_id}/runs/nothing"), 404, "Run not found")


def mart_runs_start(live: Shop) -> None:
    """No data mart here is of the kind that can be started; the check of what would be answered is in the validator."""
    path = f"/api/data-marts/{live.mart_id}/manual-run"
    message = "Only data marts with connector definition type can be run manually"
    for sent in ({}, {"payload": {"runType": "INCREMENTAL", "data": {}}}):
        refused(live.send("POST", path, json=sent), 400, message)


def mart_runs_cancel(live: Shop) -> None:
    path = f"/api/data-marts/{live.mart_id}/runs"
    answer = live.send("POST", f"{path}/{live.running_id}/cancel")
    assert (answer.status_code, answer.content) == (204, b"")
    refused(live.send("POST", f"{path}/{live.running_id}/cancel"), 409, "")
    refused(live.send("POST", f"{path}/nothing/cancel"), 404, "Data mart run not found")


def insights_get_templates(live: Shop) -> None:
    assert get(live, "/api/data-marts/insight-templates", contract_project.TEMPLATES, limit=5)["insights"] == []


def models_get_data_marts(live: Shop) -> None:
    ids: list[str] = []
    offset = 0
    while offset is not None:
        query = {"storageId": live.storage_id, "offset": offset}
        page = get(live, "/api/model-canvas/data-marts", contract_project.CANVAS_PAGE, **query)
        ids += [item["id"] for item in page["items"]]
        assert {item["fieldCount"] for item in page["items"]} == {len(COLUMNS)}
        offset = page["nextOffset"]
    assert len(ids) == len(set(ids)) == page["total"] == MARTS


def models_get_edges(live: Shop) -> None:
    told = get(live, "/api/model-canvas/edges", contract_project.EDGES, storageId=live.storage_id)
    assert told["edges"] == []
    refused(live.send("GET", "/api/model-canvas/edges?storageId=1"), 400, "Request validation failed")


def markdown_parse_to_html(live: Shop) -> None:
    sent = {"markdown": "# Ціни\n\n<script>x()</script>\n\n| a |\n|---|\n| 1 |"}
    answer = live.send("POST", "/api/markdown/parse-to-html", accept="text/html", json=sent)
    assert (answer.status_code, answer.headers["content-type"]) == (201, "text/html; charset=utf-8")
    assert answer.text.startswith('<div class="markdown-body">')
    assert "<h1>Ціни</h1>" in answer.text
    assert "script" not in answer.text


def plugins_list_publications(live: Shop) -> None:
    for scope in ("deployment", "project", "member"):
        assert get(live, "/api/plugins/publications", contract_project.PUBLICATIONS, scope=scope) == []


def plugins_publish(live: Shop) -> None:
    told = refused(live.send("POST", "/api/plugins/publications", json=PLUGIN | {"scope": "deployment"}), 400, "")
    assert (told["code"], told["errorDetails"]) == ("PLUGIN_PUBLICATION_FORBIDDEN", {"scope": "deployment"})


def plugins_others(live: Shop) -> None:
    """Unpublish, update, suspend, resume."""
    for path, sent in {"publications/unpublish": PLUGIN, **dict.fromkeys(("update", "suspend", "resume"))}.items():
        answer = live.send("POST", f"/api/plugins/{path}", json=sent or {"repository": "owner/name"})
        assert refused(answer, 400, "")["code"] == "PLUGIN_NOT_PUBLISHED"


def refused(answer: httpx.Response, status: int, message: str) -> Any:
    """A refusal in the contract's shape; no run is named in it."""
    told = body(answer, contract_project.REFUSAL, status)
    assert told["statusCode"] == status
    assert told["path"] == answer.request.url.raw_path.decode()
    assert message in told["message"]
    assert "x-owox-run-id" not in answer.headers
    return told


METHODS: list[Callable[[Shop], None]] = [
    auth_exchange, auth_get_context, data_marts_list, data_marts_traverse_data, reports_traverse_data, storages_list,
    destinations_list, project_get_settings, project_update_description, project_get_setup_progress, search_query,
    runs_list, mart_runs_list, mart_runs_get, mart_runs_start, mart_runs_cancel, insights_get_templates,
    models_get_data_marts, models_get_edges, markdown_parse_to_html, plugins_list_publications, plugins_publish,
    plugins_others,
]  # fmt: skip


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
def test_a_client_accepts_what_it_is_answered(method: Callable[[Shop], None], live_shop: Shop):
    """Z1: with a key, exchanged as clients do it."""
    method(live_shop)

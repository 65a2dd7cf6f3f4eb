"""What each resource asks for, what it returns, and which answers it refuses (contract.md 3.2-3.12)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from owox.client import ApiError, Client, ConfigError
from tests.infra.faulty import FaultyServer, answer

AT = "2026-11-25T10:15:00.000Z"
USER = {"userId": "u", "email": None, "fullName": "Alice", "avatar": None}
NOTHING = (
    "definitionRun", "reportId", "reportDefinition", "insightId", "insightDefinition", "insightTemplateId",
    "insightTemplateDefinition", "aiSourceDefinition", "logs", "errors", "startedAt", "finishedAt", "totals",
    "additionalParams", "createdByUser",
)  # fmt: skip
RUN = {
    "id": "r", "status": "SUCCESS", "type": "HTTP_DATA", "runType": "manual", "dataMartId": "m", "createdAt": AT,
    **dict.fromkeys(NOTHING),
}  # fmt: skip
PROJECT_RUN = {**RUN, "dataMart": {"id": "m", "title": "Orders"}, "qualitySummary": None}
RUN_ID = "0197a4b2-6f5e-7cc1-9d3a-0123456789ab"
FOUND = {
    "entityType": "DATA_MART", "entityId": "m", "title": "Orders", "description": None,
    "finalScore": 100, "kwScore": 99.5, "vecScore": None,
}  # fmt: skip
TEMPLATE = {
    "id": "t", "title": "Weekly", "sourcesCount": 2, "lastRenderedTemplateUpdatedAt": None, "createdById": "u",
    "createdAt": AT, "modifiedAt": AT, "createdByUser": USER, "dataMart": {"id": "m", "title": "Orders"},
    "canDelete": True,
}  # fmt: skip
STEPS = (
    "hasStorage", "hasDraftDataMart", "hasPublishedDataMart", "hasDestination", "hasReport", "hasReportRun",
    "hasTeammatesInvited", "hasGoogleSheetsDestination", "hasGoogleSheetsExtension", "hasGoogleSheetsReportRun",
)  # fmt: skip
PROGRESS = {
    "version": 1,
    "stepsSchemaVersion": 1,
    "progress": 30,
    "steps": {step: {"done": True, "completedAt": AT} for step in STEPS},
}
ON_CANVAS = {"id": "m", "title": "Orders", "status": "DRAFT", "description": None, "fieldCount": 3}
EDGE = {
    "id": "e", "sourceDataMartId": "a", "targetDataMartId": "b",
    "joinConditions": [{"sourceFieldName": "x", "targetFieldName": "y"}],
}  # fmt: skip
PUBLICATION = {"publicationId": "p", "scope": "member"}

Ask = Callable[[Client], Any]

# What is asked, as which request, with which body, what the server answers, and what comes back.
CALLS: dict[str, tuple[Ask, str, Any, Any, Any]] = {
    "storages": (lambda c: c.storages.list(), "GET /api/data-storages", None, [{"id": "s"}], [{"id": "s"}]),
    "destinations": (lambda c: c.destinations.list(), "GET /api/data-destinations", None, [], []),
    "marts of owners": (
        lambda c: c.data_marts.list(owner_filter="no_owners"), "GET /api/data-marts?ownerFilter=no_owners", None,
        {"items": [], "total": 0, "nextOffset": None}, [],
    ),
    "settings": (
        lambda c: c.project.get_settings(), "GET /api/projects/settings", None,
        {"description": "A shop", "more": 1}, {"description": "A shop"},
    ),
    "description": (
        lambda c: c.project.update_description(None), "PUT /api/projects/settings/description", {"description": None},
        {"description": None}, {"description": None},
    ),
    "progress": (
        lambda c: c.project.get_setup_progress(), "GET /api/project-setup-progress", None, PROGRESS, PROGRESS,
    ),
    "search": (
        lambda c: c.search.query("or ders", limit=5, entity_types=["DATA_MART", "DATA_STORAGE"], exclude_drafts=True),
        "GET /api/search?q=or+ders&limit=5&entityTypes=DATA_MART%2CDATA_STORAGE&excludeDrafts=true", None,
        [FOUND], [FOUND],
    ),
    "search in nothing": (
        lambda c: c.search.query("orders", entity_types=[]), "GET /api/search?q=orders&entityTypes=", None, [], [],
    ),
    "runs": (
        lambda c: c.runs.list(limit=7, offset=14), "GET /api/data-marts/runs?limit=7&offset=14", None,
        {"runs": [PROJECT_RUN]}, [PROJECT_RUN],
    ),
    "runs of a mart": (
        lambda c: c.runs.for_data_mart("m 1").list(), "GET /api/data-marts/m%201/runs", None, {"runs": [RUN]}, [RUN],
    ),
    "run": (
        lambda c: c.runs.for_data_mart("m").get("r"), "GET /api/data-marts/m/runs/r", None,
        {**RUN, "dataQuality": None}, {**RUN, "dataQuality": None},
    ),
    "start": (
        lambda c: c.runs.for_data_mart("m").start(), "POST /api/data-marts/m/manual-run", {}, {"runId": RUN_ID}, RUN_ID,
    ),
    "backfill": (
        lambda c: c.runs.for_data_mart("m").start("MANUAL_BACKFILL", {"from": "2026-01-01"}),
        "POST /api/data-marts/m/manual-run",
        {"payload": {"runType": "MANUAL_BACKFILL", "data": {"from": "2026-01-01"}}}, {"runId": RUN_ID}, RUN_ID,
    ),
    "insights": (
        lambda c: c.insights.get_templates(limit=1), "GET /api/data-marts/insight-templates?limit=1", None,
        {"insights": [TEMPLATE]}, [TEMPLATE],
    ),
    "canvas": (
        lambda c: c.models.get_data_marts("s"), "GET /api/model-canvas/data-marts?storageId=s", None,
        {"items": [ON_CANVAS], "total": 1, "nextOffset": None}, [ON_CANVAS],
    ),
    "edges": (
        lambda c: c.models.get_edges("s"), "GET /api/model-canvas/edges?storageId=s", None, {"edges": [EDGE]}, [EDGE],
    ),
    "publish": (
        lambda c: c.plugins.publish("acme/plugin", "project", project_ids=["p"]), "POST /api/plugins/publications",
        {"repository": "acme/plugin", "scope": "project", "projectIds": ["p"]}, PUBLICATION, PUBLICATION,
    ),
    "unpublish": (
        lambda c: c.plugins.unpublish("acme/plugin", "deployment", all_projects=True),
        "POST /api/plugins/publications/unpublish",
        {"repository": "acme/plugin", "scope": "deployment", "allProjects": True}, PUBLICATION, PUBLICATION,
    ),
    "publications": (
        lambda c: c.plugins.list_publications("member"), "GET /api/plugins/publications?scope=member", None,
        [PUBLICATION], [PUBLICATION],
    ),
    "update": (
        lambda c: c.plugins.update("acme/plugin"), "POST /api/plugins/update", {"repository": "acme/plugin"},
        {"pluginId": "x"}, {"pluginId": "x"},
    ),
    "suspend": (
        lambda c: c.plugins.suspend("acme/plugin", "broken"), "POST /api/plugins/suspend",
        {"repository": "acme/plugin", "note": "broken"}, {"suspended": True}, {"suspended": True},
    ),
    "resume": (
        lambda c: c.plugins.resume("acme/plugin"), "POST /api/plugins/resume", {"repository": "acme/plugin"},
        {"suspended": False}, {"suspended": False},
    ),
    "any other call": (
        lambda c: c.request_json("PATCH", "/api/data-marts/m", params={"a": "b"}, body={"title": "T"}),
        "PATCH /api/data-marts/m?a=b", {"title": "T"}, {"id": "m"}, {"id": "m"},
    ),
}  # fmt: skip

# Answers that are not what was asked for, and what the error calls them.
STRANGE: list[tuple[Ask, str, str, Any]] = [
    (lambda c: c.storages.list(), "/api/data-storages", "Data Storages", {"items": []}),
    (lambda c: c.storages.list(), "/api/data-storages", "Data Storages", ["s"]),
    (lambda c: c.destinations.list(), "/api/data-destinations", "Data Destinations", None),
    (lambda c: c.project.get_settings(), "/api/projects/settings", "Project Settings", {}),
    (lambda c: c.project.get_setup_progress(), "/api/project-setup-progress", "Project Setup Progress",
     {**PROGRESS, "progress": 101}),
    (lambda c: c.project.get_setup_progress(), "/api/project-setup-progress", "Project Setup Progress",
     {**PROGRESS, "steps": {**PROGRESS["steps"], "more": {"done": True}}}),  # type: ignore[dict-item]
    (lambda c: c.project.get_setup_progress(), "/api/project-setup-progress", "Project Setup Progress",
     {**PROGRESS, "steps": {}}),
    (lambda c: c.search.query("orders"), "/api/search", "Search", [{**FOUND, "finalScore": "100"}]),
    (lambda c: c.search.query("orders"), "/api/search", "Search", [{"title": "Orders"}]),
    (lambda c: c.runs.list(), "/api/data-marts/runs", "Data Mart Runs", {"runs": [RUN]}),
    (lambda c: c.runs.for_data_mart("m").list(), "/api/data-marts/m/runs", "Data Mart Runs", [RUN]),
    *((lambda c: c.runs.for_data_mart("m").get("r"), "/api/data-marts/m/runs/r", "Data Mart Run", {**RUN, **wrong})
      for wrong in ({"createdAt": "2026-02-30T00:00:00Z"}, {"createdAt": "2026-11-25T10:15:00"}, {"errors": ["a", 1]},
                    {"startedAt": "soon"}, {"createdByUser": {}}, {"totals": []}, {"status": None})),
    (lambda c: c.runs.for_data_mart("m").start(), "/api/data-marts/m/manual-run", "Data Mart Run", {"runId": "7"}),
    (lambda c: c.insights.get_templates(), "/api/data-marts/insight-templates", "Insight Templates",
     {"insights": [{}]}),
    (lambda c: c.models.get_data_marts("s"), "/api/model-canvas/data-marts", "Model Canvas Data Marts",
     {"items": [{**ON_CANVAS, "fieldCount": None}], "total": 1, "nextOffset": None}),
    (lambda c: c.models.get_edges("s"), "/api/model-canvas/edges", "Model Canvas Edges", [EDGE]),
    (lambda c: c.plugins.publish("r", "member"), "/api/plugins/publications", "Plugin Publication", []),
    (lambda c: c.markdown.parse_to_html("*a*"), "/api/markdown/parse-to-html", "Markdown", "<p>"),
]  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_call_asks_and_returns_what_the_contract_says(faulty: FaultyServer, client: Client, name: str):
    ask, request, body, said, expected = CALLS[name]
    path = request.partition(" ")[2].partition("?")[0]
    faulty.on(path, answer(200, said))

    assert ask(client) == expected

    asked = faulty.asked[-1]
    assert f"{asked.method} {asked.target}" == request
    assert (json.loads(asked.body) if asked.body else None) == body
    assert asked.headers["accept"] == "application/json"


@pytest.mark.parametrize(("ask", "path", "what", "said"), STRANGE)
def test_an_answer_of_another_shape_is_refused(
    faulty: FaultyServer, client: Client, ask: Ask, path: str, what: str, said: Any
):
    faulty.on(path, answer(200, said))

    with pytest.raises(ApiError) as caught:
        ask(client)

    assert caught.value.message == f"OWOX {what} API returned an unexpected response shape"
    assert caught.value.details == said


def test_cancelling_sends_no_body_and_expects_none(faulty: FaultyServer, client: Client):
    faulty.on("/api/data-marts/m/runs/r/cancel", b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    client.runs.for_data_mart("m").cancel("r")

    assert (faulty.asked[-1].method, faulty.asked[-1].body) == ("POST", b"")
    assert "content-type" not in faulty.asked[-1].headers


def test_markdown_comes_back_as_html(faulty: FaultyServer, client: Client):
    html = "<p>é</p>".encode()
    head = f"HTTP/1.1 201 Created\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(html)}\r\n\r\n"
    faulty.on("/api/markdown/parse-to-html", head.encode() + html)

    assert client.markdown.parse_to_html("é") == "<p>é</p>"

    assert faulty.asked[-1].headers["accept"] == "text/html"
    assert json.loads(faulty.asked[-1].body) == {"markdown": "é"}


def test_all_parts_of_a_history_are_read_and_no_run_twice(faulty: FaultyServer, client: Client):
    runs = [{**PROJECT_RUN, "id": str(number)} for number in range(150)]
    newer = {**PROJECT_RUN, "id": "newer"}
    first, second = answer(200, {"runs": runs[:100]}), answer(200, {"runs": runs[99:149]})
    faulty.on(
        "/api/data-marts/runs", first, second, answer(200, {"runs": [newer, runs[149]]}), answer(200, {"runs": []})
    )

    found = [run["id"] for run in client.runs.every()]

    assert found == [*map(str, range(149)), "newer", "149"]
    offsets = [asked.target.rpartition("=")[2] for asked in faulty.asked[1:]]
    assert offsets == ["0", "100", "150", "152"]


def test_a_history_whose_offset_has_a_limit_ends(faulty: FaultyServer, client: Client):
    faulty.on("/api/data-marts/m/runs", answer(200, {"runs": [RUN]}))

    assert list(client.runs.for_data_mart("m").every()) == [RUN]


@pytest.mark.parametrize(
    "ask",
    [
        lambda c: c.data_marts.list(owner_filter="mine"),
        lambda c: c.runs.for_data_mart(".."),
        lambda c: c.runs.for_data_mart("m").get("a/b"),
        lambda c: c.runs.for_data_mart("m").cancel(" "),
        lambda c: c.runs.for_data_mart("m").start("FULL"),
        lambda c: c.runs.for_data_mart("m").start(data={"a": 1}),
        lambda c: c.reports.stream(""),
        lambda c: c.request_json("TRACE", "/api/auth/context"),
        *(lambda c, path=path: c.request_json("GET", path)
          for path in ("api/x", "/apix", "//other.example/api/", "/api/../x", "/api/%2e%2E/x", "/api/a%2Fb",
                       "/api/a%5cb", "/api/a%25", "/api/%zz", "/api/a\\b", "/api/a?b=c", "/api/a#b", "/api/a b",
                       "/api/é", "/api/" + "x" * 2048)),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_before_anything_is_sent(faulty: FaultyServer, client: Client, ask: Ask):
    with pytest.raises(ConfigError):
        ask(client)

    assert faulty.asked == []


def test_a_call_that_is_answered_with_nothing_returns_none(faulty: FaultyServer, client: Client):
    faulty.on("/api/data-marts/m", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    assert client.request_json("DELETE", "/api/data-marts/m") is None

"""Requests that no route takes as they are: methods, paths, hosts, queries, forwarded addresses."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from owox.models import ApiKey, AuditEvent
from tests.api import actors
from tests.api.matrix.keys import API_KEYS, EXPECTED
from tests.cast import ROWS, Stage, opened, settings, settle
from tests.states import CONTEXT, EXCHANGE, Holder, basic, knock

API = [(method, rule) for method, rule in EXPECTED if rule.startswith(("/api/", "/health/"))]
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "X")


def keyed(stage: Stage, name: str = "alice") -> dict[str, str]:
    """A header of somebody's key."""
    person = stage[name]
    return {"Authorization": basic(f"{person.key_id}:{person.secret}".encode())}


@pytest.mark.parametrize("path", sorted({rule for _, rule in API}))
def test_another_method_is_405_with_those_allowed(path: str, shared_stage: Stage):
    """I3, T4."""
    allowed = {method for method, rule in API if _covers(rule, path)}
    allowed |= {"HEAD"} if "GET" in allowed else set()
    client = shared_stage.app.test_client()

    for method in METHODS:
        if method in allowed:
            continue
        answer = client.open(path.replace("<", "").replace(">", ""), method=method)
        assert answer.status == "405 Method Not Allowed", method
        assert {*answer.headers["Allow"].split(", ")} == allowed | {"OPTIONS"}
        assert answer.get_json()["message"].startswith(f"Cannot {method} /")


def _covers(rule: str, path: str) -> bool:
    """Whether a rule takes this path; a path that two rules share has the methods of both."""
    parts = list(zip(rule.split("/"), path.split("/"), strict=False))
    return rule.count("/") == path.count("/") and all(one == other or one.startswith("<") for one, other in parts)


@pytest.mark.parametrize(
    "path",
    [
        "/api", "/api/", "/api/nothing", "/api/data-marts/x", "/api/auth", "/api/auth/api-keys/exchange/x",
        "/api//data-marts", "/api/data-marts//", "/api/../api/data-marts",
        "/api/data-marts/..", "/api/external/http-data/data-marts/../x.ndjson", "/api/data-marts\x00", "/api/\x00",
        "/api/external/http-data/data-marts/a/b.ndjson", "/api/external/http-data/data-marts/x", "/api/\xff\xfe",
        "/api/\n", "/API/data-marts", "/api/" + "x" * 10_000, "/api/project-member-api-keys/a/b", "/api/;x", "/health",
        "/health/", "/health/x", "/api\\data-marts",
    ],
)  # fmt: skip
def test_an_unknown_path_is_404_and_never_a_redirect(path: str, shared_stage: Stage):
    """I6, T4, contract.md 0.2."""
    environ = {"PATH_INFO": path}

    answer = shared_stage.app.test_client().get("/", headers=keyed(shared_stage), environ_overrides=environ)

    assert answer.status == "404 Not Found"
    if path.startswith(("/api/", "/health/")):
        assert answer.mimetype == "application/json"
        assert answer.get_json()["statusCode"] == 404


@pytest.mark.parametrize("path", ["//api/data-marts", "///api/data-marts"])
def test_leading_slashes_count_as_one_and_never_lead_to_a_page(path: str, shared_stage: Stage):
    """Z1, contract.md 0.2."""
    client, environ = shared_stage.app.test_client(), {"PATH_INFO": path}

    nobody = client.get("/", environ_overrides=environ)
    alice = client.get("/", headers=keyed(shared_stage), environ_overrides=environ)

    assert (nobody.status_code, nobody.mimetype, alice.status_code) == (401, "application/json", 200)


@pytest.mark.parametrize("path", [rule for method, rule in API if method == "GET" and "<" not in rule])
def test_a_trailing_slash_is_answered_without_a_redirect(path: str, shared_stage: Stage):
    """contract.md 0.2."""
    plain, slashed = (actors.by_cookie(shared_stage, "alice").send("GET", path + end) for end in ("", "/"))

    assert plain.status_code == slashed.status_code == 200


def test_a_trailing_slash_is_taken_where_something_is_sent(stage: Stage):
    alice = actors.by_cookie(stage, "alice")

    created = alice.send("POST", API_KEYS + "/", json={"name": "x"})
    exchanged = stage.app.test_client().post(
        EXCHANGE + "/", headers={"x-owox-api-key-id": stage["bob"].key_id}, json={"apiKeySecret": stage["bob"].secret}
    )
    revoked = alice.send("DELETE", f"{API_KEYS}/{created.get_json()['apiKeyId']}/")

    assert (created.status_code, exchanged.status_code, revoked.status_code) == (201, 200, 204)


@pytest.mark.parametrize(
    "key_id", ["..", "%2e%2e", "%00", "a%00b", "%ff", "x" * 10_000, "\u0661", "' OR 1=1 --", "%0a", "."]
)
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_id_that_is_none_is_not_found(key_id: str, method: str, shared_stage: Stage):
    """I6, I2: on both databases, whatever it holds."""
    sent = {"json": {"name": "x"}} if method == "PATCH" else {}

    answer = actors.by_cookie(shared_stage, "alice").send(method, f"{API_KEYS}/{key_id}", **sent)

    assert answer.status_code == 404
    assert shared_stage.key(shared_stage["alice"].key_id).name == "alice's key"


@pytest.mark.parametrize("mart_id", ["%00", "a%00b", "%ff", "x" * 5000, "' OR 1=1 --", "%0a", "..", "*"])
def test_a_mart_id_that_is_none_is_not_found(mart_id: str, shared_stage: Stage):
    """I6, I2."""
    path = f"/api/external/http-data/data-marts/{mart_id}.ndjson"

    assert shared_stage.app.test_client().get(path, headers=keyed(shared_stage)).status_code == 404


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "", "x" * 300, "[::2]", "127.0.0.1:x",
        "localhost.", "a b", "\xff", "127.0.0.1/evil", "[::1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [CONTEXT, "/", "/sign-in", "/health/live", "/nowhere", "/static/app.css"])
def test_a_host_that_this_server_is_not_is_refused(host: str, path: str, shared_stage: Stage):
    """I7."""
    answer = shared_stage.app.test_client().get(path, environ_overrides={"HTTP_HOST": host})

    assert answer.status == "400 Bad Request"
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "LOCALHOST:1", "[::1]:8000", "[::1]"])
def test_every_name_of_this_machine_is_answered_to(host: str, shared_stage: Stage):
    """I7."""
    answer = shared_stage.app.test_client().get(CONTEXT, headers={"Host": host} | keyed(shared_stage))

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("offset=-1", ["offset must not be less than 0.", None]),
        ("offset=x", ["offset must not be less than 0.", "offset must be an integer number."]),
        ("offset=1.5", ["offset must not be less than 0.", "offset must be an integer number."]),
        ("offset=", ["offset must not be less than 0.", "offset must be an integer number."]),
        ("offset=%D9%A1", ["offset must not be less than 0.", "offset must be an integer number."]),
        ("offset=1%00", ["offset must not be less than 0.", "offset must be an integer number."]),
        ("offset=9999999999999999999999", ["offset must not be less than 0.", "offset must be an integer number."]),
        ("offset=1&offset=2", ["offset must be given once."]),
        ("ownerFilter=mine", ["ownerFilter must be one of the following values: has_owners, no_owners."]),
        ("ownerFilter=", ["ownerFilter must be one of the following values: has_owners, no_owners."]),
        ("limit=1", ["property limit should not exist."]),
        ("%00=1", ["property \0 should not exist."]),
    ],
)
def test_a_bad_query_of_the_mart_list_is_refused(query: str, messages: list[str | None], shared_stage: Stage):
    """I4, I9; contract.md 3.2."""
    answer = shared_stage.app.test_client().get(f"/api/data-marts?{query}", headers=keyed(shared_stage))

    assert answer.status_code == 400
    told = [error["message"] for error in answer.get_json()["details"]["errors"]]
    assert told == [message for message in messages if message]


def test_pages_of_the_mart_list_end_past_their_total(shared_stage: Stage):
    client, headers = shared_stage.app.test_client(), keyed(shared_stage)

    past = client.get("/api/data-marts?offset=999999999999999", headers=headers).get_json()
    owned = client.get("/api/data-marts?ownerFilter=has_owners&offset=0", headers=headers).get_json()
    rest = client.get("/api/data-marts?ownerFilter=no_owners", headers=headers).get_json()

    assert past == {"items": [], "total": 5, "nextOffset": None}
    assert ([mart["title"] for mart in owned["items"]], owned["total"], rest["total"]) == (["Owned by bob"], 1, 4)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=x", "limit=", "limit=1&limit=2", "limit=1e400", "limit=9223372036854775808",
        "limit=%D9%A1", "columns=all", "columns=*&columns=*", "columns=**&column=id", "column=", "column=nothing",
        "column=id%00", "column=id;DROP TABLE orders", 'column=id"', "filter=W1", "sort=e30", "aggregation=",
        "dateTrunc=W1s", "offset=1", "pageToken=x", "column=%ff",
    ],
)  # fmt: skip
def test_a_bad_query_of_rows_is_refused(query: str, shared_stage: Stage):
    """I4, I9; contract.md 4.2."""
    answer = shared_stage.app.test_client().get(_rows(shared_stage, query), headers=keyed(shared_stage))

    assert answer.status_code == 400
    assert answer.mimetype == "application/json"
    assert answer.get_json()["message"]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", [{"id": number, "product": name} for number, name in ROWS]),
        ("limit=2&unknown=1", [{"id": number, "product": name} for number, name in ROWS[:2]]),
        ("column=product&column=id&column=product", [{"product": name, "id": number} for number, name in ROWS]),
        ("columns=*&column=product&limit=1e0", [{"id": 1, "product": "kettle"}]),
        ("limit=9223372036854775807", [{"id": number, "product": name} for number, name in ROWS]),
    ],
)
def test_a_good_query_gives_the_rows_that_it_names(query: str, rows: list[dict], shared_stage: Stage):
    answer = shared_stage.app.test_client().get(_rows(shared_stage, query), headers=keyed(shared_stage))

    assert answer.status_code == 200
    assert answer.content_type == "application/x-ndjson; charset=utf-8"
    assert [json.loads(line) for line in answer.text.splitlines()] == rows
    assert list(json.loads(answer.text.splitlines()[0])) == list(rows[0])


def test_rows_over_http_1_0_are_refused(shared_stage: Stage):
    environ = {"SERVER_PROTOCOL": "HTTP/1.0"}

    answer = shared_stage.app.test_client().get(
        _rows(shared_stage, ""), headers=keyed(shared_stage), environ_overrides=environ
    )

    assert answer.status == "505 HTTP Version Not Supported"
    assert answer.mimetype == "application/json"


@pytest.mark.parametrize("hops", [0, 1, 2])
def test_a_forged_forwarded_address_is_believed_only_as_far_as_proxies_are_trusted(hops: int, stage: Stage, tmp_path):
    """I8: in the last use of a key and in the audit log."""
    sent = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.0.0.2", "Forwarded": "for=6.6.6.6", "X-Real-IP": "6.6.6.6"}
    believed = {0: "192.0.2.1", 1: "10.0.0.2", 2: "203.0.113.9"}[hops]
    alice = stage.more("alice")

    with opened(settings(tmp_path, stage.url, OWOX_PROXY_HOPS=str(hops))) as app:
        proxied = Stage(app, stage.url, stage.cast)
        environ = {"REMOTE_ADDR": "192.0.2.1"}
        app.test_client().get(
            CONTEXT, headers=sent | {"Authorization": basic(f"{alice.key_id}:{alice.secret}".encode())},
            environ_base=environ,
        )  # fmt: skip
        created = actors.by_cookie(proxied, "bob").send(
            "POST", API_KEYS, json={"name": "x"}, headers=sent, environ_base=environ
        )
        settle(app)

    with Session(stage.engine) as session:
        used = session.get_one(ApiKey, alice.key_id).last_used_address
        event = session.scalars(select(AuditEvent).where(AuditEvent.api_key_id == created.get_json()["apiKeyId"])).one()
    assert (used, event.address) == (believed, believed)


def test_every_error_holds_what_clients_read(shared_stage: Stage):
    """T4: one shape for all, with the request's id and nothing of the inside."""
    client = shared_stage.app.test_client()
    for answer in (
        client.get("/api/nothing?a=b", headers={"x-request-id": "mine-1"}),
        client.get(CONTEXT, headers={"x-request-id": "mine-1"}),
        client.put(CONTEXT, headers={"x-request-id": "mine-1"}),
        knock(client, "basic", Holder("x", "y"), "10.3.0.1"),
    ):
        body = answer.get_json()
        assert answer.content_type == "application/json"
        assert body["statusCode"] == body["status"] == answer.status_code
        assert body["error"] == body["title"] == answer.status.partition(" ")[2]
        assert body["message"] == body["detail"]
        assert body["instance"] == f"urn:request:{body['requestId']}"
        assert body["type"] == "about:blank"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/api/nothing?a=b").get_json()["path"] == "/api/nothing?a=b"


@pytest.mark.parametrize("given", ["a" * 37, "", "a b", "<script>", "a\tb", "é"])
def test_a_request_id_that_is_not_plain_is_replaced(given: str, shared_stage: Stage):
    """U5."""
    headers = {"x-request-id": given.encode().decode("latin-1")}

    assert shared_stage.app.test_client().get("/api/x", headers=headers).get_json()["requestId"] != given


def _rows(stage: Stage, query: str) -> str:
    return f"/api/external/http-data/data-marts/{stage.cast.marts['Orders']}.ndjson?{query}"

"""Every answer that the API's description promises, and the call that provokes it."""

from tests.api.calls import (
    BODY,
    KEYS,
    ONE_KEY,
    READ,
    STRANGER,
    TWICE,
    Answer,
    as_visitor,
    call,
    of_a_broken_storage,
    of_a_revoked_key,
    of_a_rotated_key,
    of_another_key,
    twice,
    with_another_id,
    with_key,
)
from tests.api.credential_answers import CREDENTIAL_ANSWERS
from tests.api.member_answers import MEMBER_ANSWERS
from tests.api.project_answers import PROJECT_ANSWERS
from tests.api.terminal_answers import TERMINAL_ANSWERS
from tests.api.things import DESTINATION_ANSWERS, MART_ANSWERS, STORAGE_ANSWERS

ROWS = "/api/external/http-data/data-marts/{dataMartId}.ndjson"
BY_KEY = [("get", f"/api/{name}") for name in ("auth/context", "data-marts", "data-storages", "data-destinations")]
BY_KEY.append(("get", ROWS))
ROTATE = f"{ONE_KEY}/rotate"
BY_COOKIE = [("get", KEYS), ("post", KEYS), ("patch", ONE_KEY), ("delete", ONE_KEY), ("post", ROTATE)]
RUNS = "/api/data-marts/{dataMartId}/runs"
ONE_RUN = f"{RUNS}/{{runId}}"
START, CANCEL = "/api/data-marts/{dataMartId}/manual-run", f"{ONE_RUN}/cancel"
BY_KEY += [("get", path) for path in ("/api/data-marts/runs", RUNS, ONE_RUN)]
OPEN = [("get", f"/api/{name}") for name in ("openapi.json", "openapi.yaml", "swagger-ui", "flags")]
ANSWERS: dict[tuple[str, str], dict[int, Answer]] = {
    **{each: dict(READ) for each in BY_KEY},
    **{each: TWICE | STRANGER | {200: as_visitor, 403: with_key} for each in BY_COOKIE},
    **{
        each: {200: call, 400: lambda stage, verb, path: call(stage, verb, path, headers={"Host": "elsewhere.example"})}
        for each in OPEN
    },
}
ANSWERS["post", KEYS] |= BODY | {201: ANSWERS["post", KEYS].pop(200)}
ANSWERS["patch", ONE_KEY] |= BODY | {409: of_a_revoked_key}
ANSWERS["post", ROTATE] |= BODY | {201: of_another_key, 409: of_a_rotated_key}
del ANSWERS["post", ROTATE][200]
ANSWERS["delete", ONE_KEY] |= {204: ANSWERS["delete", ONE_KEY].pop(200)}
ANSWERS["get", ROWS] |= {
    424: of_a_broken_storage,
    505: lambda stage, verb, path: with_key(stage, verb, path, environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"}),
}
ANSWERS["post", START] = TWICE | STRANGER | BODY | {400: with_key, 403: with_another_id}
ANSWERS["post", CANCEL] = TWICE | STRANGER | {204: with_key, 403: with_another_id, 409: twice}
ANSWERS |= STORAGE_ANSWERS | MART_ANSWERS | DESTINATION_ANSWERS
ANSWERS |= MEMBER_ANSWERS | PROJECT_ANSWERS | TERMINAL_ANSWERS | CREDENTIAL_ANSWERS
EVERY = [(verb, path, status) for (verb, path), statuses in ANSWERS.items() for status in statuses]

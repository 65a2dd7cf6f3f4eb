"""JSON bodies that are not what they should be: a clear message, the right status, nothing stored."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from owox.api.bodies import DEPTH, read_object
from owox.factory import BODY_BYTES
from tests.api import actors
from tests.api.matrix.keys import API_KEYS
from tests.cast import Stage
from tests.states import EXCHANGE, Holder, knock

LONG, SHORT, TEXT = (
    "name must be shorter than or equal to 100 characters.",
    "name should not be empty.",
    "name must be a string.",
)
CONTROL = "name must not contain control characters."
NO_DATE, PAST = "expiresAt must be a valid ISO 8601 date string.", "expiresAt must be later than now."
NAMES = {
    "": [SHORT], " ": [SHORT], "\t\n\u2003": [SHORT], "\u200b\u2060": [SHORT], "\u0301": [SHORT], "x" * 101: [LONG],
    "a\nb": [CONTROL], "a\x07b": [CONTROL], "a\u2028b": [CONTROL], "\x85a\x9fb": [CONTROL], None: [LONG, SHORT, TEXT],
    7: [LONG, TEXT], True: [LONG, TEXT], 1.5: [LONG, TEXT],
}  # fmt: skip
DATES = {
    NO_DATE: [
        "", " ", "tomorrow", "never", "90d", 1795603200, True, [], {}, "2027-W05", "2027-W05-1", "2027-045", "20270131",
        "2027-02-30", "2027-02-30T00:00:00Z", "2027-13-01", "2027-1-1", "2027-01-01T24:00:00Z", "2027-01-01T00:00:00",
        "2027-01-01T00:00Z", "2027-01-01 00:00:00Z", "2027-01-01T00:00:60Z", "2027-01-01T00:00:00+24:00",
        "2027-01-01T00:00:00+2", "2027-01-01T00:00:00+00:60", "2027-01-01T00:00:00.Z", "2027-01-01T", "2027-01-01\n",
        "2027-01-01T00:00:00Z ", "10000-01-01", "+10000-01-01T00:00:00Z", "-2027-01-01", "9999-12-31T23:59:59-00:01",
        "0000-01-01", "0001-01-01T00:00:00+00:01", "\u0662\u0660\u0662\u0667-01-01",
    ],
    PAST: ["2020-01-01", "2020-02-29T23:59:59.999+14:00", "1970-01-01T00:00:00Z", "0001-01-01"],
}  # fmt: skip
GOOD_DATES = {
    "2097-02-28": "2097-02-28T00:00:00.000Z",
    "2096-02-29": "2096-02-29T00:00:00.000Z",
    "2097-03-31T12:00:00+03:00": "2097-03-31T09:00:00.000Z",
    "2097-03-31t12:00:00.1234567z": "2097-03-31T12:00:00.123Z",
    "2038-01-19T03:14:08Z": "2038-01-19T03:14:08.000Z",
    "9999-12-31T23:59:59.999Z": "9999-12-31T23:59:59.999Z",
    "9999-12-31T23:59:59.999+23:59": "9999-12-31T00:00:59.999Z",
    None: None,
}


def refused(stage: Stage, status: int = 400, method: str = "POST", path: str = API_KEYS, **request) -> list[str] | str:
    """Send it as alice; nothing may be stored. Return the messages."""
    alice = actors.by_cookie(stage, "alice")
    before = stage.key_count(), stage.key(stage["alice"].key_id).name

    answer = alice.send(method, path, **request)

    assert answer.status_code == status, answer.text
    assert (stage.key_count(), stage.key(stage["alice"].key_id).name) == before
    assert answer.mimetype == "application/json"
    body = answer.get_json()
    return [error["message"] for error in body["details"]["errors"]] if "details" in body else body["message"]


@pytest.mark.parametrize("name", [*NAMES, [], {}], ids=repr)
def test_a_bad_name_is_refused_when_creating_and_when_renaming(name, shared_stage: Stage):
    """I2, Z6."""
    messages = [LONG, TEXT] if isinstance(name, list | dict) else NAMES[name]

    assert refused(shared_stage, json={"name": name}) == messages
    path = f"{API_KEYS}/{shared_stage['alice'].key_id}"
    assert refused(shared_stage, method="PATCH", path=path, json={"name": name}) == messages


def test_a_missing_name_is_refused_with_every_rule(shared_stage: Stage):
    assert refused(shared_stage, json={}) == [LONG, SHORT, TEXT]
    assert refused(shared_stage, data=b"", content_type="application/json") == [LONG, SHORT, TEXT]


@pytest.mark.parametrize("name", ["x", "x" * 100, "  trimmed ", "Имя", "🔑 key", "<b>&amp;\"'", "a\u200db", "名" * 100])
def test_a_good_name_is_kept_trimmed_and_otherwise_as_it_is(name: str, shared_stage: Stage):
    answer = actors.by_cookie(shared_stage, "alice").send("POST", API_KEYS, json={"name": name})

    assert answer.status_code == 201
    assert answer.get_json()["name"] == name.strip()


@pytest.mark.parametrize(
    ("expires", "message"), [(text, message) for message, texts in DATES.items() for text in texts], ids=repr
)
def test_a_bad_expiry_is_refused(expires, message: str, shared_stage: Stage):
    """K9."""
    assert refused(shared_stage, json={"name": "x", "expiresAt": expires}) == [message]


@pytest.mark.parametrize(("expires", "told"), GOOD_DATES.items())
def test_an_expiry_is_kept_as_the_instant_that_it_names(expires: str | None, told: str | None, shared_stage: Stage):
    """K9: up to the last millisecond of year 9999, and past 2038."""
    alice = actors.by_cookie(shared_stage, "alice")

    created = alice.send("POST", API_KEYS, json={"name": "x", "expiresAt": expires}).get_json()
    listed = {key["apiKeyId"]: key for key in alice.send("GET", API_KEYS).get_json()}

    assert created["expiresAt"] == listed[created["apiKeyId"]]["expiresAt"] == told


@pytest.mark.parametrize(
    "member", ["role", "readOnly", "memberId", "projectId", "apiKeyId", "revokedAt", "digest", "", "é" * 200]
)
def test_an_unknown_member_is_refused(member: str, shared_stage: Stage):
    """Z6: identity and state never come from a body."""
    message = [f"property {member[:100]} should not exist."]
    path = f"{API_KEYS}/{shared_stage['alice'].key_id}"

    assert refused(shared_stage, json={"name": "x", member: "y"}) == message
    assert refused(shared_stage, method="PATCH", path=path, json={"name": "x", member: "y"}) == message
    assert refused(shared_stage, path=EXCHANGE, json={"apiKeySecret": "x", member: "y"}) == message


@pytest.mark.parametrize(
    ("expires", "message"), [(text, message) for message, texts in DATES.items() for text in texts[:4]], ids=repr
)
def test_a_bad_new_expiry_is_refused_and_the_name_with_it(expires, message: str, shared_stage: Stage):
    """K9."""
    path = f"{API_KEYS}/{shared_stage['alice'].key_id}"

    assert refused(shared_stage, method="PATCH", path=path, json={"name": "x", "expiresAt": expires}) == [message]
    assert refused(shared_stage, path=f"{path}/rotate", json={"expiresAt": expires}) == [message]


NESTED = '{"name":' + "[" * DEPTH + "]" * DEPTH + "}"
BAD_JSON = {
    "broken": b'{"name": "x"',
    "two documents": b'{"name":"x"}{"name":"y"}',
    "trailing comma": b'{"name":"x",}',
    "single quotes": b"{'name':'x'}",
    "text": b"name=x",
    "array": b'[{"name":"x"}]',
    "null": b"null",
    "string": b'"name"',
    "blank": b"   ",
    "duplicate keys": b'{"name":"x","name":"y"}',
    "duplicate keys, one escaped": rb'{"name":"x","n\u0061me":"y"}',
    "duplicate keys inside": b'{"name":{"a":1,"a":2}}',
    "NaN": b'{"name":"x","expiresAt":NaN}',
    "infinity": b'{"name":"x","expiresAt":-Infinity}',
    "too large a float": b'{"name":"x","expiresAt":1e999}',
    "NUL": rb'{"name":"a\u0000b"}',
    "raw NUL": b'{"name":"a\x00b"}',
    "raw newline": b'{"name":"a\nb"}',
    "lone surrogate": rb'{"name":"\ud800"}',
    "lone low surrogate": rb'{"name":"x\udc00y"}',
    "lone surrogate as a name": rb'{"\ud800":"x"}',
    "2^64": b'{"name":"x","expiresAt":18446744073709551616}',
    "2^53": b'{"name":"x","expiresAt":9007199254740992}',
    "a number of 5,000 digits": b'{"name":"x","expiresAt":' + b"9" * 5000 + b"}",
    "too deep": NESTED.encode(),
    "far too deep": b'{"name":' + b"[" * 30_000,
    "far too deep objects": b'{"a":' * 10_000,
    "UTF-16": '{"name":"x"}'.encode("utf-16"),
    "UTF-32": '{"name":"x"}'.encode("utf-32-le"),
    "byte order mark": b'\xef\xbb\xbf{"name":"x"}',
    "latin-1": '{"name":"é"}'.encode("latin-1"),
    "overlong UTF-8": b'{"name":"\xc0\xaf"}',
    "surrogate in UTF-8": b'{"name":"\xed\xa0\x80"}',
}


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON)
def test_what_is_not_exactly_a_json_object_is_refused(body: bytes, shared_stage: Stage):
    """I2."""
    for path in (API_KEYS, EXCHANGE):
        message = refused(shared_stage, path=path, data=body, content_type="application/json")
        assert message
        assert "Traceback" not in message


def test_json_just_deep_enough_is_read(shared_stage: Stage):
    """I2: the boundary itself."""
    inner = DEPTH - 1
    body = '{"name":' + "[" * inner + "]" * inner + "}"

    assert refused(shared_stage, data=body.encode(), content_type="application/json") == [LONG, TEXT]


@pytest.mark.parametrize(("more", "status"), [(-1, 201), (0, 201), (1, 413)])
def test_a_body_may_be_64_kibibytes_and_no_byte_more(more: int, status: int, stage: Stage):
    """I1."""
    body = b'{"name":"x"}'
    padded = body + b" " * (BODY_BYTES - len(body) + more)

    answer = actors.by_cookie(stage, "alice").send("POST", API_KEYS, data=padded, content_type="application/json")

    assert answer.status_code == status
    assert stage.key_count() == (6 if status == 201 else 5)
    assert answer.mimetype == "application/json"


@pytest.mark.parametrize(
    "content_type",
    [
        "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
        "application/problem+json", "text/json", "application/json, text/plain", "a" * 5000, "application/json\x0b",
    ],
)  # fmt: skip
def test_another_content_type_is_refused(content_type: str, shared_stage: Stage):
    """I3, W2: what a foreign page can send without asking gets nowhere."""
    headers = {"Content-Type": content_type} if content_type else {}

    message = refused(shared_stage, 415, data=b'{"name":"x"}', headers=headers)

    assert message == "Send the body as JSON, with the header Content-Type: application/json."


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8", "application/json;"])
def test_json_is_known_in_any_spelling(content_type: str, stage: Stage):
    sent = {"data": b'{"name":"x"}', "headers": {"Content-Type": content_type}}

    assert actors.by_cookie(stage, "alice").send("POST", API_KEYS, **sent).status_code == 201


@pytest.mark.parametrize("secret", ["", None, 7, [], {}, True])
def test_an_exchange_without_a_secret_is_refused_before_the_key_is_looked_at(secret, shared_stage: Stage):
    """T5, contract.md 2.1."""
    empty, text = "apiKeySecret should not be empty.", "apiKeySecret must be a string."
    expected = [empty] if secret == "" else [empty, text] if secret is None else [text]

    assert refused(shared_stage, path=EXCHANGE, json={"apiKeySecret": secret}) == expected


def test_an_exchange_works_after_all_this(shared_stage: Stage):
    alice = shared_stage["alice"]

    answer = knock(shared_stage.app.test_client(), "exchange", Holder(alice.key_id, alice.secret))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    st.binary()
    | st.text().map(str.encode)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_body_is_read_or_refused_with_a_client_error(shared_stage: Stage, body: bytes):
    """I2, AC9: never anything else."""
    with shared_stage.app.test_request_context(data=body, content_type="application/json", method="POST"):
        try:
            read = set(read_object("name"))
        except BadRequest:
            read = set()

    assert read <= {"name"}

"""What each command writes, in which format, and with which exit code."""

import json
import re
from pathlib import Path

import pytest

from owox import __version__, keys
from tests.ctl.conftest import Run
from tests.infra.faulty import CONTEXT, EXCHANGE, MARTS, FaultyServer, answer

MARTS_FOUND = [
    {"id": "orders", "title": "Заказы é", "status": "PUBLISHED", "zebra": 1, "alpha": None},
    {"id": "a" * 60, "title": "A title that is much longer than a terminal is wide " * 3, "status": "DRAFT"},
]
MEMBER = {"userId": "u", "email": "alice@example.com", "fullName": None, "avatar": None, "roles": ["admin"]}


@pytest.fixture
def answering(faulty: FaultyServer) -> FaultyServer:
    context = {"projectId": "p", "projectTitle": "Shop", "authFlow": "api_key", "apiKeyId": "k"}
    faulty.on(CONTEXT, answer(200, {**context, **MEMBER}))
    faulty.on(MARTS, answer(200, {"items": MARTS_FOUND, "total": 2, "nextOffset": None}))
    return faulty


def test_version(ctl: Run):
    result = ctl("--version")

    assert (result.returncode, result.stdout) == (0, f"owox-ctl {__version__}\n")


@pytest.mark.parametrize("topic", [[], ["auth"], ["data-marts"], ["storages"], ["destinations"]], ids=str)
def test_a_bare_topic_shows_its_help(ctl: Run, topic: list[str]):
    result = ctl(*topic)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: owox-ctl")


@pytest.mark.parametrize(
    "command",
    [["status"], ["auth", "login"], ["auth", "status"], ["auth", "logout"], ["data-marts", "list"],
     ["data-marts", "stream"], ["storages", "list"], ["destinations", "list"], ["help"]],
    ids=" ".join,
)  # fmt: skip
def test_help_has_examples(ctl: Run, command: list[str]):
    result = ctl(*command, "--help")

    assert result.returncode == 0
    assert f"  Examples:\n    owox-ctl {' '.join(command)}" in result.stdout


def test_help_of_a_command_is_what_its_option_shows(ctl: Run):
    for command in ([], ["data-marts"], ["data-marts", "stream"]):
        shown = ctl("help", *command)

        assert (shown.returncode, shown.stderr) == (0, "")
        assert shown.stdout == ctl(*command, "--help").stdout


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["status", "--nope"], ["status", "extra"], ["status", "--format", "xml"], ["data-marts", "stream"],
     ["data-marts", "stream", "id", "--limit", "0"], ["data-marts", "stream", "id", "--limit", "many"],
     ["data-marts", "stream", "id", "--columns", "***"], ["auth", "login"], ["help", "nope"], ["help", "status", "x"],
     ["completion"], ["completion", "cmd"], ["storages", "nope"], ["auth", "login", "--api-key-secret", "x"],
     ["data-marts", "stream", "id", "--columns", "**", "--column", "a"], ["auth", "login", "--api-key-secret-stdin"],
     ["auth", "login", "--api-key-secret-stdin", "--combined-stdin"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_ends_with_2(ctl: Run, arguments: list[str]):
    result = ctl(*arguments)

    error = json.loads(result.stderr)["error"]
    assert (result.returncode, result.stdout, error["name"]) == (2, "", "OWOXConfigError")
    assert error["hint"].startswith("Run owox-ctl")


def test_wrong_usage_is_told_in_plain_words_too(ctl: Run):
    result = ctl("status", "--format", "table", "extra")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Got unexpected extra argument (extra)\nRun owox-ctl status --help.\n"


@pytest.mark.parametrize("arguments", [["status"], ["auth", "login"], ["auth", "login", "--format"], []], ids=" ".join)
def test_a_secret_that_is_typed_where_none_belongs_is_not_repeated(ctl: Run, minted: keys.Minted, arguments: list[str]):
    """U4"""
    for secret in (minted.secret, keys.combine("http://localhost", minted.key_id, minted.secret)):
        result = ctl(*arguments, secret)

        assert result.returncode == 2
        assert secret not in result.stdout + result.stderr


def test_status_shows_project_and_member(
    ctl: Run, answering: FaultyServer, variables: dict[str, str], minted: keys.Minted
):
    result = ctl("status", **variables)

    assert result.returncode == 0
    assert json.loads(result.stdout) == {
        "apiOrigin": answering.origin,
        "apiKeyId": minted.key_id,
        "authenticated": True,
        "envFile": None,
        "project": {"id": "p", "title": "Shop"},
        "member": MEMBER,
    }
    assert list(json.loads(result.stdout))[:4] == ["apiOrigin", "apiKeyId", "authenticated", "envFile"]


def test_status_as_text(ctl: Run, answering: FaultyServer, variables: dict[str, str], minted: keys.Minted):
    result = ctl("status", "--format", "table", **variables)

    assert result.stdout.splitlines() == [
        f"API origin:     {answering.origin}",
        f"API key ID:     {minted.key_id}",
        "Authenticated:  yes",
        "Project:        Shop (p)",
        "Member:         alice@example.com",
        "Role:           admin",
        "Credentials:    the environment",
    ]


def test_status_is_content_with_the_exchange_where_there_is_no_context(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str]
):
    result = ctl("status", **variables)

    assert result.returncode == 0
    assert json.loads(result.stdout)["authenticated"] is True
    assert [asked.target for asked in faulty.asked] == [EXCHANGE, CONTEXT]


def test_a_revoked_key_fails_status_on_stdout(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    body = {"message": "Unauthorized", "code": "API_KEY_REVOKED", "details": {"at": "2026-11-25T10:15:00.000Z"}}
    faulty.on(EXCHANGE, answer(401, body, phrase="Unauthorized"))

    as_json = ctl("status", **variables)
    as_text = ctl("status", "--format", "table", **variables)

    assert (as_json.returncode, as_json.stderr) == (1, "")
    said = json.loads(as_json.stdout)
    assert said["authenticated"] is False
    assert list(said) == ["apiOrigin", "apiKeyId", "authenticated", "envFile", "error"]
    assert said["error"] == {
        "message": "OWOX API request failed with 401 Unauthorized: Unauthorized",
        "name": "OWOXAuthError",
        "status": 401,
        "code": "API_KEY_REVOKED",
        "hint": "This API key was revoked on 25 Nov 2026, 10:15 UTC. "
        "Create a new one in Project settings -> My API Keys.",
    }
    assert as_text.returncode == 1
    assert "Authenticated:  no" in as_text.stdout
    assert "revoked on 25 Nov 2026, 10:15 UTC" in as_text.stderr


def test_status_without_a_key_says_what_to_do(ctl: Run):
    result = ctl("status", "--format", "table")

    assert (result.returncode, result.stdout) == (1, "Authenticated:  no\n")
    assert "Run owox-ctl auth login" in result.stderr


def test_the_list_is_printed_as_the_server_sent_it(ctl: Run, answering: FaultyServer, variables: dict[str, str]):
    result = ctl("data-marts", "list", **variables)

    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout) == MARTS_FOUND
    assert result.stdout.startswith('[\n  {\n    "id": "orders",\n    "title": "Заказы é",\n    "status"')
    assert result.stdout.index("zebra") < result.stdout.index("alpha")


def test_the_list_is_utf8_whatever_the_locale(ctl: Run, answering: FaultyServer, variables: dict[str, str]):
    encoding = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}

    as_json = ctl("data-marts", "list", **variables, **encoding)
    as_text = ctl("data-marts", "list", "--format", "table", **variables, **encoding)

    assert "Заказы é" in as_json.stdout
    assert as_text.returncode == 0


def test_the_list_as_a_table_has_one_line_for_each_mart(ctl: Run, answering: FaultyServer, variables: dict[str, str]):
    result = ctl("data-marts", "list", "--format", "table", **variables)

    lines = result.stdout.splitlines()
    assert re.fullmatch(r"ID +Title +Status", lines[0])
    assert re.fullmatch(r"orders +Заказы é +PUBLISHED", lines[1])
    assert lines[2].startswith("a" * 60)
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("noun", "path"), [("storages", "/api/data-storages"), ("destinations", "/api/data-destinations")]
)
def test_other_lists_are_printed_as_sent_and_as_tables(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], noun: str, path: str
):
    found = [{"id": "s1", "title": "Shop", "type": "DUCKDB", "ownerUsers": []}, {"id": "s2", "title": None}]
    faulty.on(path, answer(200, found))

    as_json = ctl(noun, "list", **variables)
    as_table = ctl(noun, "list", "--format", "table", **variables)

    assert json.loads(as_json.stdout) == found
    assert [line.split() for line in as_table.stdout.splitlines()] == [
        ["ID", "Title", "Type"], ["s1", "Shop", "DUCKDB"], ["s2"],
    ]  # fmt: skip


def test_an_empty_list_says_so(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    faulty.on(MARTS, answer(200, {"items": [], "total": 0, "nextOffset": None}))

    assert ctl("data-marts", "list", "--format", "table", **variables).stdout == "No results\n"
    assert ctl("data-marts", "list", **variables).stdout == "[]\n"


def test_errors_follow_the_format(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    details = {"errors": [{"message": "offset must be an integer number."}]}
    body = {"message": "Request validation failed", "error": "Bad Request", "details": details}
    faulty.on(MARTS, answer(400, body, phrase="Bad Request"))

    as_json = ctl("data-marts", "list", **variables)
    as_text = ctl("data-marts", "list", "--format", "table", **variables)

    assert (as_json.returncode, as_json.stdout) == (1, "")
    assert json.loads(as_json.stderr) == {
        "error": {
            "message": "OWOX API request failed with 400 Bad Request: Request validation failed",
            "status": 400,
            "code": "Bad Request",
            "name": "OWOXApiError",
            "details": details,
        }
    }
    assert as_text.stderr.splitlines() == [
        "OWOX API request failed with 400 Bad Request: Request validation failed",
        "offset must be an integer number.",
    ]


def test_nothing_that_is_written_holds_the_secret(
    ctl: Run, answering: FaultyServer, variables: dict[str, str], minted: keys.Minted, tmp_path: Path
):
    """U4"""
    combined = keys.combine(answering.origin, minted.key_id, minted.secret)
    answering.on(MARTS, answer(400, {"message": f"echo {minted.secret} {combined}"}))

    for form in (variables, {"OWOX_API_KEY": combined}, {"OWOX_API_KEY": combined, "OWOX_API_KEY_ID": "other"}):
        for command in (["status"], ["auth", "status"], ["data-marts", "list"], ["auth", "logout"]):
            for chosen in ("json", "table"):
                result = ctl(*command, "--format", chosen, **form)
                for hidden in (minted.secret, combined, "token-of-the-test"):
                    assert hidden not in result.stdout + result.stderr

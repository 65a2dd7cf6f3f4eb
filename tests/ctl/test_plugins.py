"""What the plugin commands ask for, and what they say."""

import json

import pytest

from tests.ctl.conftest import Run
from tests.infra.faulty import FaultyServer, answer

PUBLICATION = {"publicationId": "p", "pluginId": "x", "repository": "acme/plugin", "currentSemver": None}
MEMBER = {"repository": "acme/plugin", "scope": "member"}
SCOPES = ("--scope", "deployment", "--project-id", "a", "--project-id", "b")
CALLS: dict[str, tuple[list[str], str, object, object]] = {
    "publish": (["publish", "acme/plugin", "--scope", "member"], "POST publications", MEMBER, PUBLICATION),
    "publish for some": (
        ["publish", "acme/plugin", *SCOPES], "POST publications",
        {"repository": "acme/plugin", "scope": "deployment", "projectIds": ["a", "b"]}, PUBLICATION,
    ),
    "unpublish": (
        ["unpublish", "acme/plugin", "--scope", "project", "--all-projects"], "POST publications/unpublish",
        {"repository": "acme/plugin", "scope": "project", "allProjects": True}, PUBLICATION,
    ),
    "list": (["publications", "list", "--scope", "member"], "GET publications?scope=member", None, [PUBLICATION]),
    "update": (["update", "acme/plugin"], "POST update", {"repository": "acme/plugin"}, {"pluginId": "x"}),
    "suspend": (
        ["suspend", "acme/plugin", "--note", "broken"], "POST suspend",
        {"repository": "acme/plugin", "note": "broken"}, {"pluginId": "x", "suspended": True, "note": "broken"},
    ),
    "resume": (["resume", "acme/plugin"], "POST resume", {"repository": "acme/plugin"}, {"suspended": False}),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_command_asks_and_prints_what_the_server_says(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], name: str
):
    arguments, request, body, said = CALLS[name]
    method, target = request.split(" ")
    faulty.on(f"/api/plugins/{target.partition('?')[0]}", answer(200, said))

    result = ctl("plugins", *arguments, **variables)

    asked = faulty.asked[-1]
    assert (result.returncode, json.loads(result.stdout), result.stderr) == (0, said, "")
    assert (asked.method, asked.target) == (method, f"/api/plugins/{target}")
    assert (json.loads(asked.body) if asked.body else None) == body


def test_publications_are_a_table_too(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    faulty.on("/api/plugins/publications", answer(200, [PUBLICATION]))

    result = ctl("plugins", "publications", "list", "--scope", "member", "--format", "table", **variables)

    assert [line.split() for line in result.stdout.splitlines()] == [
        ["ID", "Repository", "Version"],
        ["p", "acme/plugin"],
    ]


def test_a_repository_that_is_closed_to_the_server_is_said_where_to_open(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str]
):
    details = {"installationUrl": "https://hub.example.com/install"}
    body = {"message": "No access", "code": "GITHUB_REPO_NOT_ACCESSIBLE", "errorDetails": details}
    faulty.on("/api/plugins/publications", answer(400, body))

    result = ctl("plugins", "publish", "acme/plugin", "--scope", "member", **variables)

    note, error = result.stderr.split("\n", 1)
    assert result.returncode == 1
    assert note == "Note: Give the server access to the repository at https://hub.example.com/install"
    assert json.loads(error)["error"]["code"] == "GITHUB_REPO_NOT_ACCESSIBLE"


@pytest.mark.parametrize(
    "arguments",
    [["publish", "acme/plugin"], ["publish", "--scope", "member"], ["publish", "a/b", "--scope", "all"],
     ["publish", "a/b", "--scope", "project", "--project-id", "p", "--all-projects"], ["publications", "list"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_asks_nothing(ctl: Run, faulty: FaultyServer, variables: dict[str, str], arguments: list[str]):
    result = ctl("plugins", *arguments, **variables)

    assert (result.returncode, faulty.asked) == (2, [])

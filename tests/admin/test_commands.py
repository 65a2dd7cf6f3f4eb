"""Setting a server up from its command line."""

import json
import os
import re
import subprocess
import sysconfig
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from owox import keys
from owox.services import authentication
from tests.admin.conftest import Prepared, prepare
from tests.admin.shell import NearShell, Shell
from tests.cast import opened, settings
from tests.infra.server import environment

COMMAND = Path(sysconfig.get_path("scripts")) / "owox"

ADD_BOB = ["member", "add", "bob@example.com", "--name", "Bob", "--role", "editor", "--password-stdin"]


def test_a_project_a_member_and_a_key_are_made_without_a_browser(either_shell: Shell):
    made = prepare(either_shell)

    projects = json.loads(either_shell.works("project", "list", "--json"))
    key = json.loads(either_shell.works(*made.create_key("--expires", "90d", "--json")))

    assert [(project["id"], project["title"]) for project in projects] == [(made.project_id, "Shop")]
    fields = ["apiKeyId", "name", "expiresAt", "createdAt", "lastAuthenticatedAt", "apiKeySecret", "apiKey"]
    assert list(key) == fields
    combined = keys.Combined("http://127.0.0.1:8000", key["apiKeyId"], key["apiKeySecret"])
    assert keys.parse_combined(key["apiKey"]) == combined
    life = datetime.fromisoformat(key["expiresAt"]) - datetime.fromisoformat(key["createdAt"])
    assert life == timedelta(days=90)


def test_a_key_made_here_is_accepted_and_stored_as_a_digest_only(near: Prepared, tmp_path: Path):
    """K2, K5, U4: neither secret nor password is in any file of the instance folder."""
    instance = near.shell.instance
    made = json.loads(near.shell.works(*near.create_key("--json")))

    with opened(settings(tmp_path / "other", f"sqlite:///{instance / 'owox.db'}")) as app:
        reader = app.extensions["owox"].keys
        caller = authentication.by_secret(reader, made["apiKeyId"], made["apiKeySecret"], datetime.now(UTC))

    assert (caller.email, caller.role, caller.project_id) == ("alice@example.com", "admin", near.project_id)
    for file in instance.rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        assert made["apiKeySecret"].encode() not in data
        assert near.password.encode() not in data


def test_a_key_is_shown_to_a_person_with_both_parts_and_the_combined_value(prepared: Prepared):
    done = prepared.shell.run(*prepared.create_key())

    lines = r"API Key ID:      (\S+)\nAPI Key Secret:  (\S+)\nCombined value:  (owox_key_\S+)\n"
    found = re.fullmatch(lines, done.stdout)
    assert found
    assert keys.is_key_id(found[1])
    assert keys.is_secret(found[2])
    assert done.stderr == "The secret is not shown again. Store it now.\n"


@pytest.mark.parametrize(
    ("expires", "message"),
    [
        (
            "2027-02-30",
            "--expires must be a number of days such as 90d, a date such as 2027-12-31, an RFC 3339 time",
        ),
        ("2020-01-01", "--expires must lie in the future."),
    ],
)
def test_a_bad_expiry_is_refused_with_what_to_write(expires: str, message: str, near: Prepared):
    """K9."""
    assert near.shell.fails(*near.create_key("--expires", expires)).startswith(message)


def test_a_key_needs_a_name_and_a_member_of_that_very_project(near: Prepared):
    shell = near.shell
    other = shell.works("project", "create", "Elsewhere").strip()
    words = near.create_key()

    unknown = shell.fails(*words[:3], "bob@example.com", *words[4:])
    foreign = shell.fails(*words[:5], other, *words[6:])
    nowhere = shell.fails(*words[:5], "nowhere", *words[6:])
    blank = shell.fails(*words[:7], " ")

    assert unknown == "There is no member with the e-mail address bob@example.com."
    assert foreign == nowhere.replace("nowhere", other)
    assert "is in no project with the id nowhere. owox project list" in nowhere
    assert blank == "The name must not be empty."


@pytest.mark.parametrize(
    ("password", "message"),
    [("short", "The password must have at least 15 characters."), ("a" * 20, "The password is too easy to guess.")],
)
def test_a_weak_password_makes_no_member(password: str, message: str, near: Prepared):
    """L2."""
    assert near.shell.fails(*ADD_BOB, stdin=password + "\n") == message
    assert near.shell.fails(*ADD_BOB[:-1]).startswith("There is no member bob@example.com yet.")


def test_a_password_is_never_taken_from_the_command_line(shell: Shell):
    """U4."""
    done = shell.run(*ADD_BOB[:-1], "--password", "x" * 20)

    assert done.returncode == 2
    assert "No such option" in done.stderr


def test_a_member_joins_a_second_project_with_the_password_they_have(near: Prepared):
    shell = near.shell
    second = shell.works("project", "create", "  Second  ").strip()
    join = ["member", "add", "ALICE@example.com", "--role", "viewer"]

    several = shell.fails(*join)
    joined = shell.works(*join, "--project", second)
    again = shell.fails(*join, "--project", second)

    assert several.startswith("There are several projects. Say which one with --project ID")
    assert "Business User" in joined
    assert again == "This person is a member of the project already."
    assert shell.works("project", "list") == f"{near.project_id}  Shop\n{second}  Second\n"


def test_a_member_needs_a_project_that_exists(near_shell: NearShell):
    password = "x".join(str(number) for number in range(9))
    none_yet = near_shell.fails(*ADD_BOB, stdin=password)
    unknown = near_shell.fails(*ADD_BOB, "--project", "x", stdin=password)
    listed = near_shell.run("project", "list")

    assert none_yet == "There is no project yet. Create one first: owox project create TITLE"
    assert unknown == "There is no project with the id x."
    assert (listed.stdout, listed.stderr) == ("", "No projects yet. Create one with: owox project create TITLE\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["member", "add", "bob@", *ADD_BOB[3:]], "The email must be an e-mail address."),
        (["member", "add", " ", *ADD_BOB[3:]], "The email must not be empty."),
        (["project", "create", " "], "The title must not be empty."),
        (["project", "create", "x" * 101], "The title is too long."),
        (["project", "create", "a\nb"], "The title must not contain control characters."),
    ],
)
def test_a_bad_value_is_refused_in_one_sentence(words: list[str], message: str, near: Prepared):
    assert near.shell.fails(*words, stdin=near.password) == message


def ended(shell: Shell, words: str, **streams: Any) -> "subprocess.CompletedProcess[str]":
    """Run a line of a shell with streams of its own."""
    environ = environment({"OWOX_INSTANCE": str(shell.instance), **shell.settings})
    command = ["sh", "-c", f"exec {words}"]
    return subprocess.run(command, env=environ, text=True, check=False, timeout=60, stderr=subprocess.PIPE, **streams)


def test_no_standard_input_is_an_empty_one(shell: Shell):
    done = ended(shell, f"'{COMMAND}' key revoke --value-stdin <&-")

    assert done.returncode == 2
    assert "Standard input is empty. Its first line must be a combined value" in done.stderr


def test_output_that_nobody_reads_ends_silently(shell: Shell):
    shell.works("project", "create", "Shop")
    reader, writer = os.pipe()
    os.close(reader)

    done = ended(shell, f"'{COMMAND}' project list", stdout=writer)
    os.close(writer)

    assert (done.returncode, done.stderr) == (141, "")

"""Members and API keys from the server's command line: what is listed, and what ends at once."""

import json

import pytest

from tests.admin.conftest import Prepared
from tests.admin.held import Held, held, rows
from tests.infra.server import running_server

BOB = "bob@example.com"
REVOKED = "SELECT client, project_id FROM audit_event WHERE action = 'api_key.revoke'"


@pytest.fixture
def with_bob(near: Prepared) -> Prepared:
    """A server on which bob is a member beside alice."""
    add = ["member", "add", BOB, "--name", "Bob", "--role", "viewer", "--password-stdin"]
    near.shell.works(*add, stdin=near.password + "\n")
    return near


def key_of_bob(prepared: Prepared) -> Held:
    """A new key of bob."""
    words = ["key", "create", "--member", BOB, "--project", prepared.project_id, "--name", "Bob's job", "--json"]
    made = json.loads(prepared.shell.works(*words))
    return Held(made["apiKeyId"], made["apiKeySecret"])


def test_a_key_revoked_here_is_refused_by_the_running_server_at_once(near: Prepared):
    """K10: by its ID or its combined value, and on record."""
    first, made = held(near), json.loads(near.shell.works(*near.create_key("--json")))
    second = Held(made["apiKeyId"], made["apiKeySecret"])
    with running_server(near.shell.instance) as running:
        before = [key.use(running) for key in (first, second)]
        said = near.shell.works("key", "revoke", first.id)
        near.shell.works("key", "revoke", "--value-stdin", stdin=made["apiKey"] + "\n")
        after = [key.use(running) for key in (first, second)]

    assert (before, after) == (["accepted"] * 2, ["API_KEY_REVOKED"] * 2)
    assert said == "CI of alice@example.com is revoked. It is refused from now on.\n"
    assert rows(near.shell.instance / "owox.db", REVOKED) == [("owox command", near.project_id)] * 2


def test_a_second_revoke_says_when_the_first_was(near: Prepared):
    key = held(near)
    near.shell.works("key", "revoke", key.id)
    (found,) = json.loads(near.shell.works("key", "list", "--status", "all", "--json"))

    said = near.shell.works("key", "revoke", key.id)

    assert said == f"CI of alice@example.com was revoked already, at {found['revokedAt']}.\n"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("pmk_nothing", "There is no API key with the ID pmk_nothing. owox key list shows them."),
        ("pmk_" + "-" * 22, f"There is no API key with the ID pmk_{'-' * 22}. owox key list shows them."),
        ("owox_key_cut", "This is no whole combined value. Give the API Key ID instead; owox key list shows them."),
        (
            "owox_sec_" + "x" * 49,
            "This is no whole combined value. Give the API Key ID instead; owox key list shows them.",
        ),
    ],
)
def test_what_names_no_key_is_refused_with_what_to_do(given: str, message: str, near: Prepared):
    """K3, U4: the row that a miss reads is no key, and what may be a secret is not repeated."""
    assert near.shell.fails("key", "revoke", given) == message
    assert near.shell.fails("key", "revoke", "--value-stdin", stdin=given + "\n") == message
    assert near.shell.run("key", "revoke").returncode == 2
    assert near.shell.run("key", "revoke", given, "--value-stdin").returncode == 2


def test_keys_are_listed_by_status_and_search(with_bob: Prepared):
    alices, bobs = held(with_bob), key_of_bob(with_bob)
    gone = held(with_bob)
    works = with_bob.shell.works
    works("key", "revoke", gone.id)

    lines = works("key", "list").splitlines()
    none = with_bob.shell.run("key", "list", "--search", "nothing")
    every = json.loads(works("key", "list", "--status", "all", "--json", "--project", with_bob.project_id))
    found = json.loads(works("key", "list", "--search", "BOB@", "--json"))

    assert lines == [f"{bobs.id}  active  {BOB}  Bob's job", f"{alices.id}  active  alice@example.com  CI"]
    assert [(each["apiKeyId"], each["status"]) for each in every] == [
        (gone.id, "revoked"), (bobs.id, "active"), (alices.id, "active"),
    ]  # fmt: skip
    assert (none.returncode, none.stdout) == (0, "")
    assert none.stderr == "No API key matches. --status all shows those that have ended, too.\n"
    assert with_bob.shell.run("key", "list", "--status", "all", "--search", "nothing").stderr == "No API key matches.\n"
    assert [(each["apiKeyId"], each["owner"]) for each in found] == [(bobs.id, {"name": "Bob", "email": BOB})]
    assert not any("secret" in name.lower() or name == "apiKey" for each in every for name in each)


def test_what_is_done_to_a_member_acts_on_their_keys_at_once(with_bob: Prepared):
    """K10: on the running server."""
    key, works = key_of_bob(with_bob), with_bob.shell.works
    with running_server(with_bob.shell.instance) as running:
        seen = [key.use(running)]
        for words in (["disable", BOB], ["enable", BOB], ["remove", BOB]):
            works("member", *words)
            seen.append(key.use(running))

    assert seen == ["accepted", "API_KEY_OWNER_DISABLED", "accepted", "API_KEY_OWNER_LEFT"]
    (found,) = json.loads(works("key", "list", "--status", "membership_ended", "--json"))
    assert found["apiKeyId"] == key.id


def test_members_are_listed_with_role_and_keys(with_bob: Prepared):
    key_of_bob(with_bob)
    works = with_bob.shell.works
    works("member", "role", BOB, "editor")
    works("member", "disable", BOB)

    lines = works("member", "list").splitlines()
    found = json.loads(works("member", "list", "--json", "--project", with_bob.project_id))

    assert lines == [
        "alice@example.com  Alice  Project Admin  0 active API keys",
        f"{BOB}  Bob  Technical User, disabled  1 active API key, refused while disabled",
    ]
    assert [(each["email"], each["role"], each["activeApiKeys"]) for each in found] == [
        ("alice@example.com", "admin", 0), (BOB, "editor", 1),
    ]  # fmt: skip
    assert [bool(each["disabledAt"]) for each in found] == [False, True]


@pytest.mark.parametrize("words", [["disable"], ["remove"], ["role", "viewer"]])
def test_the_last_admin_stays(words: list[str], near: Prepared):
    """L5."""
    act, *more = words

    said = near.shell.fails("member", act, "alice@example.com", *more)

    assert said == "This is the project's last active admin. Make somebody else an admin first."


@pytest.mark.parametrize("act", ["disable", "enable", "remove", "role"])
def test_nobody_of_that_address_is_an_error(act: str, near: Prepared):
    more = ["viewer"] if act == "role" else []

    assert near.shell.fails("member", act, BOB, *more) == f"There is no member with the e-mail address {BOB}."
    assert near.shell.fails("member", act, "x", *more) == "The email must be an e-mail address."


@pytest.mark.parametrize("words", [["key", "list"], ["member", "list"], ["member", "remove", "alice@example.com"]])
def test_which_project_must_be_clear(words: list[str], near: Prepared):
    near.shell.works("project", "create", "Second")

    assert near.shell.fails(*words).startswith("There are several projects. Say which one with --project ID")
    assert near.shell.fails(*words, "--project", "x") == "There is no project with the id x."

"""The installed command against the real server, on both databases: every state of a key, lists, rows, and cuts."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from owox import __version__, keys
from owox.keys import State
from owox.models import DataMart
from owox.models.base import new_id
from owox.roles import Role
from owox.services import members
from tests.cast import MARTS, OPERATOR, ROWS, Person, Stage
from tests.ctl.conftest import COMMAND, Run
from tests.infra.server import Server
from tests.states import TABLE

# Twenty million rows, the shortest of them {"n":0} and a line feed.
WHOLE_BYTES = 20_000_000 * 8
CODES = {
    State.REVOKED: ("API_KEY_REVOKED", "This API key was revoked on "),
    State.SUSPENDED: ("API_KEY_SUSPENDED", "This API key was suspended on "),
    State.EXPIRED: ("API_KEY_EXPIRED", "This API key expired on "),
    State.REPLACED: ("API_KEY_REPLACED", "This API key was replaced on "),
    State.MEMBERSHIP_ENDED: ("API_KEY_OWNER_LEFT", "This API key lost its owner, who left the project on "),
    State.OWNER_DISABLED: ("API_KEY_OWNER_DISABLED", "This API key stopped working because its owner was disabled on "),
}


# Whose key each line of the state table is played with: who left or was disabled can play no other.
PLAYED_BY = {"membership ended": "bob", "member disabled": "vera"}


def add_many_rows(stage: Stage) -> str:
    """Add and return the id of a data mart that no buffer between server and reader can hold."""
    with stage.session() as session:
        orders = session.scalars(select(DataMart).where(DataMart.title == "Orders")).one()
        kept = {name: getattr(orders, name) for name in ("project_id", "storage_id", "created_at", "modified_at")}
        mart = DataMart(
            id=new_id(), title="Many", status="PUBLISHED", definition_type="SQL", available_for_reporting=True,
            available_for_maintenance=True, fields=[{"name": "n", "type": "BIGINT"}],
            definition={"sqlQuery": "SELECT range AS n FROM range(20000000)"}, **kept,
        )  # fmt: skip
        session.add(mart)
        return mart.id


def variables(server: Server, person: Person) -> dict[str, str]:
    return {
        "OWOX_API_ORIGIN": server.url,
        "OWOX_API_KEY_ID": person.key_id,
        "OWOX_API_KEY_SECRET": person.secret,
    }


def test_status_names_project_and_member(ctl: Run, shared_stage: Stage, running: Server):
    result = ctl("status", **variables(running, shared_stage["vera"]))

    said = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (0, "")
    assert said["project"] == {"id": shared_stage.cast.project_id, "title": "Shop"}
    assert said["member"]["email"] == "vera@example.com"
    assert said["member"]["roles"] == ["viewer"]


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("alice", set(MARTS)),
        ("bob", {"Orders", "Draft", "Kept by editors", "Owned by bob"}),
        ("vera", {"Orders", "Draft"}),
        ("charlie", set()),
    ],
)
def test_the_list_holds_what_the_member_may_see(
    ctl: Run, shared_stage: Stage, running: Server, name: str, seen: set[str]
):
    result = ctl("data-marts", "list", **variables(running, shared_stage[name]))

    assert result.returncode == 0
    assert {mart["title"] for mart in json.loads(result.stdout)} == seen


def test_rows_come_as_ndjson_and_the_dashboard_learns_the_client(ctl: Run, shared_stage: Stage, running: Server):
    orders = shared_stage.cast.marts["Orders"]

    result = ctl("data-marts", "stream", orders, **variables(running, shared_stage["vera"]))
    some = ctl(
        "data-marts",
        "stream",
        orders,
        "--column",
        "product",
        "--limit",
        "2",
        **variables(running, shared_stage["vera"]),
    )

    expected = [{"id": number, "product": product} for number, product in ROWS]
    assert [json.loads(line) for line in result.stdout.splitlines()] == expected
    assert [json.loads(line) for line in some.stdout.splitlines()] == [{"product": "kettle"}, {"product": "lamp"}]
    assert wait_for(lambda: shared_stage.key(shared_stage["vera"].key_id).last_used_client) == f"owox-ctl/{__version__}"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["no-such-mart"], 404, "not found"),
        (["{Draft}"], 404, "not found"),
        (["{Orders}", "--column", "nope"], 400, "Unknown column: nope"),
    ],
)
def test_what_cannot_be_read_is_refused_in_the_servers_words(
    ctl: Run, shared_stage: Stage, running: Server, arguments: list[str], status: int, words: str
):
    mart, *rest = (argument.format(**shared_stage.cast.marts) for argument in arguments)

    result = ctl("data-marts", "stream", mart, *rest, **variables(running, shared_stage["alice"]))

    error = json.loads(result.stderr)["error"]
    assert (result.returncode, result.stdout, error["status"]) == (1, "", status)
    assert words in error["message"]
    assert error["details"]["dataMartId"] == mart


def test_a_key_works_only_while_active_and_its_holder_is_told_why(
    ctl: Run, stage: Stage, server: Callable[..., Server]
):
    """K10: the state table through the command."""
    running = server(settings={"OWOX_DATABASE_URL": stage.url})
    with stage.session() as session:
        # A second admin, so that alice may be made less than one.
        charlie, project_id = stage["charlie"].member_id, stage["alice"].project_id
        members.join(session, charlie, project_id, Role.ADMIN, OPERATOR, datetime.now(UTC))

    for name, row in TABLE.items():
        if row.before_end is not None:
            continue
        person = stage.more(PLAYED_BY.get(name, "alice"))
        before = ctl("data-marts", "list", **variables(running, person))
        row.change(stage, person, datetime.now(UTC))
        after = ctl("data-marts", "list", **variables(running, person))

        assert before.returncode == 0, name
        if row.state is State.ACTIVE:
            assert after.returncode == 0, name
        else:
            assert_refused(after, row.state)


def test_an_expired_key_says_when(ctl: Run, shared_stage: Stage, running: Server):
    person = shared_stage.more("bob")
    shared_stage.set_key(person.key_id, expires_at=datetime.now(UTC) - timedelta(seconds=1))

    assert_refused(ctl("data-marts", "list", **variables(running, person)), State.EXPIRED)


def test_a_wrong_secret_is_told_nothing_but_that(ctl: Run, shared_stage: Stage, running: Server):
    stranger = keys.mint()

    result = ctl("status", **{**variables(running, shared_stage["bob"]), "OWOX_API_KEY_SECRET": stranger.secret})

    error = json.loads(result.stdout)["error"]
    assert (result.returncode, error["status"], error["name"]) == (1, 401, "OWOXAuthError")
    assert error["message"].startswith("OWOX API request failed with 401 Unauthorized: Unauthorized")
    assert stranger.secret not in result.stdout


def test_signing_in_with_a_combined_value_and_out_again(ctl: Run, shared_stage: Stage, running: Server):
    person = shared_stage["bob"]
    combined = keys.combine(running.url, person.key_id, person.secret)

    login = ctl("auth", "login", "--combined-stdin", "--format", "table", stdin=combined)
    listed = ctl("data-marts", "list")
    logout = ctl("auth", "logout")
    after = ctl("data-marts", "list")

    assert login.stdout.startswith("Signed in to Shop as bob@example.com.")
    assert (listed.returncode, logout.returncode, after.returncode) == (0, 0, 1)
    assert json.loads(after.stderr)["error"]["message"] == "Not authenticated"


def test_an_open_stream_is_cut_and_the_command_fails(stage: Stage, server: Callable[..., Server], home: dict[str, str]):
    """K10: a reader that keeps up sees the end far from the last row."""
    running, many_rows = server(settings={"OWOX_DATABASE_URL": stage.url}), add_many_rows(stage)

    for name in ("revoked", "suspended", "membership ended", "member disabled"):
        person = stage.more(PLAYED_BY.get(name, "alice"))
        with streaming(home | variables(running, person), many_rows) as process:
            assert json.loads(process.stdout.readline()) == {"n": 0}
            TABLE[name].change(stage, person, datetime.now(UTC))
            received = sum(map(len, iter(lambda: process.stdout.read(65536), b"")))
            error = json.loads(process.stderr.read())["error"]

        assert process.returncode == 1, name
        assert received < WHOLE_BYTES
        assert error["message"] == "Failed to read OWOX Data Mart data stream"
        assert set(error["details"]) == {"dataMartId", "runId"}


def test_a_server_that_is_killed_in_a_stream_is_a_failure(
    stage: Stage, server: Callable[..., Server], home: dict[str, str]
):
    running, many_rows = server(settings={"OWOX_DATABASE_URL": stage.url}), add_many_rows(stage)

    with streaming(home | variables(running, stage["bob"]), many_rows) as process:
        process.stdout.readline()
        os.kill(running.pid, signal.SIGKILL)
        _, complaint = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "Failed to read OWOX Data Mart data stream" in complaint.decode()


def streaming(environment: dict[str, str], mart_id: str) -> Any:
    """Start the command that streams a mart; both its outputs are pipes."""
    command = [COMMAND, "data-marts", "stream", mart_id]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def assert_refused(result: "subprocess.CompletedProcess[str]", state: State) -> None:
    code, sentence = CODES[state]
    error = json.loads(result.stderr)["error"]
    assert (result.returncode, result.stdout) == (1, "")
    assert (error["status"], error["code"], error["name"]) == (401, code, "OWOXAuthError")
    assert error["hint"].startswith(sentence)


def wait_for(look: Callable[[], object], seconds: float = 10.0) -> object:
    """Return what comes within some time; what is written outside the request comes a little later."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    return None

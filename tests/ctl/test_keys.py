"""``owox-ctl keys`` against the real server: a key's whole life from a terminal, and its secret in one place alone."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cast import Stage
from tests.ctl.conftest import Run
from tests.ctl.terminal import at_a_terminal
from tests.infra.server import Server

EXPIRY = "2099-12-31T18:00:00+02:00"


def variables(running: Server, key: dict[str, str] | Any) -> dict[str, str]:
    return {"OWOX_API_ORIGIN": running.url, "OWOX_API_KEY_ID": key.key_id, "OWOX_API_KEY_SECRET": key.secret}


def said(result: Any) -> Any:
    """The JSON of a command that went well."""
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def listed(ctl: Run, *options: str) -> dict[str, dict[str, Any]]:
    """The keys of a list by their ids."""
    return {key["apiKeyId"]: key for key in said(ctl("keys", "list", *options))}


@pytest.mark.usefixtures("signed_in")
def test_a_key_is_created_into_a_file_and_works_from_there(ctl: Run, running: Server, tmp_path: Path):
    """U4: the secret stands in that file, for this user alone, and in nothing that anybody reads."""
    result = ctl("keys", "create", "--name", "CI", "--expires", EXPIRY, "--env-file", "ci.env")

    made, file = said(result), tmp_path / "ci.env"
    lines = dict(line.split("=", 1) for line in file.read_text().splitlines())
    status = said(ctl("status", "--env-file", "ci.env"))
    assert list(made) == ["apiKeyId", "name", "expiresAt", "createdAt", "lastAuthenticatedAt", "storedIn"]
    assert (made["name"], made["expiresAt"], made["storedIn"]) == ("CI", "2099-12-31T16:00:00.000Z", str(file))
    assert list(lines) == ["OWOX_API_ORIGIN", "OWOX_API_KEY_ID", "OWOX_API_KEY_SECRET"]
    assert (lines["OWOX_API_ORIGIN"], lines["OWOX_API_KEY_ID"]) == (running.url, made["apiKeyId"])
    assert lines["OWOX_API_KEY_SECRET"] not in result.stdout + result.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (status["apiKeyId"], status["member"]["email"]) == (made["apiKeyId"], "bob@example.com")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ci.env", "config"]


@pytest.mark.usefixtures("signed_in")
def test_a_key_is_created_into_the_store(ctl: Run, home: dict[str, str]):
    made = said(ctl("keys", "create", "--name", "laptop", "--store"))

    config = Path(home["OWOX_CTL_CONFIG_PATH"])
    assert made["storedIn"] == str(config)
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert said(ctl("status"))["apiKeyId"] == made["apiKeyId"]


@pytest.mark.usefixtures("signed_in")
def test_the_secret_is_shown_on_a_terminal_that_asks_for_it_and_nowhere_else(
    ctl: Run, home: dict[str, str], shared_stage: Stage
):
    """U4."""
    before = shared_stage.key_count()
    options = ("keys", "create", "--name", "by hand", "--show-secret")

    piped = ctl(*options)
    code, shown = at_a_terminal(home, *options)

    assert (piped.returncode, piped.stdout) == (2, "")
    assert "--show-secret needs a terminal" in piped.stderr
    assert code == 0
    assert "API Key Secret, shown once: owox_sec_" in shown
    assert shared_stage.key_count() == before + 1


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    "options",
    [(), ("--store", "--env-file", "x.env"), ("--store", "--show-secret"), ("--store", "--force"),
     ("--env-file", "x.env", "--keyring")],
    ids=" ".join,
)  # fmt: skip
def test_the_secret_needs_one_place_to_go(ctl: Run, shared_stage: Stage, tmp_path: Path, options: tuple[str, ...]):
    before = shared_stage.key_count()

    results = [ctl("keys", *act, *options) for act in (("create", "--name", "x"), ("rotate", "pmk_x"))]

    assert [(result.returncode, result.stdout) for result in results] == [(2, "")] * 2
    assert shared_stage.key_count() == before
    assert not (tmp_path / "x.env").exists()


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("file", "options", "message"),
    [("there.env", (), "there.env is there already"), ("link.env", (), "link.env is there already"),
     ("nowhere/x.env", (), "No such file or directory"), ("folder", ("--force",), "it is there and is no file"),
     ("there.env/x.env", (), "Not a directory"), ("x" * 300, (), "File name too long")],
    ids=["there", "dangling link", "no folder", "a folder", "under a file", "long"],
)  # fmt: skip
def test_a_file_that_cannot_be_written_is_found_out_before_a_key_is_made(
    ctl: Run, shared_stage: Stage, tmp_path: Path, file: str, options: tuple[str, ...], message: str
):
    (tmp_path / "there.env").write_text("mine")
    (tmp_path / "link.env").symlink_to(tmp_path / "target.env")
    (tmp_path / "folder").mkdir()
    before, names = shared_stage.key_count(), sorted(path.name for path in tmp_path.rglob("*"))

    result = ctl("keys", "create", "--name", "x", "--env-file", file, *options)

    assert (result.returncode, result.stdout) == (1, "")
    assert message in json.loads(result.stderr)["error"]["message"]
    assert shared_stage.key_count() == before
    assert (tmp_path / "there.env").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.rglob("*")) == names


@pytest.mark.usefixtures("signed_in")
def test_force_replaces_a_file_also_behind_a_link(ctl: Run, tmp_path: Path):
    (tmp_path / "target.env").write_text("older")
    (tmp_path / "target.env").chmod(0o644)
    (tmp_path / "link.env").symlink_to("target.env")

    said(ctl("keys", "create", "--name", "x", "--env-file", "link.env", "--force"))

    assert (tmp_path / "link.env").is_symlink()
    assert (tmp_path / "target.env").read_text().startswith("OWOX_API_ORIGIN=")
    assert stat.S_IMODE((tmp_path / "target.env").stat().st_mode) == 0o600


@pytest.mark.usefixtures("signed_in")
def test_a_refused_name_or_expiry_leaves_no_file(ctl: Run, tmp_path: Path):
    wrong = {"name": ("--name", " "), "expiresAt": ("--name", "x", "--expires", "2020-01-01T00:00:00Z")}

    results = {what: ctl("keys", "create", *given, "--env-file", "x.env") for what, given in wrong.items()}

    for what, result in results.items():
        assert (result.returncode, result.stdout) == (1, "")
        assert what in json.loads(result.stderr)["error"]["details"]["errors"][0]["message"]
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize("when", ["", "soon", "2027-13-01", "2027-01-01T00:00:00", "90", "d", "-5d", "9" * 400 + "d"])
def test_an_expiry_that_says_nothing_is_wrong_usage(ctl: Run, when: str):
    result = ctl("keys", "create", "--name", "x", f"--expires={when}", "--store")

    assert result.returncode == 2
    assert "give 90d" in result.stderr


@pytest.mark.usefixtures("signed_in")
def test_a_date_ends_in_this_machines_time_zone_and_days_count_from_now(ctl: Run):
    options = ("--store", "--name", "x", "--expires")

    in_kyiv = said(ctl("keys", "create", *options, "2099-07-01", TZ="Europe/Kyiv"))
    days = said(ctl("keys", "create", *options, "90d"))

    assert in_kyiv["expiresAt"] == "2099-07-01T20:59:59.999Z"
    ends = datetime.fromisoformat(days["expiresAt"])
    assert abs(ends - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=2)


@pytest.mark.usefixtures("signed_in")
def test_the_list_is_the_servers_own_and_a_table_for_people(ctl: Run, shared_stage: Stage):
    revoked = shared_stage.more("bob", "gone")
    shared_stage.set_key(revoked.key_id, revoked_at=datetime.now(UTC))

    table = ctl("keys", "list", "--format", "table").stdout

    bob = shared_stage["bob"].key_id
    assert bob in listed(ctl)
    assert revoked.key_id not in listed(ctl)
    assert revoked.key_id in listed(ctl, "--revoked")
    assert shared_stage["alice"].key_id not in listed(ctl, "--revoked")
    line = next(line for line in table.splitlines() if bob in line)
    assert table.split()[:4] == ["ID", "Name", "Expires", "Created"]
    assert "bob's key" in line
    assert "never" in line


@pytest.mark.usefixtures("signed_in")
def test_a_key_is_renamed_and_a_revoked_one_is_not(ctl: Run, shared_stage: Stage):
    person = shared_stage.more("bob")

    renamed = said(ctl("keys", "rename", person.key_id, "--name", "nightly"))
    table = ctl("keys", "rename", person.key_id, "--name", "daily", "--format", "table")
    shared_stage.set_key(person.key_id, revoked_at=datetime.now(UTC))
    late = ctl("keys", "rename", person.key_id, "--name", "x")

    assert renamed["name"] == "nightly"
    assert table.stdout == f"{person.key_id} is called daily now.\n"
    assert (late.returncode, json.loads(late.stderr)["error"]["status"]) == (1, 409)
    assert shared_stage.key(person.key_id).name == "daily"


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(("overlap", "old_goes_on"), [(("--overlap", "24h"), True), ((), False)])
def test_a_key_is_rotated_into_its_own_file(
    ctl: Run, running: Server, shared_stage: Stage, tmp_path: Path, overlap: tuple[str, ...], old_goes_on: bool
):
    person = shared_stage.more("bob", "nightly", datetime.now(UTC) + timedelta(days=30))
    file = tmp_path / "import.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in variables(running, person).items()))

    made = said(ctl("keys", "rotate", person.key_id, *overlap, "--env-file", "import.env", "--force"))

    new, old = ctl("status", "--env-file", "import.env"), ctl("status", **variables(running, person))
    ends = datetime.fromisoformat(made["expiresAt"])
    assert (made["name"], said(new)["apiKeyId"]) == ("nightly", made["apiKeyId"])
    assert abs(ends - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=2)
    assert (old.returncode == 0) is old_goes_on


@pytest.mark.usefixtures("signed_in")
def test_a_rotated_key_may_be_given_another_end_or_none(ctl: Run, shared_stage: Stage):
    ends = datetime.now(UTC) + timedelta(days=30)
    ids = [shared_stage.more("bob", "x", ends).key_id for _ in range(2)]

    made = [said(ctl("keys", "rotate", ids[0], "--store", "--expires", EXPIRY))]
    made.append(said(ctl("keys", "rotate", ids[1], "--store", "--expires", "never")))

    assert [key["expiresAt"] for key in made] == ["2099-12-31T16:00:00.000Z", None]


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize("act", [("rename", "--name", "x"), ("rotate", "--store"), ("revoke", "--yes")], ids=str)
def test_other_members_keys_are_as_good_as_absent(ctl: Run, shared_stage: Stage, act: tuple[str, ...]):
    """Z2."""
    verb, *options = act

    foreign = ctl("keys", verb, shared_stage["alice"].key_id, *options)
    absent = ctl("keys", verb, "pmk_" + "x" * 22, *options)

    errors = [json.loads(result.stderr)["error"] for result in (foreign, absent)]
    assert [result.returncode for result in (foreign, absent)] == [1, 1]
    assert [error["status"] for error in errors] == [404, 404]
    assert errors[0]["hint"] == "Check the API Key ID; the list shows yours, revoked ones when asked for."
    assert shared_stage.key(shared_stage["alice"].key_id).revoked_at is None

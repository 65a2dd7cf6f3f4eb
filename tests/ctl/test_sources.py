"""Where the key comes from: the environment, an env file, the stored sign-in, and what happens when they disagree."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from owox import keys
from tests.ctl.conftest import Run
from tests.infra.faulty import CONTEXT, FaultyServer, answer

NAMES = ("OWOX_API_ORIGIN", "OWOX_API_KEY_ID", "OWOX_API_KEY_SECRET")


@pytest.fixture
def stored(home: dict[str, str], variables: dict[str, str]) -> Path:
    """A stored sign-in for the misbehaving server."""
    path = Path(home["OWOX_CTL_CONFIG_PATH"])
    path.parent.mkdir(mode=0o700)
    members = zip(("apiOrigin", "apiKeyId", "apiKeySecret"), (variables[name] for name in NAMES), strict=True)
    path.write_text(json.dumps(dict(members)))
    return path


def env_text(values: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def test_the_stored_sign_in_is_used_when_nothing_else_is_set(ctl: Run, stored: Path, minted: keys.Minted):
    result = ctl("status")

    assert result.returncode == 0
    assert json.loads(result.stdout)["apiKeyId"] == minted.key_id


def test_an_env_file_in_the_folder_wins_over_the_stored_sign_in(
    ctl: Run, stored: Path, variables: dict[str, str], tmp_path: Path
):
    (tmp_path / ".env").write_text(env_text({**variables, "OWOX_API_KEY_ID": "from-file"}))

    said = json.loads(ctl("status").stdout)

    assert (said["apiKeyId"], said["envFile"]) == ("from-file", str(tmp_path / ".env"))


def test_a_named_file_is_read_in_place_of_the_one_in_the_folder(ctl: Run, variables: dict[str, str], tmp_path: Path):
    (tmp_path / ".env").write_text(env_text({**variables, "OWOX_API_KEY_ID": "from-folder"}))
    (tmp_path / "ci.env").write_text(env_text({**variables, "OWOX_API_KEY_ID": "named"}))

    said = json.loads(ctl("status", "-e", "ci.env").stdout)

    assert (said["apiKeyId"], said["envFile"]) == ("named", str(tmp_path / "ci.env"))


def test_a_whole_environment_wins_over_every_file(
    ctl: Run, stored: Path, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path
):
    combined = keys.combine(faulty.origin, "from-environment", "s" * 43)
    (tmp_path / ".env").write_text(env_text({**variables, "OWOX_API_KEY_ID": "from-file"}))

    said = json.loads(ctl("status", OWOX_API_KEY=combined).stdout)

    assert said["apiKeyId"] == "from-environment"


def test_the_file_may_hold_what_is_not_secret(ctl: Run, variables: dict[str, str], tmp_path: Path):
    secret = variables.pop("OWOX_API_KEY_SECRET")
    (tmp_path / ".env").write_text(env_text(variables))

    result = ctl("status", "--format", "table", OWOX_API_KEY_SECRET=secret)

    assert result.returncode == 0
    assert f"Credentials:    {tmp_path / '.env'} and the environment" in result.stdout


def test_an_id_does_not_go_with_the_secret_of_another_place(ctl: Run, variables: dict[str, str], tmp_path: Path):
    (tmp_path / ".env").write_text(env_text(variables))

    result = ctl("data-marts", "list", OWOX_API_KEY_ID="pmk_of_another_key")

    assert result.returncode == 1
    assert "OWOX_API_KEY_ID (from the environment) and OWOX_API_KEY_ID (from " in result.stderr
    assert str(tmp_path / ".env") in result.stderr


def test_a_contradiction_between_the_forms_names_both_places(
    ctl: Run, faulty: FaultyServer, minted: keys.Minted, tmp_path: Path
):
    (tmp_path / ".env").write_text(f"OWOX_API_KEY={keys.combine(faulty.origin, minted.key_id, minted.secret)}\n")

    result = ctl("data-marts", "list", OWOX_API_ORIGIN="https://other.example.com")

    message = json.loads(result.stderr)["error"]["message"]
    places = f"OWOX_API_KEY (from {tmp_path / '.env'}) and OWOX_API_ORIGIN (from the environment)"
    assert message == f"{places} name different servers"
    assert faulty.asked == []


@pytest.mark.parametrize("missing", NAMES)
def test_a_stored_sign_in_does_not_fill_a_half_set_environment(
    ctl: Run, stored: Path, variables: dict[str, str], missing: str
):
    del variables[missing]

    result = ctl("data-marts", "list", **variables)

    assert result.returncode == 1
    assert f"must be set together; missing: {missing}" in result.stderr


def test_what_was_stripped_is_noted_on_stderr_and_the_answer_stays_clean(ctl: Run, variables: dict[str, str]):
    quoted = {**variables, "OWOX_API_KEY_SECRET": f'"{variables["OWOX_API_KEY_SECRET"]}"\n'}

    result = ctl("status", **quoted)

    assert json.loads(result.stdout)["authenticated"] is True
    assert result.stderr == "Note: OWOX_API_KEY_SECRET: white space or quotes around the value were removed.\n"


def test_a_cut_secret_is_found_without_asking_the_server(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    result = ctl("data-marts", "list", **{**variables, "OWOX_API_KEY_SECRET": variables["OWOX_API_KEY_SECRET"][:41]})

    assert result.returncode == 1
    assert "cut short: 41 of 58 characters" in result.stderr
    assert faulty.asked == []


@pytest.mark.parametrize(
    "dress",
    ["{0}={1}\n", "export {0}='{1}'\r\n", '{0}="{1}" # a comment\n', "\ufeff{0}={1}\n", "# note\n\n  {0} = {1}\n"],
    ids=["plain", "export and CRLF", "quoted", "byte order mark", "spaced"],
)
def test_env_files_come_in_many_dresses(
    ctl: Run, faulty: FaultyServer, minted: keys.Minted, tmp_path: Path, dress: str
):
    combined = keys.combine(faulty.origin, minted.key_id, minted.secret)
    (tmp_path / ".env").write_bytes(dress.format("OWOX_API_KEY", combined).encode())

    result = ctl("status")

    assert (result.returncode, result.stderr) == (0, "")


def test_a_dollar_sign_in_a_secret_is_a_dollar_sign(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path
):
    (tmp_path / ".env").write_text(env_text({**variables, "OWOX_API_KEY_SECRET": "a${HOME}b$c"}))

    ctl("status")

    assert json.loads(faulty.asked[0].body) == {"apiKeySecret": "a${HOME}b$c"}


NO_VARIABLES = "It must hold NAME=value lines in UTF-8."


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file or directory."), (b"", NO_VARIABLES), (b"# only a comment\n", NO_VARIABLES),
     (b"\xff\xfeO\x00", NO_VARIABLES), (b"X=" + b"x" * 2_000_000, NO_VARIABLES)],
    ids=["not there", "empty", "a comment", "another encoding", "too large"],
)  # fmt: skip
@pytest.mark.parametrize("command", [["status"], ["data-marts", "list"]], ids=" ".join)
def test_a_named_file_that_cannot_be_used_is_an_error_on_stderr(
    ctl: Run, stored: Path, tmp_path: Path, content: bytes | None, why: str, command: list[str]
):
    if content is not None:
        (tmp_path / "ci.env").write_bytes(content)

    result = ctl(*command, "-e", "ci.env")

    assert (result.returncode, result.stdout) == (1, "")
    error = json.loads(result.stderr)["error"]
    assert (error["message"], error["hint"]) == ("Failed to load environment file: ci.env", why)


def test_lines_that_are_no_variables_are_passed_over_with_a_note(
    ctl: Run, faulty: FaultyServer, minted: keys.Minted, tmp_path: Path
):
    combined = keys.combine(faulty.origin, minted.key_id, minted.secret)
    (tmp_path / ".env").write_text(f"not a variable\n\nOWOX_API_KEY={combined}\n===\n")

    result = ctl("status")

    assert (result.returncode, json.loads(result.stdout)["authenticated"]) == (0, True)
    assert result.stderr.splitlines() == [
        f"Note: .env: line {line} is not NAME=value and was passed over." for line in (1, 4)
    ]


def test_a_folder_and_an_empty_file_named_env_are_passed_over(ctl: Run, stored: Path, tmp_path: Path):
    (tmp_path / ".env").mkdir()
    with_folder = ctl("status")
    (tmp_path / ".env").rmdir()
    (tmp_path / ".env").touch()
    with_empty = ctl("status")

    assert (with_folder.returncode, with_empty.returncode) == (0, 0)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"apiOrigin": "http://localhost"}', "\x00"])
def test_a_broken_stored_sign_in_is_said_and_can_be_removed(ctl: Run, stored: Path, content: str):
    stored.write_text(content)

    broken = ctl("data-marts", "list")
    removed = ctl("auth", "logout")

    assert broken.returncode == 1
    assert f"The stored sign-in cannot be read: {stored}" in broken.stderr
    assert json.loads(removed.stdout) == {"loggedOut": True, "removed": True}


def test_the_folder_of_the_user_is_the_default_place(ctl: Run, home: dict[str, str], tmp_path: Path):
    folder = tmp_path / "settings"
    place = {"OWOX_CTL_CONFIG_PATH": "", "XDG_CONFIG_HOME": str(folder)}

    result = ctl("auth", "logout", **place)

    assert result.returncode == 0
    assert not os.path.exists(folder)


def test_a_key_that_ends_soon_is_warned_of_in_one_line(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    soon = ("Content-Type: application/json", "X-OWOX-Api-Key-Expires-At: 2026-12-03T10:15:00.000Z")
    context = {"userId": "u", "projectId": "p", "authFlow": "api_key", "apiKeyId": "k"}
    faulty.on(CONTEXT, answer(200, context, *soon))

    result = ctl("status", **variables)

    assert (result.returncode, json.loads(result.stdout)["authenticated"]) == (0, True)
    assert result.stderr == (
        "Warning: This API key ends on 3 Dec 2026, 10:15 UTC. "
        "Rotate it, or create a new one in Project settings -> My API Keys.\n"
    )


HOMELESS = """
import pwd
from owox.ctl import main

def nobody(number):
    raise KeyError(number)

pwd.getpwuid = nobody
main()
"""


@pytest.mark.parametrize(
    "words", [("status",), ("auth", "login", "--combined-stdin"), ("auth", "logout")], ids=" ".join
)
def test_a_user_without_a_home_is_told_where_else_a_key_can_be(
    faulty: FaultyServer, home: dict[str, str], variables: dict[str, str], tmp_path: Path, words: tuple[str, ...]
):
    faulty.on(CONTEXT, answer(404, {"message": "Not Found"}))
    environ = {name: value for name, value in home.items() if name not in {"HOME", "OWOX_CTL_CONFIG_PATH"}}

    def run(**more: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", HOMELESS, *words, "--format", "table"]
        combined = keys.combine(*variables.values())
        return subprocess.run(
            command, env=environ | more, cwd=tmp_path, input=combined, capture_output=True, text=True, check=False
        )

    homeless, told = run(), run(OWOX_CTL_CONFIG_PATH=str(tmp_path / "config.json"), **variables)

    assert homeless.returncode == 1
    assert "There is no place for a stored sign-in: this user has no home folder" in homeless.stderr
    assert "name a file in OWOX_CTL_CONFIG_PATH, or give the key in the environment" in homeless.stderr
    assert (told.returncode, "Traceback" in told.stderr) == (0, False)

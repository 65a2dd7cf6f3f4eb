"""The key by flags, and what a flag may not be mixed with."""

import json
import os
from pathlib import Path

import pytest

from owox import keys
from tests.ctl.conftest import Run
from tests.infra.faulty import EXCHANGE, FaultyServer, answer


@pytest.fixture
def secret_file(tmp_path: Path, minted: keys.Minted) -> str:
    (tmp_path / "secret").write_text(f"{minted.secret}\n")
    return "secret"


@pytest.fixture
def combined_file(tmp_path: Path, faulty: FaultyServer, minted: keys.Minted) -> str:
    (tmp_path / "combined").write_text(keys.combine(faulty.origin, minted.key_id, minted.secret))
    return "combined"


def test_flags_alone_are_enough(
    ctl: Run, faulty: FaultyServer, minted: keys.Minted, secret_file: str, combined_file: str
):
    parts = ctl(
        "status", "--api-origin", faulty.origin, "--api-key-id", minted.key_id, "--api-key-secret-file", "secret"
    )
    whole = ctl("status", "--format", "table", "--api-key-file", combined_file)

    assert (parts.returncode, parts.stderr) == (0, "")
    assert json.loads(parts.stdout)["apiKeyId"] == minted.key_id
    assert "Credentials:    --api-key-file" in whole.stdout


def test_flags_win_over_environment_file_and_sign_in(
    ctl: Run, variables: dict[str, str], tmp_path: Path, combined_file: str, minted: keys.Minted
):
    other = {**variables, "OWOX_API_KEY_ID": "of-the-environment"}
    (tmp_path / ".env").write_text("OWOX_API_KEY_ID=of-the-file\n")

    result = ctl("status", "--api-key-file", combined_file, **other)

    assert json.loads(result.stdout)["apiKeyId"] == minted.key_id


def test_a_flag_fills_what_the_environment_leaves_open(ctl: Run, variables: dict[str, str], minted: keys.Minted):
    origin = variables.pop("OWOX_API_ORIGIN")

    result = ctl("status", "--format", "table", "--api-origin", f"{origin}/", **variables)

    assert result.returncode == 0
    assert "Credentials:    --api-origin and the environment" in result.stdout


def test_the_secret_comes_from_stdin_too(ctl: Run, faulty: FaultyServer, minted: keys.Minted):
    options = ("--api-origin", faulty.origin, "--api-key-id", minted.key_id, "--api-key-secret-file", "-")

    result = ctl("data-marts", "list", *options, stdin=f"{minted.secret}\r\n")

    assert json.loads(faulty.asked[0].body) == {"apiKeySecret": minted.secret}
    assert "Note" not in result.stderr


@pytest.mark.parametrize("place", ["the environment", "the file"])
@pytest.mark.parametrize(
    ("flag", "value", "name", "what"),
    [("--api-origin", "https://other.example.com", "OWOX_API_ORIGIN", "servers"),
     ("--api-key-id", "pmk_of_another_key", "OWOX_API_KEY_ID", "API keys")],
)  # fmt: skip
def test_a_secret_goes_only_where_the_place_that_keeps_it_says(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, place: str, flag: str, value: str,
    name: str, what: str,
):  # fmt: skip
    (tmp_path / "key.env").write_text("".join(f"{variable}={text}\n" for variable, text in variables.items()))
    from_file = place == "the file"

    result = ctl("status", flag, value, *(["-e", "key.env"] if from_file else []), **({} if from_file else variables))

    error = json.loads(result.stdout)["error"]
    where = str(tmp_path / "key.env") if from_file else "the environment"
    assert (result.returncode, faulty.asked) == (1, [])
    assert error["message"] == f"{name} (from {flag}) and {name} (from {where}) name different {what}"
    if what == "servers":
        assert error["hint"].startswith(f"One is https://other.example.com, the other {faulty.origin}.")


def test_a_key_of_another_server_is_named_so(ctl: Run, faulty: FaultyServer, minted: keys.Minted):
    combined = keys.combine(faulty.origin, minted.key_id, minted.secret)

    result = ctl("data-marts", "list", "--api-origin", "https://other.example.com", OWOX_API_KEY=combined)

    error = json.loads(result.stderr)["error"]
    assert (result.returncode, faulty.asked) == (1, [])
    assert error["message"] == (
        "OWOX_API_KEY (from the environment) and OWOX_API_ORIGIN (from --api-origin) name different servers"
    )
    assert error["hint"] == f"One is {faulty.origin}, the other https://other.example.com. Remove the wrong one."


def test_a_refused_key_is_said_to_be_perhaps_of_another_server(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str]
):
    faulty.on(EXCHANGE, answer(401, {"message": "Unauthorized"}))

    result = ctl("data-marts", "list", **variables)

    assert f"that the key is one of {faulty.origin}, or create" in json.loads(result.stderr)["error"]["hint"]


@pytest.mark.parametrize("flag", ["--api-key-secret-file", "--api-key-file"])
@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "No such file or directory"), (b"", "it holds none"), (b" \n", "it holds none"),
     (b"x" * 70_000, "it holds more than one"), (b"\xff\xfeo", "it is not valid UTF-8 text")],
    ids=["missing", "empty", "blank", "huge", "UTF-16"],
)  # fmt: skip
def test_a_file_that_holds_no_key_is_said(
    ctl: Run, faulty: FaultyServer, tmp_path: Path, flag: str, content: bytes | None, fault: str
):
    if content is not None:
        (tmp_path / "file").write_bytes(content)

    result = ctl("data-marts", "list", flag, "file")

    assert (result.returncode, faulty.asked) == (1, [])
    assert json.loads(result.stderr)["error"]["message"] == f"No API key can be read from file: {fault}"


def test_a_folder_is_no_file_with_a_key(ctl: Run, tmp_path: Path):
    result = ctl("status", "--api-key-file", os.fspath(tmp_path))

    assert (result.returncode, result.stdout) == (1, "")
    assert "Is a directory" in result.stderr


@pytest.mark.parametrize("shape", ["secret", "combined"])
def test_a_secret_in_the_place_of_the_id_is_never_shown(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], minted: keys.Minted, shape: str
):
    """U4"""
    secret = minted.secret if shape == "secret" else keys.combine(faulty.origin, minted.key_id, minted.secret)

    for command in (["status"], ["auth", "status"], ["data-marts", "list"]):
        result = ctl(*command, **{**variables, "OWOX_API_KEY_ID": secret})

        assert (result.returncode, faulty.asked) == (1, [])
        assert "The API Key ID holds an API Key Secret" in result.stdout + result.stderr
        assert secret not in result.stdout + result.stderr

"""Storing a key, looking at it, forgetting it."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

from owox import keys
from tests.ctl.conftest import COMMAND, Run
from tests.ctl.terminal import at_a_terminal
from tests.infra.faulty import CONTEXT, EXCHANGE, FaultyServer, answer


@pytest.fixture
def combined(faulty: FaultyServer, minted: keys.Minted) -> str:
    context = {"userId": "u", "projectId": "p", "projectTitle": "Shop", "authFlow": "api_key", "apiKeyId": "k"}
    faulty.on(CONTEXT, answer(200, {**context, "email": "alice@example.com", "roles": ["admin"]}))
    return keys.combine(faulty.origin, minted.key_id, minted.secret)


@pytest.fixture
def config(home: dict[str, str]) -> Path:
    return Path(home["OWOX_CTL_CONFIG_PATH"])


def test_a_piped_combined_value_is_checked_and_stored_for_this_user_alone(
    ctl: Run, faulty: FaultyServer, minted: keys.Minted, combined: str, config: Path
):
    result = ctl("auth", "login", "--combined-stdin", stdin=f"{combined}\n")

    assert (result.returncode, minted.secret in result.stdout + result.stderr) == (0, False)
    assert json.loads(config.read_text()) == {
        "apiOrigin": faulty.origin,
        "apiKeyId": minted.key_id,
        "apiKeySecret": minted.secret,
    }
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE(config.parent.stat().st_mode) == 0o700
    assert [path.name for path in config.parent.iterdir()] == ["config.json"]
    assert [asked.target for asked in faulty.asked] == [EXCHANGE, CONTEXT]


def test_a_piped_secret_goes_with_the_two_options(
    ctl: Run, faulty: FaultyServer, minted: keys.Minted, combined: str, config: Path
):
    options = ("--api-origin", f"{faulty.origin}/", "--api-key-id", minted.key_id, "--api-key-secret-stdin")

    result = ctl("auth", "login", *options, "--format", "table", stdin=minted.secret)

    assert result.stdout.splitlines()[0] == "Signed in to Shop as alice@example.com."
    assert json.loads(config.read_text())["apiOrigin"] == faulty.origin


def test_a_refused_key_is_not_stored_and_leaves_an_older_one(
    ctl: Run, faulty: FaultyServer, combined: str, config: Path
):
    config.parent.mkdir()
    config.write_text("older")
    faulty.on(EXCHANGE, answer(401, {"message": "Unauthorized"}, phrase="Unauthorized"))

    result = ctl("auth", "login", "--combined-stdin", stdin=combined)

    assert result.returncode == 1
    assert json.loads(result.stderr)["error"]["status"] == 401
    assert config.read_text() == "older"


@pytest.mark.parametrize("stdin", ["", "  \n", "owox_key_broken", "x" * 70_000, "owox_sec_alone"])
def test_stdin_that_holds_no_key_is_refused(ctl: Run, config: Path, stdin: str):
    result = ctl("auth", "login", "--combined-stdin", stdin=stdin)

    assert (result.returncode, config.exists()) == (1, False)


def test_a_place_that_cannot_be_written_is_said(ctl: Run, combined: str, tmp_path: Path):
    (tmp_path / "file").touch()

    result = ctl(
        "auth", "login", "--combined-stdin", stdin=combined, OWOX_CTL_CONFIG_PATH=str(tmp_path / "file/x.json")
    )

    assert result.returncode == 1
    assert "The sign-in cannot be stored in" in result.stderr


def test_the_prompts_show_no_secret(
    home: dict[str, str], faulty: FaultyServer, minted: keys.Minted, combined: str, config: Path
):
    typed = f"\n{faulty.origin}\n{minted.key_id}\n{minted.secret}\n"

    code, shown = at_a_terminal(home, "auth", "login", typed=typed)

    assert code == 0
    assert "Signed in to Shop as alice@example.com." in shown
    assert minted.secret not in shown
    assert json.loads(config.read_text())["apiKeySecret"] == minted.secret


def test_a_combined_value_may_be_pasted_at_the_first_prompt(
    home: dict[str, str], combined: str, minted: keys.Minted, config: Path
):
    code, shown = at_a_terminal(home, "auth", "login", typed=f' "{combined}" \n')

    assert (code, combined in shown) == (0, False)
    assert json.loads(config.read_text())["apiKeyId"] == minted.key_id


def test_a_combined_value_may_be_pasted_in_place_of_the_secret(
    home: dict[str, str], faulty: FaultyServer, combined: str, minted: keys.Minted, config: Path
):
    options = ("--api-origin", faulty.origin, "--api-key-id", minted.key_id)

    code, shown = at_a_terminal(home, "auth", "login", *options, typed=f"{combined}\n")

    assert (code, combined in shown) == (0, False)
    assert json.loads(config.read_text())["apiKeySecret"] == minted.secret


def test_an_interrupt_at_a_hidden_prompt_ends_with_130(home: dict[str, str], config: Path):
    code, shown = at_a_terminal(home, "auth", "login", typed="\x03")

    assert (code, config.exists()) == (130, False)
    assert "Traceback" not in shown


def test_auth_status_masks_the_id(ctl: Run, faulty: FaultyServer, variables: dict[str, str], minted: keys.Minted):
    as_json = ctl("auth", "status", **variables)
    as_text = ctl("auth", "status", "--format", "table", **variables)

    masked = f"{minted.key_id[:8]}..."
    expected = {"apiOrigin": faulty.origin, "apiKeyId": masked, "authenticated": True}
    assert (as_json.returncode, json.loads(as_json.stdout)) == (0, expected)
    assert f"API key ID: {masked}\nAuthenticated: yes\n" in as_text.stdout
    assert {asked.target for asked in faulty.asked} == {EXCHANGE}


def test_auth_status_without_an_accepted_key_fails(ctl: Run, faulty: FaultyServer, variables: dict[str, str]):
    faulty.on(EXCHANGE, answer(401, {"message": "Unauthorized"}, phrase="Unauthorized"))

    refused = ctl("auth", "status", **variables)
    nothing = ctl("auth", "status", "--format", "table")

    assert (refused.returncode, json.loads(refused.stdout)) == (1, {"authenticated": False})
    assert json.loads(refused.stderr)["error"]["status"] == 401
    assert (nothing.returncode, nothing.stdout) == (1, "Authenticated: no\n")


def test_logging_out_removes_the_file_and_says_whether_there_was_one(ctl: Run, combined: str, config: Path):
    ctl("auth", "login", "--combined-stdin", stdin=combined)

    first, second = ctl("auth", "logout"), ctl("auth", "logout")

    assert not config.exists()
    assert json.loads(first.stdout) == {"loggedOut": True, "removed": True}
    assert json.loads(second.stdout) == {"loggedOut": True, "removed": False}


def test_a_key_in_the_environment_is_said_to_come_first(ctl: Run, combined: str):
    login = ctl("auth", "login", "--combined-stdin", stdin=combined, OWOX_API_KEY=combined)
    logout = ctl("auth", "logout", OWOX_API_KEY=combined)

    for result in (login, logout):
        assert result.returncode == 0
        assert "Note: The environment names an API key, which is used instead" in result.stderr


def test_a_write_that_fails_leaves_nothing_beside_the_file(home: dict[str, str], combined: str, config: Path):
    limited = f'ulimit -f 0; exec "{COMMAND}" auth login --combined-stdin'

    result = subprocess.run(
        ["bash", "-c", limited], env=home, input=combined, capture_output=True, text=True, check=False
    )

    assert result.returncode == 1
    assert "The sign-in cannot be stored in" in result.stderr
    assert list(config.parent.iterdir()) == []

"""``owox-ctl keys revoke``: by a member who is signed in, and by the key itself."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from owox import keys
from tests.cast import Stage
from tests.ctl.conftest import Run
from tests.ctl.terminal import at_a_terminal
from tests.infra.server import Server

UNDONE = "This cannot be undone."


def variables(running: Server, key: Any) -> dict[str, str]:
    return {"OWOX_API_ORIGIN": running.url, "OWOX_API_KEY_ID": key.key_id, "OWOX_API_KEY_SECRET": key.secret}


@pytest.mark.usefixtures("signed_in")
def test_a_key_is_revoked_by_its_id_and_refused_at_once(ctl: Run, running: Server, shared_stage: Stage):
    """K10."""
    person = shared_stage.more("bob")
    before = ctl("status", **variables(running, person))

    result = ctl("keys", "revoke", person.key_id, "--yes")
    after = ctl("status", **variables(running, person))
    again = ctl("keys", "revoke", person.key_id, "--yes", "--format", "table")

    assert (result.returncode, json.loads(result.stdout)) == (0, {"apiKeyId": person.key_id, "revoked": True})
    assert (before.returncode, after.returncode) == (0, 1)
    assert json.loads(after.stdout)["error"]["code"] == "API_KEY_REVOKED"
    assert again.stdout == f"{person.key_id} is revoked.\n"


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(("typed", "code", "revoked"), [("y\n", 0, True), ("n\n", 1, False), ("\n", 1, False)])
def test_a_person_is_asked_in_the_words_of_the_dashboard(
    home: dict[str, str], shared_stage: Stage, tmp_path: Path, typed: str, code: int, revoked: bool
):
    person = shared_stage.more("bob", "nightly import")

    ended, shown = at_a_terminal(home, "keys", "revoke", person.key_id, typed=typed, folder=tmp_path)

    assert f"Revoke nightly import ({person.key_id})?" in shown
    assert UNDONE in shown.replace("\r\n", " ")
    assert ended == code
    assert ("Nothing was revoked." in shown) is not revoked
    assert (shared_stage.key(person.key_id).revoked_at is not None) is revoked


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    "options",
    [("pmk_x",), ("--self",), (), ("--yes",), ("--self", "pmk_x", "--yes"), ("pmk_x", "--yes", "--api-key-id", "pmk_y"),
     ("pmk_x", "--yes", "--env-file", "some.env")],
    ids=" ".join,
)  # fmt: skip
def test_what_is_not_clear_is_wrong_usage(ctl: Run, tmp_path: Path, options: tuple[str, ...]):
    (tmp_path / "some.env").write_text("OWOX_API_KEY_ID=pmk_y\n")

    result = ctl("keys", "revoke", *options)

    assert (result.returncode, result.stdout) == (2, "")
    assert json.loads(result.stderr)["error"]["name"] == "OWOXConfigError"


@pytest.mark.parametrize("act", [("revoke",), ("rename", "--name", "x"), ("rotate", "--store")], ids=str)
@pytest.mark.parametrize("kind", ["secret", "combined value"])
def test_a_secret_in_the_place_of_an_id_is_refused_and_not_repeated(ctl: Run, act: tuple[str, ...], kind: str):
    """U4."""
    minted, (verb, *options) = keys.mint(), act
    value = minted.secret if kind == "secret" else keys.combine("http://127.0.0.1", minted.key_id, minted.secret)

    result = ctl("keys", verb, value, *options)

    assert result.returncode == 2
    assert "that is a secret" in result.stderr
    assert value not in result.stderr


def test_a_key_revokes_itself_without_any_sign_in(ctl: Run, running: Server, shared_stage: Stage):
    """K10, K14: also a second time."""
    person = shared_stage.more("bob")

    first, second = (ctl("keys", "revoke", "--self", "--yes", **variables(running, person)) for _ in range(2))

    told = {"apiKeyId": person.key_id, "revoked": True, "signInRemoved": False}
    assert [(each.returncode, json.loads(each.stdout), each.stderr) for each in (first, second)] == [(0, told, "")] * 2
    assert shared_stage.key(person.key_id).revoked_at is not None


def test_the_stored_sign_in_goes_with_its_key(ctl: Run, running: Server, shared_stage: Stage, home: dict[str, str]):
    person, config = shared_stage.more("bob"), Path(home["OWOX_CTL_CONFIG_PATH"])
    combined = keys.combine(running.url, person.key_id, person.secret)
    assert ctl("auth", "login", "--combined-stdin", stdin=combined).returncode == 0

    result = ctl("keys", "revoke", "--self", "--yes", "--format", "table")

    assert result.stdout.splitlines() == [
        f"{person.key_id} is revoked.",
        "It was the stored sign-in, which is removed.",
    ]
    assert not config.exists()


def test_another_stored_sign_in_stays(ctl: Run, running: Server, shared_stage: Stage, home: dict[str, str]):
    person, other = shared_stage.more("bob"), shared_stage.more("vera")
    combined = keys.combine(running.url, other.key_id, other.secret)
    assert ctl("auth", "login", "--combined-stdin", stdin=combined).returncode == 0

    result = ctl("keys", "revoke", "--self", "--yes", **variables(running, person))

    assert json.loads(result.stdout)["signInRemoved"] is False
    assert Path(home["OWOX_CTL_CONFIG_PATH"]).exists()
    assert ctl("status").returncode == 0


def test_a_person_is_asked_about_the_key_at_hand_too(
    home: dict[str, str], running: Server, shared_stage: Stage, tmp_path: Path
):
    person = shared_stage.more("bob")
    environ = {**home, **variables(running, person)}

    code, shown = at_a_terminal(environ, "keys", "revoke", "--self", typed="n\n", folder=tmp_path)

    assert (code, f"Revoke the API key from the environment ({person.key_id})?" in shown) == (1, True)
    assert shared_stage.key(person.key_id).revoked_at is None


def test_an_expired_key_revokes_itself_and_a_wrong_secret_nothing(ctl: Run, running: Server, shared_stage: Stage):
    person, expired = shared_stage.more("bob"), shared_stage.more("bob")
    shared_stage.set_key(expired.key_id, expires_at=datetime.now(UTC))
    wrong = variables(running, person) | {"OWOX_API_KEY_SECRET": keys.mint().secret}

    done, refused = (ctl("keys", "revoke", "--self", "--yes", **each) for each in (variables(running, expired), wrong))

    assert (done.returncode, shared_stage.key(expired.key_id).revoked_at is not None) == (0, True)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert json.loads(refused.stderr)["error"]["status"] == 401
    assert shared_stage.key(person.key_id).revoked_at is None


def test_without_any_key_it_says_how_to_name_one(ctl: Run):
    result = ctl("keys", "revoke", "--self", "--yes")

    assert result.returncode == 1
    assert json.loads(result.stderr)["error"]["message"] == "Not authenticated"

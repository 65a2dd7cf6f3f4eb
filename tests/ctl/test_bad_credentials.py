"""Every way in which credentials can be wrong: said before anything is sent, and without the secret."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from owox import keys
from tests.ctl.conftest import COMMAND, Run
from tests.infra.faulty import FaultyServer

Change = Callable[[dict[str, str]], dict[str, str]]


def without(name: str) -> Change:
    return lambda given: {key: value for key, value in given.items() if key != name}


def changed(name: str, change: Callable[[str], str]) -> Change:
    return lambda given: {**given, name: change(given[name])}


def combined(change: Callable[[str], str]) -> Change:
    def made(given: dict[str, str]) -> dict[str, str]:
        parts = (given[name] for name in ("OWOX_API_ORIGIN", "OWOX_API_KEY_ID", "OWOX_API_KEY_SECRET"))
        return {"OWOX_API_KEY": change(keys.combine(*parts))}

    return made


def other_character(secret: str) -> str:
    return secret[:30] + ("a" if secret[30] != "a" else "b") + secret[31:]


SECRET = "OWOX_API_KEY_SECRET"
WRONG: dict[str, tuple[Change, str]] = {
    "nothing": (lambda _: {}, "Not authenticated"),
    "no origin": (without("OWOX_API_ORIGIN"), "must be set together; missing: OWOX_API_ORIGIN"),
    "no ID": (without("OWOX_API_KEY_ID"), "must be set together; missing: OWOX_API_KEY_ID"),
    "no secret": (without(SECRET), "must be set together; missing: OWOX_API_KEY_SECRET"),
    "an empty secret": (changed(SECRET, lambda _: ""), "missing: OWOX_API_KEY_SECRET"),
    "a blank secret": (changed(SECRET, lambda _: " \t\n"), "missing: OWOX_API_KEY_SECRET"),
    "only quotes": (changed(SECRET, lambda _: '""'), "missing: OWOX_API_KEY_SECRET"),
    "a cut secret": (changed(SECRET, lambda secret: secret[:41]), "cut short: 41 of 58 characters"),
    "a mistyped secret": (changed(SECRET, other_character), "mistyped: its checksum does not fit"),
    "a doubled secret": (changed(SECRET, lambda secret: secret * 2), "too long: 116 of 58 characters"),
    "a cut, padded, quoted secret": (changed(SECRET, lambda secret: f' "{secret[:50]}"\n'), "cut short: 50 of 58"),
    "an origin without scheme": (changed("OWOX_API_ORIGIN", lambda _: "owox.example.com"), "must be a valid http"),
    "an origin with a path": (changed("OWOX_API_ORIGIN", lambda origin: f"{origin}/api"), "must be a valid http"),
    "an origin with a password": (changed("OWOX_API_ORIGIN", lambda _: "http://me:word@h"), "must be a valid http"),
    "an ID with a line feed": (changed("OWOX_API_KEY_ID", lambda key_id: f"{key_id}\nx: y"), "no API Key ID has"),
    "a cut combined value": (combined(lambda value: value[:-9]), "OWOX_API_KEY must"),
    "a combined value without its prefix": (combined(lambda value: value[9:]), "must start with owox_key_"),
    "a combined value with padding": (combined(lambda value: f"{value}=="), "valid base64url payload"),
    "a combined value as the secret": (
        lambda given: {**given, SECRET: keys.combine(*given.values())},
        "Secret holds a combined value",
    ),
    "the ID as the secret": (lambda given: {**given, SECRET: given["OWOX_API_KEY_ID"]}, "Secret holds an API Key ID"),
    "a combined value of another alphabet": (combined(lambda value: f"{value}/+"), "valid base64url payload"),
}


@pytest.mark.parametrize("what", WRONG)
@pytest.mark.parametrize("source", ["environment", "file"])
def test_it_is_said_what_is_wrong(
    ctl: Run, faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, what: str, source: str
):
    """U4"""
    change, message = WRONG[what]
    given = change(variables)
    if source == "file":
        quoted = (value.replace("\\", "\\\\").replace("'", "\\'") for value in given.values())
        (tmp_path / ".env").write_text(
            "".join(f"{name}='{value}'\n" for name, value in zip(given, quoted, strict=True))
        )

    result = ctl("data-marts", "list", **(given if source == "environment" else {}))

    error = json.loads(result.stderr[result.stderr.index("{") :])["error"]
    assert (result.returncode, result.stdout, faulty.asked) == (1, "", [])
    assert (error["name"], message in error["message"]) == ("OWOXConfigError", True), error
    for hidden in (variables[SECRET], variables[SECRET][:30], "me:word"):
        assert hidden not in result.stderr


@pytest.mark.parametrize("name", ["OWOX_API_ORIGIN", "OWOX_API_KEY_ID", SECRET, "OWOX_API_KEY"])
def test_bytes_that_are_no_text_are_said(
    home: dict[str, str], faulty: FaultyServer, variables: dict[str, str], tmp_path: Path, name: str
):
    environ = {os.fsencode(key): os.fsencode(value) for key, value in {**home, **variables}.items()}

    result = subprocess.run(
        [COMMAND, "data-marts", "list"],
        env={**environ, name.encode(): b"\xff\xfe\xff"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, faulty.asked) == (1, [])
    assert json.loads(result.stderr)["error"]["message"] == f"{name} is not valid UTF-8 text"


@pytest.mark.parametrize("secret", ["s" * 43, "short", "with space", "ünïcode", "OWOX_SEC_upper", "owox_pat_other"])
def test_any_other_secret_is_sent_as_it_is(ctl: Run, faulty: FaultyServer, variables: dict[str, str], secret: str):
    """contract.md 1.1."""
    result = ctl("status", **{**variables, SECRET: secret})

    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(faulty.asked[0].body) == {"apiKeySecret": secret}

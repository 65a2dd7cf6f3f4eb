"""The secret in a keychain: stored, used, replaced and forgotten."""

import json
from pathlib import Path

import pytest

from owox import keys
from tests.ctl.conftest import Run
from tests.infra.faulty import FaultyServer
from tests.infra.source import ROOT


@pytest.fixture
def keychain(tmp_path: Path) -> Path:
    return tmp_path / "keychain.json"


@pytest.fixture
def with_keychain(ctl: Run, keychain: Path) -> Run:
    """Run the command where there is a keychain."""
    place = {"PYTHONPATH": str(ROOT / "tests/ctl/keychain"), "KEYCHAIN": str(keychain)}
    return lambda *arguments, **options: ctl(*arguments, **{**place, **options})


@pytest.fixture
def combined(faulty: FaultyServer, minted: keys.Minted) -> str:
    return keys.combine(faulty.origin, minted.key_id, minted.secret)


def login(run: Run, combined: str, *options: str) -> None:
    result = run("auth", "login", "--combined-stdin", *options, stdin=combined)
    assert result.returncode == 0, result.stderr


def test_the_secret_stands_in_the_keychain_and_not_in_the_file(
    with_keychain: Run, keychain: Path, home: dict[str, str], combined: str, minted: keys.Minted, faulty: FaultyServer
):
    login(with_keychain, combined, "--keyring")

    stored = json.loads(Path(home["OWOX_CTL_CONFIG_PATH"]).read_text())
    assert stored == {"apiOrigin": faulty.origin, "apiKeyId": minted.key_id, "secretIn": "keychain"}
    assert json.loads(keychain.read_text()) == {f"owox-ctl/{minted.key_id}": minted.secret}
    assert json.loads(with_keychain("status").stdout)["authenticated"] is True
    assert json.loads(faulty.asked[-2].body) == {"apiKeySecret": minted.secret}


def test_signing_out_forgets_the_secret(with_keychain: Run, keychain: Path, combined: str):
    login(with_keychain, combined, "--keyring")

    result = with_keychain("auth", "logout")

    assert json.loads(result.stdout) == {"loggedOut": True, "removed": True}
    assert json.loads(keychain.read_text()) == {}


@pytest.mark.parametrize("options", [(), ("--keyring",)], ids=["in the file", "in the keychain"])
def test_signing_in_anew_leaves_no_older_secret(
    with_keychain: Run, keychain: Path, combined: str, faulty: FaultyServer, options: tuple[str, ...]
):
    login(with_keychain, combined, "--keyring")
    newer = keys.mint()

    login(with_keychain, keys.combine(faulty.origin, newer.key_id, newer.secret), *options)

    kept = {f"owox-ctl/{newer.key_id}": newer.secret} if options else {}
    assert json.loads(keychain.read_text()) == kept


def test_a_secret_that_is_gone_is_said(with_keychain: Run, keychain: Path, combined: str):
    login(with_keychain, combined, "--keyring")
    keychain.unlink()

    result = with_keychain("data-marts", "list")

    assert result.returncode == 1
    assert "The keychain no longer holds the stored secret" in result.stderr


def test_without_the_package_nothing_is_stored(ctl: Run, home: dict[str, str], combined: str, tmp_path: Path):
    (tmp_path / "keyring.py").write_text("raise ImportError")

    result = ctl("auth", "login", "--combined-stdin", "--keyring", stdin=combined, PYTHONPATH=str(tmp_path))

    assert result.returncode == 1
    assert "needs the keyring package, which is not installed" in result.stderr
    assert not Path(home["OWOX_CTL_CONFIG_PATH"]).exists()


def test_without_a_keychain_nothing_is_stored(ctl: Run, home: dict[str, str], combined: str):
    place = str(ROOT / "tests/ctl/keychain")

    result = ctl("auth", "login", "--combined-stdin", "--keyring", stdin=combined, PYTHONPATH=place)

    error = json.loads(result.stderr)["error"]
    assert (result.returncode, error["message"]) == (
        1,
        "The keychain cannot be used: No recommended backend was available.",
    )
    assert not Path(home["OWOX_CTL_CONFIG_PATH"]).exists()

"""``owox-ctl auth login --web`` where something goes wrong at the worst moment, or the server says odd things."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from owox import keys
from owox.client.device import BEGIN, FETCH
from tests.ctl.conftest import Run
from tests.infra.faulty import FaultyServer, answer

# Interrupts itself as it begins to store what it has fetched.
INTERRUPTED = """
import signal, sys
from owox.ctl import main

def watch(frame, event, argument):
    if event == "call" and frame.f_code.co_name == "save" and frame.f_code.co_filename.endswith("store.py"):
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)

sys.setprofile(watch)
main()
"""
LOGIN = ("auth", "login", "--no-browser", "--web")
MEMBER = {"userId": "u", "fullName": "Alice", "email": "alice@example.com", "avatar": None}


def begun(**other: object) -> bytes:
    """What a server says to a terminal that asks."""
    page = "https://owox.example/terminal"
    told = {
        "deviceCode": "device-code",
        "userCode": "BCDF-GHJK",
        "verificationUri": page,
        "expiresIn": 600,
        "interval": 0,
    }
    return answer(200, told | {"verificationUriComplete": f"{page}?code=BCDF-GHJK"} | other)


@pytest.fixture
def approving(faulty: FaultyServer, minted: keys.Minted) -> FaultyServer:
    """A server where somebody has approved before the terminal asks."""
    key = {"apiKeyId": minted.key_id, "apiKeySecret": minted.secret, "name": "CI", "expiresAt": None}
    faulty.on(BEGIN, begun())
    place = {"purpose": "key", "projectId": "p", "projectTitle": "Shop", "member": MEMBER}
    faulty.on(FETCH, answer(200, key | place))
    return faulty


def test_an_interrupt_before_the_key_is_stored_names_the_key_that_is_lost(
    approving: FaultyServer, home: dict[str, str], minted: keys.Minted
):
    """T9: no key is left behind that nobody knows of."""
    result = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *LOGIN, approving.origin],
        env=home, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (result.returncode, result.stdout) == (130, "")
    assert f"The API key {minted.key_id} was made, and its secret is lost: revoke it" in result.stderr
    assert minted.secret not in result.stderr


def test_a_store_that_fails_after_all_names_the_key_that_is_lost(
    approving: FaultyServer, ctl: Run, minted: keys.Minted, tmp_path: Path
):
    """T9: the place was good when it was looked at first."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os\nfrom pathlib import Path\n\ndef full(*_):\n    raise OSError(28, 'No space left on device')\n\n"
        "os.fsync = full\n"
    )

    result = ctl(*LOGIN, approving.origin, PYTHONPATH=str(tmp_path))

    error = json.loads(result.stderr[result.stderr.index("{") :])["error"]
    assert (result.returncode, result.stdout) == (1, "")
    assert error["message"].endswith("No space left on device")
    assert error["hint"].startswith(f"The API key {minted.key_id} was made, and its secret is lost: revoke it")
    assert minted.secret not in result.stderr


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "-version", "javascript:alert(1)", "http://x/\x1b[2J", "https://x/é"]
)
def test_an_odd_address_is_neither_opened_nor_obeyed(address: str, approving: FaultyServer, ctl: Run, tmp_path: Path):
    """W9: it comes from a server, and would go to programs of this machine."""
    seen, script = tmp_path / "seen", tmp_path / "browser"
    script.write_text(f'#!/bin/sh\ntouch "{seen}"\n')
    script.chmod(0o755)
    approving.on(BEGIN, begun(verificationUriComplete=address))

    result = ctl("auth", "login", "--web", approving.origin, BROWSER=f"{script} %s")

    assert result.returncode == 0, result.stderr
    assert "Opening" not in result.stderr
    assert "\x1b" not in result.stderr
    assert not seen.exists()


def test_a_secret_that_was_cut_on_the_way_is_not_stored(
    approving: FaultyServer, ctl: Run, home: dict[str, str], minted: keys.Minted
):
    key = {"apiKeyId": minted.key_id, "apiKeySecret": minted.secret[:-1], "name": "CI", "expiresAt": None}
    place = {"purpose": "key", "projectId": "p", "projectTitle": "Shop", "member": MEMBER}
    approving.on(FETCH, answer(200, key | place))

    result = ctl(*LOGIN, approving.origin)

    assert result.returncode == 1
    assert "cut short: 57 of 58 characters" in result.stderr
    assert "revoke it" in result.stderr
    assert not Path(home["OWOX_CTL_CONFIG_PATH"]).exists()

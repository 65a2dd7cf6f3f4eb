"""What README tells people to type works as it stands there."""

import json
import os
import re
import subprocess
from pathlib import Path

from tests.live.conftest import Live

README = Path(__file__).parents[2] / "README.md"


def test_curl_transcript_of_readme_runs_as_written(live: Live) -> None:
    """Exchange, context and rows, with the three variables and nothing else."""
    done = _run(_block("curl"), live)

    assert done.returncode == 0, done.stderr
    context, rows = _documents(done.stdout)
    assert context["apiKeyId"] == live.key_id
    assert context["userId"] == live.member_id
    assert [list(row) for row in rows] == [list(rows[0])] * 3
    assert "order_id" in rows[0]


def test_curl_transcript_of_readme_fails_once_the_key_is_revoked(live: Live) -> None:
    """The same lines again, after the end of the key: the first call ends them."""
    with live.hands() as (_, now):
        pass
    live.set_key(revoked_at=now)

    done = _run(_block("curl"), live)

    assert done.returncode == 22
    assert "401" in done.stderr
    assert done.stdout == ""


def _block(name: str) -> str:
    found = re.search(rf"<!-- transcript: {name} -->\n```sh\n(.*?)```", README.read_text(), re.DOTALL)
    assert found
    return found[1]


def _run(script: str, live: Live) -> "subprocess.CompletedProcess[str]":
    environ = {
        "PATH": os.environ["PATH"],
        "OWOX_API_ORIGIN": live.server.url,
        "OWOX_API_KEY_ID": live.key_id,
        "OWOX_API_KEY_SECRET": live.secret,
    }
    return subprocess.run(["sh", "-eu"], input=script, env=environ, capture_output=True, text=True, timeout=60)


def _documents(text: str) -> tuple[dict[str, object], list[dict[str, object]]]:
    context, end = json.JSONDecoder().raw_decode(text)
    return context, [json.loads(line) for line in text[end:].splitlines()]

"""The transcripts of owox-ctl's README, run on a terminal against the real server."""

import os
from pathlib import Path

import pytest

from tests.infra.server import OWOX
from tests.infra.source import ROOT
from tests.live import transcripts
from tests.live.approving import approving
from tests.live.conftest import Live

DOCUMENT = (ROOT / "owox/ctl/README.md").read_text()
COMMANDS = (
    "auth login", "auth login --web", "auth status", "auth logout", "status", "data-marts list", "data-marts stream",
    "storages list", "destinations list", "keys list", "keys create", "keys rename", "keys rotate", "keys revoke",
    "plugins", "help", "completion", "--version",
)  # fmt: skip


def test_every_command_has_a_transcript():
    run = "\n".join(step.command for step in transcripts.steps(DOCUMENT))

    assert [command for command in COMMANDS if f"owox-ctl {command}" not in run] == []


def test_transcripts_answer_as_they_stand(live: Live, tmp_path: Path):
    steps = transcripts.steps(DOCUMENT)
    folder = tmp_path / "here"
    folder.mkdir()
    environ = {
        "PATH": f"{OWOX.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "OWOX_CTL_CONFIG_PATH": str(tmp_path / "config.json"),
        "COMBINED": live.combined,
        "ORIGIN": live.server.url,
        "COLUMNS": "120",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "LANG": "C.UTF-8",
    }

    with approving(live, sum("--web" in step.command for step in steps)):
        shown = transcripts.run([step.command for step in steps], environ, folder)

    assert len(shown) == len(steps)
    for step, answer in zip(steps, shown, strict=True):
        assert transcripts.fits(answer, step.shows), f"$ {step.command}{answer}\nbut it is said to show:\n{step.shows}"


@pytest.mark.parametrize(("shown", "said"), [("a\n", "b\n"), ("a\nb\n", "a\n"), ("", "a\n"), ("ab\n", "a...c\n")])
def test_an_answer_that_differs_is_found(shown: str, said: str):
    assert not transcripts.fits(shown, said)

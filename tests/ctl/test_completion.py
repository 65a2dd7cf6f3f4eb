"""Completion: what the scripts are, and what a shell is told when it asks."""

import subprocess
from pathlib import Path

import pytest

from tests.ctl.conftest import COMMAND, Run


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("owox-ctl d", {"data-marts", "destinations"}),
        ("owox-ctl data-marts ", {"list", "stream"}),
        ("owox-ctl auth lo", {"login", "logout"}),
        ("owox-ctl status --format ", {"table", "json"}),
        ("owox-ctl data-marts stream x --col", {"--column", "--columns"}),
    ],
)
def test_bash_completes_what_is_typed(home: dict[str, str], tmp_path: Path, typed: str, expected: set[str]):
    *words, last = typed.split(" ")
    line = " ".join([*words, f"'{last}'"])
    script = f"""
        source <(owox-ctl completion bash)
        COMP_WORDS=({line}); COMP_CWORD={len(words)}
        _owox_ctl_completion owox-ctl
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """

    result = subprocess.run(
        ["bash", "-c", script],
        env={**home, "PATH": f"{COMMAND.parent}:{home['PATH']}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert set(result.stdout.split()) == expected
    assert result.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script_and_an_answer(ctl: Run, shell: str):
    script = ctl("completion", shell)
    # fish sends the whole line and the word apart, the others the words and a place among them.
    typed = {"COMP_WORDS": "owox-ctl auth l", "COMP_CWORD": "l" if shell == "fish" else "2"}
    said = ctl(_OWOX_CTL_COMPLETE=f"{shell}_complete", **typed)

    assert (script.returncode, script.stderr) == (0, "")
    assert f"_OWOX_CTL_COMPLETE={shell}_complete" in script.stdout
    assert said.returncode == 0
    assert "login" in said.stdout
    assert "status" not in said.stdout

"""A machine that has Python and nothing of ours, on which ready commands are run as they stand."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.infra.server import environment
from tests.infra.wheel import link_requirements

Done = subprocess.CompletedProcess[str]
_SECRET = re.compile(r"\$\{\{ secrets\.(\w+) \}\}")

_PYTHON = """#!/bin/sh -e
if [ "$1 $2" != "-m venv" ]; then exec {python} "$@"; fi
{python} -m venv --without-pip "$3"
echo {requirements} > "$(echo "$3"/lib/python*/site-packages)/requirements.pth"
printf '#!%s/bin/python\\nfrom pip._internal.cli.main import main\\nraise SystemExit(main())\\n' "$3" > "$3/bin/pip"
chmod +x "$3/bin/pip"
"""


@dataclass(frozen=True)
class Step:
    """One script of a job, and the variables it is given."""

    script: str
    variables: dict[str, str]


@dataclass(frozen=True)
class Machine:
    """Somebody's home folder, and beside it what is there before they come."""

    home: Path
    tools: Path
    installed: set[str] = field(default_factory=set)

    @classmethod
    def made(cls, folder: Path) -> "Machine":
        """A new one, whose environments find pip and the packages that ours requires in a folder of links: to fetch
        and unpack them takes longer than all else, and tests/test_wheel.py does."""
        machine = cls(folder / "home", folder / "tools")
        machine.home.mkdir()
        machine.tools.mkdir()
        link_requirements(folder / "requirements")
        python = machine.tools / "python3"
        python.write_text(_PYTHON.format(python=Path(sys.executable).resolve(), requirements=folder / "requirements"))
        python.chmod(0o755)
        return machine

    def environ(self, **more: str) -> dict[str, str]:
        """The variables of a new shell: of programs it finds this Python and the system's, but not ours."""
        own = Path(sys.executable).parent
        found = [str(self.tools), *(part for part in os.environ["PATH"].split(":") if Path(part) != own)]
        there = environment({"HOME": str(self.home), "PATH": ":".join(found), "PIP_CACHE_DIR": str(self.tools / "pip")})
        # Bytecode of modules that nobody imports here takes pip longer than all else.
        return {**there, "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_COMPILE": "1", **more}

    def in_image(self, kept: bool = False) -> dict[str, str]:
        """The variables in a container of an image with Python; it has nothing of ours, unless that is kept."""
        programs, there = self.home / ".owox/bin", self.environ()
        for path in (*programs.glob("owox*"), *(self.home / ".owox/lib").glob("python*/site-packages/owox*")):
            if not kept:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return {**there, "PATH": f"{programs}:{there['PATH']}", "HOME": "/nonexistent"}

    def run_job(self, steps: list[Step], folder: Path) -> list[Done]:
        """Run the steps of a job in order in a container, and stop at one that fails. The first installs owox-ctl, and
        is not run again after one that reads the same."""
        first = steps[0].script
        image, done = self.in_image(kept=first in self.installed), []
        for step in steps:
            if step.script in self.installed:
                continue
            done.append(self.run(step.script, folder, {**image, **step.variables}, "sh -e"))
            if done[-1].returncode:
                return done
        self.installed.add(first)
        return done

    def run(self, script: str, folder: Path, environ: Mapping[str, str] | None = None, shell: str = "sh -eu") -> Done:
        """Run a script in a folder."""
        there = environ or self.environ()
        return subprocess.run(
            shlex.split(shell), input=script, cwd=folder, env=there, capture_output=True, text=True, timeout=120
        )

    def install(self, script: str) -> None:
        """Follow the instructions that make an environment with owox-ctl, unless it is there."""
        if not (self.home / ".owox/bin/owox-ctl").exists():
            done = self.run(script, self.home)
            assert done.returncode == 0, done.stderr


def github(workflow: str, secrets: Mapping[str, str]) -> list[Step]:
    """The steps of a workflow's only job, its secrets put in; it uses nobody's actions."""
    [job] = yaml.safe_load(workflow)["jobs"].values()
    steps = []
    for step in job["steps"]:
        given = {name: str(value) for name, value in {**job.get("env", {}), **step.get("env", {})}.items()}
        filled = {name: _SECRET.sub(lambda known: secrets[known[1]], value) for name, value in given.items()}
        steps.append(Step(step["run"], filled))
    assert not any("${{" in text for step in steps for text in (step.script, *step.variables.values()))
    return steps


def gitlab(pipeline: str, variables: Mapping[str, str]) -> list[Step]:
    """The lines of a pipeline's only job, with the project's variables."""
    [job] = yaml.safe_load(pipeline).values()
    lines = [*job.get("before_script", []), *job["script"]]
    assert all(isinstance(line, str) for line in lines)
    return [Step(line, {**job.get("variables", {}), **variables}) for line in lines]


def dockers_env_file(text: str) -> dict[str, str]:
    """What Docker makes of an env file: it takes lines as they stand (opts/file.go of its command line)."""
    found = {}
    for line in text.removeprefix("\ufeff").splitlines():
        name, equals, value = line.lstrip().partition("=")
        if not name or name.startswith("#"):
            assert not equals or name, "a line without a name"
            continue
        assert not re.search(r"\s", name), f"white space in the name of {name!r}"
        if equals:
            found[name] = value
    return found


def docker_run(command: str) -> tuple[str, str, list[str]]:
    """The env file, the image and the arguments of a ``docker run`` command."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:3] == ["docker", "run", "--rm"]
    at = words.index("--env-file")
    assert words[3:at] in ([], ["--network", "host"])
    return words[at + 1], words[at + 2], words[at + 3 :]

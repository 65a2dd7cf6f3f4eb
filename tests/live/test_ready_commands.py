"""The ready commands of a new key, and the recipes: each runs as it stands, with owox-ctl from this server."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.ctl.terminal import at_a_terminal
from tests.infra.boxes import boxes
from tests.infra.server import Server, downloads
from tests.infra.wheel import build
from tests.live.conftest import Live
from tests.live.dashboard import browser, page
from tests.live.machine import Done, Machine, Step, docker_run, dockers_env_file, github, gitlab
from tests.web.browsing import elements, fields

SECRETS = ("owox_sec_", "owox_key_")


@pytest.fixture(scope="module")
def machine(
    demo_server: tuple[Server, dict[str, str], Engine], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """A machine on which nothing is installed yet, while the server offers the wheel."""
    offered = downloads(demo_server[0].instance)
    offered.mkdir(exist_ok=True)
    wheel = build(offered)
    yield Machine.made(tmp_path_factory.mktemp("machine"))
    wheel.unlink()


@pytest.fixture
def recipes(live: Live, machine: Machine) -> dict[str, list[str]]:
    """The recipes as bob sees them, on a machine that has followed the first of them."""
    found = page(live, "/docs/recipes")
    install, put_in_place = found["A machine of your own"]
    machine.install(install)
    (machine.home / "owox-api-key.env").write_text(env_file(live))
    done = machine.run(put_in_place, machine.home)
    assert (done.returncode, json.loads(done.stdout)["authenticated"]) == (0, True), done.stderr
    return found


def env_file(live: Live) -> str:
    """What the dashboard's Download .env holds, which tests/browser/test_secret.py compares with the real one."""
    return f"OWOX_API_ORIGIN={live.server.url}\nOWOX_API_KEY_ID={live.key_id}\nOWOX_API_KEY_SECRET={live.secret}\n"


class Created:
    """The API Key Created page of a key that bob just made."""

    def __init__(self, live: Live) -> None:
        with browser(live) as bob:
            path = f"/projects/{live.project_id}/settings/api-keys/create"
            answer = bob.post(path, data={**fields(bob.get(path)), "name": "For its commands"})
        assert answer.status_code == 201
        shown = {each["id"]: each["value"] for tag, each in elements(answer) if tag == "input" and "readonly" in each}
        self.secret = shown["api-key-secret"] or ""
        self.boxes = boxes(answer.text)
        self.variables = {
            "OWOX_API_ORIGIN": live.server.url,
            "OWOX_API_KEY_ID": shown["api-key-id"] or "",
            "OWOX_API_KEY_SECRET": self.secret,
        }


@pytest.fixture
def created(live: Live, machine: Machine) -> Created:
    """A new key's page, and owox-ctl installed as it says."""
    made = Created(live)
    machine.install(made.boxes["owox-ctl"][0])
    return made


def silent(done: list[Done]) -> bool:
    """Whether no output holds a secret."""
    return not any(mark in each.stdout + each.stderr for each in done for mark in SECRETS)


def titles(answer: str) -> list[str]:
    """The titles in a list of data marts, whatever was said before it."""
    return re.findall(r'"title": ?"([^"]*)"', answer)


def test_owox_ctl_is_installed_and_signs_in_as_shown(created: Created, machine: Machine, tmp_path: Path):
    install, use = created.boxes["owox-ctl"]
    environ = machine.environ(OWOX_CTL_CONFIG_PATH=str(tmp_path / "config.json"), COLUMNS="120")
    activate = install.splitlines()[0].partition("&& ")[2]

    code, shown = at_a_terminal(
        environ, "-euc", f"{activate}\n{use}", typed=f"{created.secret}\n", command="sh", folder=tmp_path
    )

    assert code == 0, shown
    assert f"{machine.home}/.owox/bin/activate" == activate.replace(". ~", str(machine.home))
    assert "Orders" in shown
    assert created.secret not in shown


def test_curl_asks_for_the_secret_and_lists_data_marts(created: Created, machine: Machine, tmp_path: Path):
    [command] = created.boxes["curl"]

    code, shown = at_a_terminal(
        machine.environ(), "-c", command, typed=f"{created.secret}\n", command="sh", prompt=b"':"
    )

    assert code == 0, shown
    assert "Orders" in titles(shown)


def test_the_python_lines_run_where_owox_ctl_is_installed(created: Created, machine: Machine, tmp_path: Path):
    _, lines = created.boxes["Python"]

    done = machine.run(lines, tmp_path, machine.environ(**created.variables), f"{machine.home}/.owox/bin/python -")

    assert done.returncode == 0, done.stderr
    assert "'Orders'" in done.stdout


def test_the_workflow_of_a_new_key_runs(created: Created, machine: Machine, tmp_path: Path):
    [workflow] = created.boxes["GitHub Actions"]

    done = machine.run_job(github(workflow, {"OWOX_API_KEY_SECRET": created.secret}), tmp_path)

    assert done[-1].returncode == 0, done[-1].stderr
    assert "Orders" in titles(done[-1].stdout)
    assert silent(done)


def test_the_pipeline_of_a_new_key_runs(created: Created, machine: Machine, tmp_path: Path):
    [pipeline] = created.boxes["GitLab CI"]

    done = machine.run_job(gitlab(pipeline, {"OWOX_API_KEY_SECRET": created.secret}), tmp_path)

    assert done[-1].returncode == 0, done[-1].stderr
    assert "Orders" in titles(done[-1].stdout)
    assert silent(done)


def test_the_docker_command_of_a_new_key_runs(created: Created, machine: Machine, tmp_path: Path):
    [command] = created.boxes["Docker"]
    file, image, (shell, option, script) = docker_run(command)
    variables = dockers_env_file("".join(f"{name}={value}\n" for name, value in created.variables.items()))

    done = machine.run(script, tmp_path, machine.in_image() | variables, f"{shell} -e")

    assert (file, image, option) == ("owox-api-key.env", "python:3.13-slim", "-c")
    assert done.returncode == 0, done.stderr
    assert "Orders" in titles(done.stdout)


def test_the_github_recipe_reads_rows(recipes: dict[str, list[str]], live: Live, machine: Machine, tmp_path: Path):
    [workflow] = recipes["GitHub Actions"]
    steps = github(workflow, {"OWOX_API_KEY": live.combined})

    done = machine.run_job(steps, tmp_path)

    assert done[-1].returncode == 0, done[-1].stderr
    assert [list(step.variables) for step in steps] == [[], ["OWOX_API_KEY"], []]
    assert rows(tmp_path) > 3
    assert silent(done)


def test_the_gitlab_recipe_reads_rows(recipes: dict[str, list[str]], live: Live, machine: Machine, tmp_path: Path):
    [pipeline] = recipes["GitLab CI"]

    done = machine.run_job(gitlab(pipeline, {"OWOX_API_KEY": live.combined}), tmp_path)

    assert done[-1].returncode == 0, done[-1].stderr
    assert "paths: [rows.ndjson]" in pipeline
    assert rows(tmp_path) > 3
    assert silent(done)
    # What GitLab asks of a value that it shall mask in logs.
    assert re.fullmatch(r"[\w+=/@:.~-]{8,}", live.combined, re.ASCII)


def test_the_line_for_cron_reads_rows_and_says_nothing(recipes: dict[str, list[str]], machine: Machine):
    [line] = recipes["cron"]
    *times, command = line.split(" ", 5)

    done = machine.run(command, Path("/"), {"HOME": str(machine.home), "PATH": "/usr/bin:/bin"}, "/bin/sh")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [bool(re.fullmatch(r"\*|\d+", time)) for time in times] == [True] * 5
    assert "%" not in command, "cron makes a new line of it"
    assert rows(machine.home) > 3


def test_the_image_holds_no_key_and_runs_with_the_env_file(
    recipes: dict[str, list[str]], machine: Machine, tmp_path: Path
):
    dockerfile, commands = recipes["Docker"]
    _, run = commands.splitlines()
    steps = [Step(line.removeprefix("RUN "), {}) for line in dockerfile.splitlines() if line.startswith("RUN ")]
    file, image, arguments = docker_run(run)
    file = file.replace("~", str(machine.home))
    entry = json.loads(dockerfile.partition("ENTRYPOINT ")[2])

    built = machine.run_job(steps, tmp_path)
    environ = {"PATH": f"{machine.home}/.owox/bin", "HOME": "/nonexistent"}
    done = machine.run(
        shlex.join([*entry, *arguments]), tmp_path, environ | dockers_env_file(Path(file).read_text()), "/bin/sh"
    )

    assert built[-1].returncode == 0, built[-1].stderr
    assert image == "owox-ctl"
    assert (done.returncode, done.stderr) == (0, "")
    assert "Orders" in titles(done.stdout)


@pytest.mark.parametrize("line", ["export A=1", "A =1", " =1"])
def test_an_env_file_that_docker_refuses_is_refused(line: str):
    with pytest.raises(AssertionError):
        dockers_env_file(line)


def test_the_env_file_means_the_same_to_docker_and_to_owox_ctl(live: Live):
    quoted = dockers_env_file("A='1'\n# B=2\n\nC=a b # c\n")

    assert quoted == {"A": "'1'", "C": "a b # c"}
    assert list(dockers_env_file(env_file(live)).values()) == [live.server.url, live.key_id, live.secret]


def test_the_makefile_reads_rows_and_shows_no_key(recipes: dict[str, list[str]], machine: Machine, tmp_path: Path):
    [makefile] = recipes["Makefile"]
    (tmp_path / "Makefile").write_text(makefile)

    done = machine.run("make read", tmp_path)

    assert done.returncode == 0, done.stderr
    assert rows(tmp_path) > 3
    assert silent([done])


def test_what_an_agent_is_told_to_run_answers_in_json_without_the_key(
    recipes: dict[str, list[str]], machine: Machine, tmp_path: Path
):
    [told] = recipes["A local agent"]
    commands = re.findall(r"^- `(.+)`$", told, re.MULTILINE)

    done = [machine.run(command, tmp_path) for command in commands]
    failed = machine.run(commands[-1].replace("data-marts stream ", "data-marts stream x"), tmp_path)

    assert [each.returncode for each in done] == [0, 0, 0]
    assert [type(json.loads(each.stdout)) for each in done[:2]] == [dict, list]
    assert [type(json.loads(line)) for line in done[2].stdout.splitlines()] == [dict] * 20
    assert json.loads(failed.stderr)["error"]["status"] == 404
    assert silent([*done, failed])


def test_once_the_key_is_revoked_each_recipe_fails_and_leaves_no_rows(
    recipes: dict[str, list[str]], live: Live, machine: Machine, tmp_path: Path
):
    """K10."""
    with live.hands() as (_, now):
        pass
    live.set_key(revoked_at=now)
    (tmp_path / "Makefile").write_text(recipes["Makefile"][0])
    (machine.home / "rows.ndjson").unlink(missing_ok=True)
    jobs = github(recipes["GitHub Actions"][0], {"OWOX_API_KEY": live.combined})

    failed = [
        machine.run_job(jobs, tmp_path)[-1],
        machine.run(recipes["cron"][0].split(" ", 5)[5], tmp_path),
        machine.run("make read", tmp_path),
    ]

    assert [done.returncode for done in failed] == [1, 1, 2]
    assert ["revoked" in done.stderr for done in failed] == [True] * 3
    assert [*tmp_path.glob("rows*"), *machine.home.glob("rows*")] == []
    assert silent(failed)


def rows(folder: Path) -> int:
    """How many rows a recipe left in a folder."""
    return len([json.loads(line) for line in (folder / "rows.ndjson").read_text().splitlines()])

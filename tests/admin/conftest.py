"""A terminal of its own for each test."""

import secrets
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.admin.shell import NearShell, Shell


@dataclass(frozen=True)
class Prepared:
    """A terminal on a server that has a project and its admin, alice."""

    shell: Shell
    project_id: str
    password: str

    def create_key(self, *more: str) -> list[str]:
        """The words that create a key for alice."""
        return ["key", "create", "--member", "alice@example.com", "--project", self.project_id, "--name", "CI", *more]


def prepare(shell: Shell) -> Prepared:
    """Make the project and its admin."""
    password = secrets.token_urlsafe(24)
    project_id = shell.works("project", "create", "Shop").strip()
    add = ["member", "add", "alice@example.com", "--name", "Alice", "--role", "admin", "--password-stdin"]
    shell.works(*add, stdin=password + "\n")
    return Prepared(shell, project_id, password)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """`owox` on a new instance folder with SQLite."""
    return Shell(tmp_path / "instance", {})


@pytest.fixture
def near_shell(tmp_path: Path) -> NearShell:
    """The same without processes."""
    return NearShell(tmp_path / "instance", {})


@pytest.fixture
def either_shell(tmp_path: Path, database_url: str) -> Shell:
    """`owox` on a new instance folder, with each kind of database."""
    return Shell(tmp_path / "instance", {"OWOX_DATABASE_URL": database_url})


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """What ``prepared`` copies."""
    return prepare(Shell(tmp_path_factory.mktemp("prepared") / "instance", {}))


@pytest.fixture
def prepared(original: Prepared, tmp_path: Path) -> Prepared:
    """A terminal on a server with a project and its admin, for this test alone."""
    instance = shutil.copytree(original.shell.instance, tmp_path / "instance")
    return Prepared(Shell(instance, {}), original.project_id, original.password)


@pytest.fixture
def near(prepared: Prepared) -> Prepared:
    """The same without processes."""
    return replace(prepared, shell=NearShell(prepared.shell.instance, {}))


@pytest.fixture
def backup(near: Prepared, tmp_path: Path) -> Path:
    """A backup of the prepared server."""
    near.shell.works("backup", str(tmp_path / "backup.db"))
    return tmp_path / "backup.db"

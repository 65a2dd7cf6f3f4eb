"""A PostgreSQL server of the test run's own: made by initdb in a temporary folder, stopped by pg_ctl at the end."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql

from tests.infra.ports import free_port
from tests.infra.programs import postgres_programs

# No test pulls the plug or copies the server, so nothing needs to reach the disk; all else is as PostgreSQL ships it.
_SETTINGS = (
    "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
    " -c max_wal_size=128MB -c max_connections=200"
)
_MEMORY = Path("/dev/shm")  # noqa: S108 - files in memory: a database is copied there in a third of the time
_MEMORY_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Postgres:
    """A running server; ``databases`` are made from and removed through it."""

    port: int
    password: str = field(repr=False)
    folder: Path

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database on this server."""
        return f"postgresql+psycopg://owox:{self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A psycopg connection, each statement its own transaction."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="owox", password=self.password, dbname=database, autocommit=True
        )

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """A new database for the length of the block; yields its URL. ``template`` is copied, data and all."""
        name = f"t_{secrets.token_hex(6)}"
        self.commands.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
        try:
            yield self.url(name)
        finally:
            self.commands.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @cached_property
    def commands(self) -> psycopg.Connection:
        """The connection that makes and removes databases: to prove a password anew costs more than either."""
        return self.connect()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server on a free loopback port with a password of its own, and stop it at the end of the block."""
    programs = postgres_programs()
    home = Path(tempfile.mkdtemp(prefix="owox-pg-", dir=_place()))
    server = Postgres(free_port(), secrets.token_urlsafe(24), home / "data")
    (home / "password").write_text(server.password)
    identity = _hand_over(home)

    def run(program: str, *arguments: str) -> None:
        log = home / "commands.log"
        with log.open("ab") as output:
            done = subprocess.run(
                [programs / program, *arguments], cwd=home, stdout=output, stderr=output, timeout=60, **identity
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{log.read_text()}")

    try:
        run("initdb", "-D", str(server.folder), "-U", "owox", "--pwfile", str(home / "password"), "-N",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8")  # fmt: skip
        options = f"-p {server.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' {_SETTINGS}"
        run("pg_ctl", "start", "-w", "-D", str(server.folder), "-l", str(home / "server.log"), "-o", options)
        try:
            with closing(server.commands):
                yield server
        finally:
            run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(server.folder))
    finally:
        shutil.rmtree(home)


def _place() -> Path | None:
    """Memory where there is plenty of it, or else where temporary files go."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_BYTES
    return _MEMORY if roomy else None


def _hand_over(home: Path) -> dict[str, object]:
    """Give the folder to a plain user where this runs as root: PostgreSQL refuses to be started by root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    account = pwd.getpwnam(user)
    for path in (home, *home.iterdir()):
        os.chown(path, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

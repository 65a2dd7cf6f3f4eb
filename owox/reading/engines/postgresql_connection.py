"""Connections to PostgreSQL: one for each call or read, with one read-only transaction that is never committed.

The server holds the limits; a definition can change them for what follows (``set_config`` is a function like any
other), so a clock on this side holds them too. What a definition can never change is that nothing is written.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import conninfo, generators, pq

from owox.reading.engines import StorageError
from owox.reading.engines.deadlines import Deadline
from owox.reading.engines.postgresql_errors import failed, not_connected, problem
from owox.reading.engines.postgresql_role import DANGERS, check_role

_CONNECT_SECONDS: Final = 10
_CANCEL_SECONDS: Final = 3.0
_GRACE_SECONDS: Final = 1.0
_LOCK_SECONDS: Final = 10.0
_IDLE_SECONDS: Final = 3600.0

_OWN: Final = {
    "application_name": "owox",
    "client_encoding": "UTF8",
    "connect_timeout": str(_CONNECT_SECONDS),
    "keepalives": "1",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    # Neither tickets nor certificates nor passwords of the user that this server runs as.
    "gssencmode": "disable",
    "require_auth": "!gss,!sspi",
    "sslcertmode": "disable",
    "passfile": "/dev/null/none",
}
_UNSET: Final = {"service", "servicefile", "min_protocol_version", "max_protocol_version"}
_SETTINGS: Final = (
    "search_path = pg_catalog",
    "timezone = 'UTC'",
    "datestyle = 'ISO'",
    "intervalstyle = 'postgres'",
    "extra_float_digits = 1",
    "bytea_output = 'hex'",
    "xmloption = 'content'",
    "standard_conforming_strings = on",
    "row_security = on",
    "jit = off",
    "cursor_tuple_fraction = 1",
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a described statement: its name, and the number and modifier of its type."""

    name: str
    oid: int
    modifier: int


def parameters(url: str) -> dict[str, str]:
    """Return what the driver connects with: every option is named, so that none comes from the environment.

    Raises ``StorageError`` for an address that is none.
    """
    try:
        given = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError:
        raise problem('The "url" of a PostgreSQL storage is not an address') from None
    if given.get("sslmode") in {"verify-ca", "verify-full"} and "sslrootcert" not in given:
        given["sslrootcert"] = _authorities(given["sslmode"])
    known = {option.keyword.decode(): option for option in pq.Conninfo.get_defaults()}
    fixed = {
        name: (option.compiled or b"").decode()
        for name, option in known.items()
        if option.envvar is not None and name not in _UNSET
    }
    return fixed | {name: value for name, value in _OWN.items() if name in known} | given


def _authorities(mode: str) -> str:
    """Return whose word counts on who a server is: a file that the operator has put in the driver's place, or all
    that the system trusts, which the driver takes only where the server's name is checked as well.
    """
    own = Path("~/.postgresql/root.crt").expanduser()
    if own.is_file():
        return str(own)
    if mode == "verify-ca":
        raise problem(
            "sslmode=verify-ca needs a file of authorities, which this server has not; verify-full takes the system's"
        )
    return "system"


class Session:
    """A connection inside its transaction. One thread uses and closes it; any may ``interrupt`` it.

    Errors of the driver become ``StorageError`` where a block is ``limited``.
    """

    def __init__(self, connection: "psycopg.Connection[Any]", seconds: float) -> None:
        self._connection = connection
        self._seconds = seconds
        self._lock = threading.Lock()
        self._canceller: threading.Thread | None = None
        self._interrupted = False
        self._closed = False

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> "psycopg.RawCursor[Any]":
        """Run a statement whose parameters are ``$1``, ``$2`` ..., or several statements without any."""
        return psycopg.RawCursor(self._connection).execute(sql.encode(), values or None)

    def describe(self, sql: str) -> tuple[list[Column], int]:
        """Return the columns of a single statement and how many parameters it has. Nothing of it runs."""
        server = self._connection.pgconn
        # The driver's own prepare and describe_prepared would hold up every other thread while they wait.
        server.send_prepare(b"", sql.encode())
        self._answer()
        server.send_describe_prepared(b"")
        result = self._answer()
        columns = [
            Column((result.fname(at) or b"").decode(), result.ftype(at), result.fmod(at))
            for at in range(result.nfields)
        ]
        return columns, result.nparams

    def fetch(self, cursor: str, rows: int) -> list[bytes]:
        """Return the only column of the next rows of a cursor."""
        result = self.execute(f"FETCH FORWARD {rows:d} FROM {cursor}").pgresult
        assert result is not None  # noqa: S101 - FETCH always has one
        return [result.get_value(at, 0) or b"" for at in range(result.ntuples)]

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Hold the block to the time limit. Raises ``StorageError`` for whatever the storage did wrong."""
        if self._interrupted:
            raise problem("Interrupted")
        deadline = Deadline(self._seconds + _GRACE_SECONDS, self._cancel)
        try:
            with deadline.running():
                yield
        except psycopg.Error as error:
            raise self._understood(error, deadline) from error
        if deadline.passed:
            raise self._too_slow()

    def interrupt(self) -> None:
        """Stop what the server is doing; never waits for it."""
        self._interrupted = True
        self._cancel()

    def close(self) -> None:
        """Leave the server, which forgets the transaction."""
        with self._lock:
            self._closed = True
            canceller = self._canceller
        if canceller is not None:
            canceller.join(_CANCEL_SECONDS + _GRACE_SECONDS)
        self._connection.close()

    def _answer(self) -> pq.abc.PGresult:
        result: pq.abc.PGresult = self._connection.wait(generators.execute(self._connection.pgconn))[-1]
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)
        return result

    def _cancel(self) -> None:
        with self._lock:
            if self._closed or (self._canceller is not None and self._canceller.is_alive()):
                return
            self._canceller = threading.Thread(target=self._send_cancel, daemon=True)
            self._canceller.start()

    def _send_cancel(self) -> None:
        try:
            self._connection.cancel_safe(timeout=_CANCEL_SECONDS)
        except psycopg.Error:
            self._hang_up()

    def _hang_up(self) -> None:
        """End the wait for a server that does not even take a cancel; the connection ends with it."""
        with self._lock, suppress(OSError, psycopg.Error):
            if not self._closed:
                with socket.socket(fileno=os.dup(self._connection.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)

    def _understood(self, error: psycopg.Error, deadline: Deadline) -> StorageError:
        if isinstance(error, psycopg.errors.QueryCanceled):
            return problem("Interrupted") if self._interrupted else self._too_slow()
        if isinstance(error, psycopg.errors.LockNotAvailable):
            return problem("A table was locked by somebody else for too long")
        if deadline.passed:
            return self._too_slow()
        return problem("Interrupted") if self._interrupted else failed(error)

    def _too_slow(self) -> StorageError:
        return problem(f"The query took longer than {self._seconds:g} seconds")


def open_session(options: dict[str, str], seconds: float) -> Session:
    """Connect, and begin the transaction with its settings. Raises ``StorageError``."""
    try:
        connection = psycopg.connect(autocommit=True, prepare_threshold=None, **options)  # type: ignore[arg-type]
    except (psycopg.Error, UnicodeError) as error:
        raise not_connected(error) from None
    session = Session(connection, seconds)
    try:
        with session.limited():
            _begin(session, seconds)
    except BaseException:
        session.close()
        raise
    return session


def _begin(session: Session, seconds: float) -> None:
    """Set up the transaction; while it judges the role, no name but PostgreSQL's own is in sight."""
    limits = {
        "statement_timeout": seconds,
        "lock_timeout": min(seconds, _LOCK_SECONDS),
        "idle_in_transaction_session_timeout": _IDLE_SECONDS,
    }
    settings = [*_SETTINGS, *(f"{name} = {max(1, round(1000 * limit))}" for name, limit in limits.items())]
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SELECT pg_catalog.current_setting('search_path')"
    answers = session.execute("; ".join([begin, *(f"SET LOCAL {setting}" for setting in settings)]))
    while answers.description is None:
        answers.nextset()
    [(path,)] = answers.fetchall()
    check_role(session.execute(DANGERS).fetchall())
    full = ", ".join(part for part in ("pg_catalog", path, "pg_temp") if part)
    session.execute("SELECT set_config('search_path', $1, true)", (full,))

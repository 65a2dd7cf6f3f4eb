"""What `owox doctor` looks at around the database: programs, the instance folder, settings, and the address."""

import platform
import secrets
import shlex
import socket
import sqlite3
import stat
import sys
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from owox.admin.findings import Finding, fine, mend, note
from owox.settings import LOCAL_HOSTS, Settings, SettingsError, has_secret_key, instance_folder, load

_OLDEST_PYTHON: Final = (3, 11)
_OLDEST_SQLITE: Final = (3, 35)  # the first with RETURNING
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_LOCAL: Final = {host.strip("[]") for host in LOCAL_HOSTS}
_SECONDS: Final = 2.0


def programs() -> Finding:
    """Versions of Python and SQLite."""
    here = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    if sys.version_info < _OLDEST_PYTHON or sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        return mend("programs", f"{here}. Install Python 3.11 or later, with SQLite 3.35 or later.")
    return fine("programs", here)


def settings(environ: Mapping[str, str]) -> Generator[Finding, None, Settings | None]:
    """The instance folder and what it is set up with; returns the settings if there are any to go on with."""
    instance = instance_folder(environ)
    if not instance.is_dir():
        yield mend(
            "instance", f"There is no folder {instance}. Name the server's in OWOX_INSTANCE, or start owox serve."
        )
        return None
    there = has_secret_key(environ, instance)
    try:
        # One for the time being, since a doctor leaves nothing behind.
        found = load(environ if there else {**environ, "OWOX_SECRET_KEY": secrets.token_urlsafe(48)})
    except (SettingsError, OSError) as error:
        yield mend("settings", str(error))
        return None
    yield fine("instance", str(instance))
    if there:
        yield fine("secret key", "It is there and long enough.")
    else:
        yield _missing(instance, found)
    return found


def _missing(instance: Path, found: Settings) -> Finding:
    if found.database_file is not None and not found.database_file.exists():
        return note("secret key", "There is none yet: the first start makes it.")
    return mend(
        "secret key",
        f"There is a database and no {instance / 'SECRET_KEY'}. Put the file back from a copy, or set OWOX_SECRET_KEY "
        "to what it held: with another one the passwords of storages cannot be read.",
    )


def modes(found: Settings) -> Finding:
    """Whether others may read any file that is the server's own, or put another in its place."""
    files = [path for path in found.own_files if path.name != "served-origin" and path.exists()]
    open_files = [path for path in files if path.stat().st_mode & _OTHERS]
    writable = found.instance.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    commands = [f"chmod go-w {shlex.quote(str(found.instance))}"] if writable else []
    if open_files:
        commands.append(f"chmod 600 {shlex.join(map(str, open_files))}")
    if commands:
        return mend("file modes", f"Other users can read or replace what is the server's. Run: {' && '.join(commands)}")
    return fine("file modes", "The server's files are for this user alone.")


def address(found: Settings) -> Iterator[Finding]:
    """Whether the address in combined values suits, and whether the port is owox's or free."""
    yield _origin(found)
    host = "127.0.0.1" if found.host in {"0.0.0.0", "::", "[::]"} else found.host  # noqa: S104  (compared with)
    try:
        socket.create_connection((host.strip("[]"), found.port), _SECONDS).close()
    except OSError:
        yield fine("port", f"Nothing listens on {found.host}:{found.port}.")
        return
    where = f"http://{f'[{host}]' if ':' in host.strip('[]') else host}:{found.port}/api/flags"
    try:
        answer = httpx.get(where, headers={"Host": urlsplit(found.public_origin).netloc}, timeout=_SECONDS)
        served = answer.json()["PUBLIC_ORIGIN"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        message = f"Another program listens on {found.host}:{found.port}. End it, or choose another OWOX_PORT."
        yield mend("port", message)
        return
    if served == found.public_origin:
        yield fine("port", f"owox answers on {found.host}:{found.port}.")
    else:
        yield mend("port", f"An owox on {found.host}:{found.port} serves another address, {served}. Start it anew.")


def _origin(found: Settings) -> Finding:
    origin, advice = found.public_origin, ""
    local = (urlsplit(origin).hostname or "") in _LOCAL
    if local and found.host.strip("[]") not in _LOCAL:
        advice = f"Keys name an address of this machine alone, while owox listens on {found.host}: set PUBLIC_ORIGIN."
    elif not local and not found.secure:
        advice = "Keys travel unencrypted: put a proxy with https before owox and set PUBLIC_ORIGIN to its address."
    elif not local and not found.proxy_hops:
        advice = "owox speaks http itself: if a proxy with https stands before it, set OWOX_PROXY_HOPS to 1."
    return note("public origin", f"{origin}. {advice}") if advice else fine("public origin", origin)

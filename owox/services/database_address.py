"""The address of a PostgreSQL database, as one URL or part by part, and what members may put into it.

Without a host, user or password libpq would fill in this server's own socket, user, environment or password file; a
"/" in a host names a socket, a "," several hosts. Members may name none of these, the operator may name anything.
No message repeats a part of an address, since any part may be a password in the wrong place.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from owox.services.errors import BadSetting

PARTS: Final = ("host", "port", "database", "user", "password", "sslmode")
TLS_MODES: Final = ("prefer", "require", "verify-ca", "verify-full", "disable", "allow")  # libpq's, its default first
PORT: Final = 5432
TEXT_MAX: Final = 2_000
_USUAL: Final = {"port": str(PORT), "sslmode": TLS_MODES[0]}
_OPTIONS: Final = {"sslmode", "channel_binding"}
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|(?=.*:.*:)[0-9A-Fa-f:.]+")  # two colons: one would be a port
_FORM: Final = "postgresql://user:password@host:5432/database"


def parsed(text: str, *, by_operator: bool) -> URL:
    """Read a URL. Raises ``BadSetting``."""
    try:
        url = make_url(text)
        port = url.port or PORT
    except (ArgumentError, ValueError):
        raise _bad_url() from None
    if url.drivername not in {"postgresql", "postgres"} or not 1 <= port <= 65535:
        raise _bad_url()
    if by_operator:
        return url
    if not (url.username and url.password and url.host and url.database):
        raise _bad_url()
    if not _HOST.fullmatch(url.host) or not set(url.query) <= _OPTIONS:
        raise BadSetting(
            "config.url", f"config.url must name one host, and no options but {', '.join(sorted(_OPTIONS))}."
        )
    return url


def joined(parts: Mapping[str, Any], kept: URL | None) -> URL:
    """Put an address together from ``PARTS``; ``port`` and ``sslmode`` may be missing. Raises ``BadSetting``.

    Without a password that of ``kept`` stays, unless it would go elsewhere than before: whoever may edit a storage
    could otherwise have its password sent to a server of their own.
    """
    texts = {name: _part(name, parts.get(name)) for name in PARTS}
    if not _HOST.fullmatch(texts["host"]):
        raise BadSetting("config.host", "config.host must be the name or the address of one server.")
    port = int(texts["port"]) if re.fullmatch("[0-9]{1,5}", texts["port"]) else 0
    if not 1 <= port <= 65535:
        raise BadSetting("config.port", "config.port must be a number from 1 to 65535.")
    if texts["sslmode"] not in TLS_MODES:
        raise BadSetting("config.sslmode", f"config.sslmode must be one of {', '.join(TLS_MODES)}.")
    url = URL.create(
        "postgresql",
        username=texts["user"],
        password=texts["password"],
        host=texts["host"],
        port=port,
        database=texts["database"],
        query={"sslmode": texts["sslmode"]},
    )
    return _beside(url, kept)


def _beside(url: URL, kept: URL | None) -> URL:
    same_server = kept is not None and _server(kept) == _server(url)
    if kept is not None and same_server:
        url = url.set(query={**kept.query, **url.query}, password=url.password or kept.password)
    if url.password:
        return url
    if kept is None or same_server:
        raise BadSetting("config.password", "config.password must not be empty.")
    raise BadSetting(
        "config.password",
        "config.password must be given again: it stays only while host, port, user and TLS mode stay as they are.",
    )


def _server(url: URL) -> list[Any]:
    """Whom a password is sent to, and how."""
    return [value for name, value in shown(url).items() if name != "database"]


def shown(url: URL) -> dict[str, Any]:
    """What of an address everybody may see who may see its storage."""
    return {
        "host": url.host or "",
        "port": url.port or PORT,
        "database": url.database or "",
        "user": url.username or "",
        "sslmode": str(url.query.get("sslmode", TLS_MODES[0])),
    }


def written(url: URL) -> str:
    """Write an address so that every part of it stays in its place, whatever characters it holds."""
    user, password = quote(url.username or "", safe=""), quote(str(url.password or ""), safe="")
    host = f"[{url.host}]" if ":" in (url.host or "") else url.host or ""
    who = f"{user}{':' if password else ''}{password}@" if user else ""
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{who}{host}{port}/{quote(url.database or '', safe='')}" + (
        f"?{urlencode(url.query, doseq=True)}" if url.query else ""
    )


def _part(name: str, value: object) -> str:
    text = str(value) if type(value) is int and name == "port" else "" if value is None else value
    if (
        not isinstance(text, str)
        or len(text) > TEXT_MAX
        or {unicodedata.category(char) for char in text} & {"Cc", "Cs"}
    ):
        raise BadSetting(f"config.{name}", f"config.{name} must be a text of at most {TEXT_MAX} printable characters.")
    if name == "password":
        return text
    if text := text.strip() or _USUAL.get(name, ""):
        return text
    raise BadSetting(f"config.{name}", f"config.{name} must not be empty.")


def _bad_url() -> BadSetting:
    return BadSetting("config.url", f"config.url must be of the form {_FORM}.")

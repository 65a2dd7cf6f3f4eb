"""The doors of the API: which credential a request carries, and whose it is.

x-owox-authorization: Bearer <access token>, with x-owox-api-key-id      (contract.md 2)
Authorization: Bearer <access token> | Bearer owox_key_... | Basic id:secret
Authorization: Bearer owox_mgmt_..., a terminal's sign-in                (the key routes only)
the dashboard's cookie, only when no header carries a credential
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar, cast
from uuid import uuid4

from flask import current_app, request
from werkzeug.exceptions import BadRequest

from owox import keys
from owox.access import seen
from owox.models import db
from owox.services import authentication, members, terminal_sign_ins
from owox.services.audit import one_line
from owox.services.authentication import Caller, KeyReader
from owox.services.background import Background
from owox.services.errors import Forbidden, Refused
from owox.services.last_used import LastUsed
from owox.services.refusals import Refusals
from owox.services.rows import Streams
from owox.services.sign_ins import Visitor
from owox.services.storage_config import Keeper
from owox.services.throttle import Throttle
from owox.settings import Settings
from owox.tokens import Tokens

KEY_ID_HEADER: Final = "x-owox-api-key-id"
PROJECT_HEADER: Final = "x-owox-project-id"
KEY_ENDS: Final = "owox.key_ends"  # in a request's environ: what its answer says about the key that was used
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,36}")


class UnknownHost(BadRequest):
    """The request names a host that this server is not, so that no address of ours can be written into the answer."""

    description = (
        "This server does not answer to that host name. Use the address it was started with, "
        "or add the name to OWOX_TRUSTED_HOSTS."
    )


Check = Callable[[KeyReader], Caller]
Proven = TypeVar("Proven")


@dataclass(frozen=True, slots=True)
class Services:
    """What one process holds: its settings, and the few objects that live as long as it."""

    settings: Settings
    tokens: Tokens
    throttle: Throttle
    background: Background
    last_used: LastUsed
    refusals: Refusals
    streams: Streams
    keys: KeyReader
    keeper: Keeper


def services() -> Services:
    """Those of the current app."""
    return cast(Services, current_app.extensions["owox"])


def by_header(now: datetime) -> Caller | None:
    """Whose credential the headers carry; ``None`` when they carry none.

    Raises ``BadRequest`` for two at once, ``Refused`` or ``Throttled`` for one that is not accepted, ``Forbidden``
    when the API Key ID beside a token is not the token's.
    """
    own, standard = request.environ.get("HTTP_X_OWOX_AUTHORIZATION"), request.environ.get("HTTP_AUTHORIZATION")
    if own is not None and standard is not None:
        raise BadRequest("Send one credential only: x-owox-authorization or Authorization.")
    if own is not None:
        return accept(_token_check(_unwrapped(own), now, needs_id=True), now)
    return None if standard is None else accept(_standard_check(standard, now), now)


def accept(check: Check, now: datetime) -> Caller:
    """Run a check of a credential; count its failure, note its success."""
    caller = counted(check)
    if caller.key_ends_at and keys.ends_soon(caller.key_ends_at, now):
        request.environ[KEY_ENDS] = caller.key_ends_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if caller.api_key_id and services().last_used.due(caller.api_key_id):
        services().last_used.note(caller.api_key_id, now, address(), client())
    return caller


def counted(check: Callable[[KeyReader], Proven]) -> Proven:
    """Run a check of a credential; count its failure, and raise ``Throttled`` once there were too many."""
    try:
        return check(services().keys)
    except Refused as refused:
        # Whoever holds the right secret is told why, as often as they like.
        if refused.state is None and not refused.ended:
            services().throttle.key_failed(refused.key_id, address())
        raise


def by_cookie(visitor: Visitor | None) -> Caller:
    """The signed-in member in the project that the request names, or in their only one."""
    if visitor is None:
        raise Refused
    session = db.session()
    wanted = request.headers.get(PROJECT_HEADER)
    if wanted is None:
        projects = members.memberships(session, visitor.member_id)
        if not projects:
            raise Forbidden("Access denied: you are a member of no project")
        if len(projects) > 1:
            raise BadRequest("You are a member of several projects: name one in the X-OWOX-Project-Id header.")
        wanted = projects[0].project_id
    return members.caller_in(session, visitor.member_id, wanted)


def check_host() -> None:
    """Raise ``BadRequest`` for a host name that this server does not answer to (links are never made from it)."""
    host = request.environ.get("HTTP_HOST", "")
    name, _, port = host.rpartition(":")
    if (name if port.isdigit() else host).lower() not in services().settings.trusted_hosts:
        raise UnknownHost


def address() -> str:
    """The network address that the request comes from; forwarded ones count as OWOX_PROXY_HOPS says."""
    return (request.remote_addr or "")[:45]


def client() -> str:
    """The client program, as it names itself."""
    return one_line(request.headers.get("User-Agent", ""))


def request_id() -> str:
    """The client's ``x-request-id`` if it is short and plain, else a new one."""
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else str(uuid4())


def _standard_check(header: str, now: datetime) -> Check:
    scheme, _, value = header.strip().partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        key_id, secret = _basic(value)
        return lambda reader: authentication.by_secret(reader, key_id, secret, now)
    if scheme.lower() == "bearer" and value.startswith(keys.COMBINED_PREFIX):
        origin = services().settings.public_origin
        return lambda reader: authentication.by_combined(reader, value, origin, now)
    if scheme.lower() == "bearer" and value.startswith(terminal_sign_ins.PREFIX):
        return lambda _reader: _at_terminal(value, now)
    if scheme.lower() == "bearer":
        return _token_check(value, now)
    return _token_check("", now)


def _at_terminal(token: str, now: datetime) -> Caller:
    terminal = terminal_sign_ins.find(db.session(), token, now)
    seen.note(terminal.sign_in_id, terminal.seen_at, now)
    return terminal.caller


def _token_check(token: str, now: datetime, *, needs_id: bool = False) -> Check:
    claimed = request.headers.get(KEY_ID_HEADER)

    def check(reader: KeyReader) -> Caller:
        caller = authentication.by_token(reader, services().tokens, token, now)
        if claimed != caller.api_key_id and (needs_id or claimed is not None):
            raise Forbidden("Access denied by api key", caller.api_key_id)
        return caller

    return check


def _unwrapped(header: str) -> str:
    """A token with or without its scheme (contract.md 2.4)."""
    scheme, _, value = header.strip().partition(" ")
    return value.strip() if scheme.lower() == "bearer" else header.strip()


def _basic(value: str) -> tuple[str, str]:
    try:
        decoded = base64.b64decode(value, validate=True)
        text = decoded.decode("utf-8")
    except (binascii.Error, ValueError):
        return "", ""
    # Even then surplus padding and stray bits are let through: one credential has one text.
    if base64.b64encode(decoded) != value.encode("ascii"):
        return "", ""
    key_id, _, secret = text.partition(":")
    return key_id, secret

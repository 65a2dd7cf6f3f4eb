"""Who may use which route. Each route declares it, and one without a declaration stops the server from starting.

@public           anyone; a form that is sent to it needs its CSRF token
@public_api       anyone, by JSON, without cookie or CSRF token
@signed_in        a member with the dashboard's cookie, in no particular project
@member(role)     the same, in the project that the URL names, with at least that role
@api(role)        a member by any door but a terminal's; with ``keys=False`` by the cookie only (contract.md 6.3), to
                  which ``terminals=True`` adds a terminal's sign-in; ``body_bytes`` is how long a body may be where it
                  may be longer than elsewhere
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar, cast

from flask import Flask, current_app, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import NotFound

from owox.access import browser, doors
from owox.access.doors import Services, services
from owox.models import db
from owox.roles import Role
from owox.services import members, sign_ins
from owox.services.acting import Acting
from owox.services.audit import Actor
from owox.services.authentication import Caller
from owox.services.errors import Forbidden, Refused
from owox.services.sign_ins import Visitor

__all__ = [
    "Services",
    "SignInNeeded",
    "acting",
    "actor",
    "api",
    "caller",
    "check_again",
    "check_recent",
    "member",
    "note_refusal",
    "now",
    "protect",
    "public",
    "public_api",
    "services",
    "signed_in",
    "signed_in_recently",
    "visitor",
]

View = TypeVar("View", bound=Callable[..., object])
_SAFE: Final = {"GET", "HEAD", "OPTIONS"}
_csrf: Final = CSRFProtect()


class Kind(StrEnum):
    """The kinds of declaration above."""

    PUBLIC = "public"
    PUBLIC_API = "public_api"
    SIGNED_IN = "signed_in"
    MEMBER = "member"
    API = "api"


@dataclass(frozen=True, slots=True)
class Access:
    """One route's declaration."""

    kind: Kind
    role: Role | None = None
    keys: bool = False
    terminals: bool = False
    body_bytes: int | None = None


class SignInNeeded(Exception):
    """A dashboard page was asked for without a valid sign-in."""


def public(view: View) -> View:
    """Anyone."""
    return _declare(view, Access(Kind.PUBLIC))


def public_api(view: View) -> View:
    """Anyone, by JSON; no cookie is read and so no CSRF token is needed."""
    return _declare(view, Access(Kind.PUBLIC_API))


def signed_in(view: View) -> View:
    """Any member with the dashboard's cookie."""
    return _declare(view, Access(Kind.SIGNED_IN))


def member(role: Role) -> Callable[[View], View]:
    """Members of the project in the URL, with the dashboard's cookie."""
    return lambda view: _declare(view, Access(Kind.MEMBER, role))


def api(
    role: Role, *, keys: bool = True, terminals: bool = False, body_bytes: int | None = None
) -> Callable[[View], View]:
    """Members by key or by the dashboard's cookie; without ``keys`` by the latter, with ``terminals`` by theirs too."""
    return lambda view: _declare(view, Access(Kind.API, role, keys, terminals, body_bytes))


def declaration(view: object) -> Access | None:
    """What a view declares."""
    return getattr(view, "__access__", None)


def now() -> datetime:
    """The present, in whole milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def caller() -> Caller:
    """The member who is calling, in their project."""
    return cast(Caller, g.caller)


def visitor() -> Visitor:
    """The member who is signed in with this browser."""
    return cast(Visitor, g.visitor)


def signed_in_recently() -> bool:
    """Whether the member who is signed in with this browser has shown their password of late."""
    return now() - visitor().proven_at <= sign_ins.RECENT


def check_recent() -> None:
    """Raise ``Forbidden`` for a sign-in of long ago, where a secret is about to be made; terminals' end in time."""
    if g.get("visitor") is not None and not signed_in_recently():
        minutes = sign_ins.RECENT.seconds // 60
        raise Forbidden(f"Sign in again: API keys are made within {minutes} minutes of showing the password")


def actor() -> Actor:
    """Who acts and from where, for the audit log."""
    known: Caller | None = g.get("caller")
    seen: Visitor | None = g.get("visitor")
    return Actor(
        address=doors.address(),
        client=doors.client(),
        request_id=request_id(),
        member_id=known.member_id if known else seen.member_id if seen else None,
        project_id=known.project_id if known else None,
        api_key_id=known.api_key_id if known else None,
    )


def acting() -> Acting:
    """The caller's act, now."""
    return Acting(caller(), actor(), now())


def request_id() -> str:
    """The id of this request, in errors and in the audit log: the client's own if it is plain, else a new one."""
    if "request_id" not in g:
        g.request_id = doors.request_id()
    return cast(str, g.request_id)


def note_refusal(error: Exception) -> None:
    """Put it on record that a key was refused, or the caller, if this is what an error says."""
    if not isinstance(error, Forbidden | Refused):
        return
    rule = request.url_rule
    # The route, not the address: some addresses hold a one-time link's secret.
    services().refusals.note(error, actor(), f"{request.method} {rule.rule if rule else '?'}"[:200], now())


def protect(app: Flask) -> None:
    """Let every request pass the guard, once all routes are there; raise if one of them declares nothing."""
    undeclared = sorted(
        {rule.endpoint for rule in app.url_map.iter_rules() if declaration(app.view_functions[rule.endpoint]) is None}
    )
    if undeclared:
        raise RuntimeError(f"Routes that do not declare who may use them: {', '.join(undeclared)}")
    app.session_interface = browser.FormSessions()
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    _csrf.init_app(app)
    app.before_request(_guard)


def check_again() -> None:
    """Decide once more who is calling and whether they may, from the rows as they are now; raise as the guard does."""
    _guard()


def _guard() -> None:
    doors.check_host()
    if "\0" in request.path:
        raise NotFound("No address holds a NUL.")  # PostgreSQL's text cannot, and SQLite's may.
    if request.endpoint is None:
        return  # An unknown path or method, which is answered as such.
    access = declaration(current_app.view_functions[request.endpoint])
    if access is None:
        raise RuntimeError("no declaration")
    if access.body_bytes is not None:
        request.max_content_length = access.body_bytes
    _GUARDS[access.kind](access)


def _guard_public(_access: Access) -> None:
    _check_form()


def _guard_public_api(_access: Access) -> None:
    return


def _guard_signed_in(_access: Access) -> None:
    g.visitor = browser.visitor(now())
    if g.visitor is None:
        raise SignInNeeded
    _check_form()


def _guard_member(access: Access) -> None:
    _guard_signed_in(access)
    project_id = str((request.view_args or {})["project_id"])
    g.caller = members.caller_in(db.session(), visitor().member_id, project_id)
    _check_role(access)


def _guard_api(access: Access) -> None:
    known = doors.by_header(now())
    if known is not None:
        g.caller = known
        _check_door(access, known)
    else:
        g.visitor = browser.visitor(now())
        g.caller = doors.by_cookie(g.visitor)
        _check_form()
    _check_role(access)


def _check_door(access: Access, known: Caller) -> None:
    if known.terminal_id is not None and not access.terminals:
        raise Forbidden("A terminal's sign-in is for managing API keys and nothing else")
    if known.terminal_id is None and not access.keys:
        raise Forbidden("API key authentication is not allowed for this endpoint")


def _check_role(access: Access) -> None:
    if access.role is not None and not caller().role.includes(access.role):
        raise Forbidden(f"Access denied. Required role: {access.role.display}")


def _check_form() -> None:
    if request.method not in _SAFE:
        _csrf.protect()


def _declare(view: View, access: Access) -> View:
    view.__access__ = access  # type: ignore[attr-defined]
    return view


_GUARDS: Final[dict[Kind, Callable[[Access], None]]] = {
    Kind.PUBLIC: _guard_public,
    Kind.PUBLIC_API: _guard_public_api,
    Kind.SIGNED_IN: _guard_signed_in,
    Kind.MEMBER: _guard_member,
    Kind.API: _guard_api,
}

"""Makes the WSGI app from settings: database, routes, errors, and what every answer carries."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Response, make_response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from owox import access, api, web
from owox.access.answers import as_http
from owox.access.doors import KEY_ENDS, Services, UnknownHost
from owox.api import errors as api_errors
from owox.models import db
from owox.models.base import BUSY_SECONDS, prepare_engine
from owox.services import endings
from owox.services.authentication import KeyReader
from owox.services.background import Background
from owox.services.journal import Journal
from owox.services.last_used import LastUsed
from owox.services.refusals import Refusals
from owox.services.rows import Streams
from owox.services.secrets import Vault
from owox.services.storage_config import Keeper
from owox.services.throttle import Throttle
from owox.settings import Settings
from owox.tokens import Tokens

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BODY_BYTES: Final = 64 * 1024
_JSON_PATHS: Final = ("/api/", "/health/")
_HEADERS: Final = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
]
_UNCACHED: Final = [
    ("Cache-Control", "no-store"),
    ("Vary", "Cookie, Authorization, X-OWOX-Authorization, HX-Request"),
]


def create_app(settings: Settings) -> Flask:
    """The app for these settings; touches no database yet."""
    here = Path(__file__).resolve().parent
    # In a checkout templates and static files stand at its top, in an installed package beside this file.
    top = here if (here / "templates").is_dir() else here.parent
    app = Flask("owox", template_folder=str(top / "templates"), static_folder=str(top / "static"))
    app.config.from_mapping(_config(settings))
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        endings.follow(db.engine, Journal(settings.journal))
        keeper = Keeper(Vault(settings.secret_keys), settings.storage_paths, settings.own_files)
        background, throttle = Background(), Throttle(settings.redis_url)
        app.extensions["owox"] = Services(
            settings=settings,
            tokens=Tokens(settings.secret_keys),
            throttle=throttle,
            background=background,
            last_used=LastUsed(db.engine, background.do),
            refusals=Refusals(db.engine, throttle, background.do),
            streams=Streams(db.engine, keeper),
            keys=KeyReader(settings.database_url, _engine_options(settings)),
            keeper=keeper,
        )
    api.register(app)
    web.register(app)
    access.public(app.view_functions["static"])
    app.register_error_handler(Exception, _answer)
    access.protect(app)
    app.wsgi_app = _Completed(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "MAX_CONTENT_LENGTH": BODY_BYTES,
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    options: dict[str, Any] = {
        "pool_size": 20,
        "max_overflow": 40,
        "pool_timeout": BUSY_SECONDS,
        "pool_use_lifo": True,
    }
    if settings.database_url.startswith("postgresql"):
        options["connect_args"] = {"connect_timeout": BUSY_SECONDS}
    return options


def _answer(error: Exception) -> Response:
    access.note_refusal(error)
    # The router takes any number of leading slashes for one.
    if f"/{request.path.strip('/')}/".startswith(_JSON_PATHS):
        return api_errors.answer(error)
    known = as_http(error)
    # A page of ours holds addresses, which cannot be made for a host that is none of ours.
    page: Response = make_response(known.get_response()) if isinstance(known, UnknownHost) else web.html_error(known)
    return page


class _Completed:
    """Adds what every answer carries, where it costs least: as the headers leave for the server."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            headers.extend(_HEADERS)
            if not environ["PATH_INFO"].startswith("/static/"):
                present = {name.lower() for name, _ in headers}
                headers.extend(header for header in _UNCACHED if header[0].lower() not in present)
            if ends_at := environ.get(KEY_ENDS):
                headers.append(("X-OWOX-Api-Key-Expires-At", ends_at))
            # Werkzeug writes reason phrases in capitals; clients show them to people (contract.md 0.1).
            if status != "200 OK":
                status = f"{status[:3]} {HTTPStatus(int(status[:3])).phrase}"
            return start_response(status, headers, exc_info)

        return self._app(environ, start)

"""`owox serve`: prepares the database, prints where the server is, and runs it."""

import logging
import signal
import sys
from types import FrameType
from typing import Any, Final, NoReturn

import click
from flask import Flask

from owox.access import now, services
from owox.admin.running import operator
from owox.models import db, writing
from owox.reading.engines import StorageError
from owox.reading.stream import StreamCut
from owox.services import demo, members, rows, setup
from owox.services.errors import Conflict
from owox.settings import Settings, note_served_origin

THREADS: Final = rows.MOST + 16
# What a reader that has stopped may still get of a stream that was cut: this much, and the kernel's buffers.
BUFFER_BYTES: Final = 128 * 1024
# Past this the server answers itself, before the app could: larger than any body that the app takes.
REQUEST_BYTES: Final = 2 * 1024 * 1024
HEADER_BYTES: Final = 64 * 1024


def serve(app: Flask, *, workers: int, with_demo: bool) -> None:
    """Run the server until it is told to stop. Raises ``Conflict`` for several workers on SQLite."""
    with app.app_context():
        settings = services().settings
        if workers > 1 and db.engine.dialect.name == "sqlite":
            raise Conflict(
                "Several workers need PostgreSQL: set OWOX_DATABASE_URL=postgresql://user@host/name. "
                "With SQLite one worker serves all."
            )
        token = _prepare(settings, with_demo)
        note_served_origin(settings)
        db.engine.dispose()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_in_one_line)
    lines = [f"owox is running at {settings.public_origin}", "Stop it with Ctrl-C."]
    if token:
        link = f"{settings.public_origin}/setup/{token}"
        lines.insert(1, f"Nobody has signed up yet. Open this link within an hour to become the first admin:\n  {link}")
    if workers > 1:
        _run_gunicorn(settings, workers, "\n".join(lines))
    else:
        _run_waitress(app, settings, "\n".join(lines))


def _prepare(settings: Settings, with_demo: bool) -> str | None:
    """Everything that is written before the first request; returns the set-up link's token while there is no member."""
    with writing(db.session()) as session:
        rows.interrupt_left_over(session, now())
        project_id = demo.installed(session)
        if with_demo and project_id is None:
            project_id = demo.install(session, settings.instance / "demo", operator(), now())
        return None if members.exist(session) else setup.new_link(session, project_id, now())


def _run_waitress(app: Flask, settings: Settings, greeting: str) -> None:
    from waitress.server import create_server

    server = create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=THREADS,
        outbuf_high_watermark=BUFFER_BYTES,
        max_request_body_size=REQUEST_BYTES,
        max_request_header_size=HEADER_BYTES,
        # ProxyFix reads these headers for as many proxies as OWOX_PROXY_HOPS says, and nothing else does.
        clear_untrusted_proxy_headers=not settings.proxy_hops,
        ident=None,
    )
    signal.signal(signal.SIGTERM, _stop)
    click.echo(greeting)
    sys.stdout.flush()
    server.run()


def _in_one_line(record: logging.LogRecord) -> bool:
    """A stream that ended early is an event, not a fault of the program: no traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, StreamCut | StorageError):
        record.msg, record.args, record.exc_info = f"A row stream was ended: {error}", (), None
        record.exc_text = None
    return True


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _run_gunicorn(settings: Settings, workers: int, greeting: str) -> None:
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        raise Conflict('Several workers need gunicorn: pip install gunicorn "psycopg[binary]"') from None
    from owox.factory import create_app

    class Server(BaseApplication):  # type: ignore[misc]
        """gunicorn with this server's settings; each worker makes its own app."""

        def load_config(self) -> None:
            for name, value in _gunicorn_options(settings, workers, greeting).items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return create_app(settings)

    if settings.redis_url is None:
        click.echo("Limits on failed attempts are counted per worker; set OWOX_REDIS_URL to share them.", err=True)
    Server().run()


def _gunicorn_options(settings: Settings, workers: int, greeting: str) -> dict[str, Any]:
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        # Encoded filters make request lines far longer than gunicorn's default (contract.md 0.16).
        "limit_request_line": 0,
        "loglevel": settings.log_level.lower(),
        "when_ready": lambda _server: click.echo(greeting),
    }

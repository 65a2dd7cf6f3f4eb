"""`owox serve`: prepares the database, prints where the server is, and runs it."""

import logging
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from types import FrameType
from typing import Any, Final, NoReturn

import click
from flask import Flask
from werkzeug.exceptions import BadRequest

from owox.access import now, services
from owox.admin.running import operator
from owox.models import db, writing
from owox.reading.engines import StorageError, load_engine
from owox.reading.stream import StreamCut
from owox.services import demo, members, recording, rows, setup, storages
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
        settings, one_only = services().settings, db.engine.dialect.name == "sqlite"
    if workers > 1 and one_only:
        raise Conflict(
            "Several workers need PostgreSQL: set OWOX_DATABASE_URL=postgresql://user@host/name. "
            "With SQLite one worker serves all."
        )
    app.extensions["owox"].throttle.reach()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _shorten(logging.getLogger())
    # One line for each request that waits for a thread would only make an overload worse.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    if workers > 1:
        _run_gunicorn(app, workers, with_demo)
    else:
        _run_waitress(app, settings, with_demo)


def _greet(app: Flask, with_demo: bool) -> None:
    """Once the port is ours: write what the first request needs, and say where the server is."""
    with app.app_context():
        settings = services().settings
        note_served_origin(settings)
        if with_demo and not demo.installed(db.session()):
            _install_demo(settings)
        with writing(db.session()) as session:
            recording.interrupt_left_over(session, now())
            project_id = demo.installed(session)
            token = None if members.exist(session) else setup.new_link(session, project_id, operator(), now())
        db.engine.dispose()
    click.echo(f"owox is running at {settings.public_origin}")
    if token:
        click.echo("Nobody has signed up yet. Open this link within an hour to become the first admin:")
        click.echo(f"  {settings.public_origin}/setup/{token}")
    click.echo("Stop it with Ctrl-C.")
    sys.stdout.flush()


def _load_engines(app: Flask) -> None:
    """Load what the storages here are read with beside the first requests, so that the first read does not wait.

    The process may not end while a library is being loaded, hence no daemon.
    """
    with app.app_context():
        types = storages.types_in_use(db.session())
        db.engine.dispose()

    def load() -> None:
        for storage_type in types:
            # A missing driver is told to whoever reads.
            with suppress(StorageError):
                load_engine(storage_type)

    Thread(target=load, name="engines").start()


def _install_demo(settings: Settings) -> None:
    """In a process of its own, since making the data takes memory that this one would keep."""
    command = [sys.executable, "-m", "owox.admin", "demo", "--instance", str(settings.instance)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Conflict(f"The demo project could not be added. {done.stderr.strip()}")


def _run_waitress(app: Flask, settings: Settings, with_demo: bool) -> None:
    from waitress.server import BaseWSGIServer, create_server

    from owox.admin import connections
    from owox.admin.threads import Threads

    in_files_alone = settings.database_file is not None and settings.redis_url is None
    BaseWSGIServer.channel_class = connections.Connection
    server = _bound(
        create_server,
        app,
        host=settings.host,
        port=settings.port,
        _dispatcher=Threads(THREADS, apart=in_files_alone),
        outbuf_high_watermark=BUFFER_BYTES,
        max_request_body_size=REQUEST_BYTES,
        max_request_header_size=HEADER_BYTES,
        # Past MOST, a connection without a request makes place for the next, so this is reached when there is none.
        connection_limit=connections.MOST + THREADS,
        channel_timeout=connections.REQUEST_SECONDS,
        cleanup_interval=10,
        asyncore_use_poll=True,
        # Lets the server notice that a client leaves while its request is worked on.
        channel_request_lookahead=1,
        # ProxyFix reads these headers for as many proxies as OWOX_PROXY_HOPS says, and nothing else does.
        clear_untrusted_proxy_headers=not settings.proxy_hops,
        ident=None,
    )
    signal.signal(signal.SIGTERM, _stop)
    _interrupt_streams_first(app)
    _greet(app, with_demo)
    _load_engines(app)
    server.run()


def _in_one_line(record: logging.LogRecord) -> bool:
    """A stream that ended early is an event, not a fault of the program: no traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, StreamCut | StorageError):
        record.msg, record.args, record.exc_info = f"A row stream was ended: {error}", (), None
        record.exc_text = None
    return True


def _bound(create_server: Callable[..., Any], app: Flask, **options: Any) -> Any:
    try:
        return create_server(app, **options)
    except (OSError, ValueError) as error:
        where = f"{options['host']}:{options['port']}"
        why = error.strerror if isinstance(error, OSError) else "there is no such address"
        raise Conflict(f"Cannot listen on {where}: {why}. Choose another with --host or --port.") from None


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _interrupt_streams_first(app: Flask) -> None:
    """Before a signal ends the server: nobody waits for long streams, and their runs say what became of them."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        stop = signal.getsignal(number)
        if callable(stop):
            signal.signal(number, partial(_interrupt_then, app.extensions["owox"].streams, stop))


def _interrupt_then(
    streams: rows.Streams, stop: Callable[[int, FrameType | None], object], number: int, frame: FrameType | None
) -> None:
    streams.stop()
    stop(number, frame)


def _run_gunicorn(app: Flask, workers: int, with_demo: bool) -> None:
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        raise Conflict('Several workers need gunicorn: pip install gunicorn "psycopg[binary]"') from None
    from owox.factory import create_app

    settings: Settings = app.extensions["owox"].settings
    options = _gunicorn_options(settings, workers) | {"when_ready": lambda _server: _greet(app, with_demo)}

    class Server(BaseApplication):  # type: ignore[misc]
        """gunicorn with this server's settings; each worker makes its own app."""

        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return create_app(settings)

    if settings.redis_url is None:
        click.echo("Limits on failed attempts are counted per worker; set OWOX_REDIS_URL to share them.", err=True)
    Server().run()


def _gunicorn_options(settings: Settings, workers: int) -> dict[str, Any]:
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        # Encoded filters make request lines far longer than gunicorn's default (contract.md 0.16).
        "limit_request_line": 0,
        "control_socket_disable": True,
        "loglevel": settings.log_level.lower(),
        "post_worker_init": _prepare_worker,
    }


def _prepare_worker(worker: Any) -> None:
    refuse_damaged_bodies(worker.wsgi)
    _interrupt_streams_first(worker.wsgi)
    _load_engines(worker.wsgi)
    _shorten(logging.getLogger("gunicorn.error"))


def refuse_damaged_bodies(app: Flask) -> None:
    """gunicorn reads chunks when the app asks for the body, and raises what is wrong with them there."""
    from gunicorn.http.errors import ParseException

    damaged = BadRequest("The body's chunks are not framed as they must be.")
    app.register_error_handler(ParseException, lambda _error: app.handle_user_exception(damaged))


def _shorten(logger: logging.Logger) -> None:
    for handler in logger.handlers:
        handler.addFilter(_in_one_line)

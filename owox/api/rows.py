"""The rows of a data mart as NDJSON (contract.md 4), and of saved reports, of which there are none."""

import socket
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from owox.access import api, browser, caller, now, services
from owox.models import db
from owox.reading.query import parse_query, parse_report_query
from owox.roles import Role
from owox.services import authentication, marts, members
from owox.services.authentication import Caller, KeyReader
from owox.services.errors import NotFound, Refused
from owox.services.rows import Wanted

blueprint = Blueprint("rows", __name__, url_prefix="/api/external/http-data")


class VersionNotSupported(HTTPException):
    """A stream over HTTP/1.0 ends with the connection, so that a cut could not be told from the end."""

    code = 505
    description = (
        "Row streams need HTTP/1.1: over HTTP/1.0 a stream that was cut looks complete. "
        "Behind nginx, set proxy_http_version 1.1."
    )


@blueprint.get("/data-marts/<mart_id>.ndjson")
@api(Role.VIEWER)
def stream_mart(mart_id: str) -> Response:
    """All rows, one JSON object a line; a stream that could not be finished ends without its final chunk."""
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        raise VersionNotSupported
    query = parse_query(list(request.args.items(multi=True)))
    mart = marts.for_reading(db.session(), caller(), mart_id)
    wanted = Wanted(caller(), mart, query, _check(mart_id), _is_waited_for(request.environ))
    # The database connection goes back before the storage is asked: a long read must not hold it.
    db.session.remove()
    stream = services().streams.open(wanted, now())
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-OWOX-Run-Id": stream.run_id}
    return Response(
        stream, headers=headers, content_type="application/x-ndjson; charset=utf-8", direct_passthrough=True
    )


@blueprint.get("/reports/<report_id>.ndjson")
@api(Role.VIEWER)
def stream_report(report_id: str) -> Response:
    """All rows of a saved report; none is kept here."""
    parse_report_query(list(request.args.items(multi=True)))
    raise NotFound(f"Report with id {report_id} not found")


def _is_waited_for(environ: dict[str, Any]) -> Callable[[], bool]:
    """How to ask whether the client is still connected, from any thread, as far as the server can tell."""
    if (is_gone := environ.get("waitress.client_disconnected")) is not None:
        return lambda: not is_gone()
    if (connection := environ.get("gunicorn.socket")) is not None:
        return lambda: _is_open(connection)
    return lambda: True


def _is_open(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except (BlockingIOError, ValueError):
        return True  # Nothing was sent since, or TLS is spoken here, which cannot be looked into.
    except OSError:
        return False


def _check(mart_id: str) -> "_Check":
    return _Check(services().keys, caller(), browser.cookie(), mart_id)


class _Check:
    """Decides again whether whoever opened a stream may still read it, from the rows as they are then."""

    def __init__(self, reader: KeyReader, known: Caller, cookie: str, mart_id: str) -> None:
        self._reader, self._known, self._cookie, self._mart_id = reader, known, cookie, mart_id

    def __call__(self, session: Session, moment: datetime) -> None:
        known = self._known
        if known.api_key_id:
            again = authentication.by_key_id(self._reader, known.api_key_id, moment)
        else:
            if browser.find(session, self._cookie, moment) is None:
                raise Refused
            again = members.caller_in(session, known.member_id, known.project_id)
        marts.for_reading(session, again, self._mart_id)

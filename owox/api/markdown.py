"""Markdown to HTML (contract.md 3.11)."""

from typing import Final

from flask import Blueprint, Response

from owox.access import api
from owox.api.bodies import read_object
from owox.api.values import text
from owox.roles import Role
from owox.services.markdown import to_html

blueprint = Blueprint("markdown", __name__, url_prefix="/api/markdown")
BODY_BYTES: Final = 2 * 1024 * 1024
# The answer is made for a page of the caller's; opened by itself it may load, send and run nothing.
_POLICY: Final = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"


@blueprint.post("/parse-to-html")
@api(Role.VIEWER, body_bytes=BODY_BYTES)
def parse_markdown() -> Response:
    """The text as HTML that is safe to put into a page."""
    html = to_html(text(read_object("markdown"), "markdown"))
    headers = {"Content-Security-Policy": _POLICY}
    return Response(html, 201, headers, content_type="text/html; charset=utf-8")

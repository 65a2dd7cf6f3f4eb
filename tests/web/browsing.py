"""A member's browser without a browser: reads forms out of pages and sends them, with or without htmx."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.cast import Stage

HTMX = {"HX-Request": "true"}
SECRET = re.compile(r"owox_sec_[0-9A-Za-z]{49}")


class _Fields(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.meta: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.elements.append((tag, found))
        name = found.get("name") or ""
        if tag == "meta":
            self.meta[name] = found.get("content") or ""
        if tag == "input" and name and (found.get("type") not in {"radio", "checkbox"} or "checked" in found):
            self.values[name] = found.get("value") or ""
        if tag in {"select", "textarea"}:
            self._text, self.values[name] = name, ""
        if tag == "option" and "selected" in found:
            self.values[self._text] = found.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._text and self.elements[-1][0] == "textarea":
            self.values[self._text] = data.removeprefix("\r\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._text = ""


def fields(answer: TestResponse) -> dict[str, str]:
    """The values that a page's fields hold."""
    return _Fields(answer.text).values


def elements(answer: TestResponse) -> list[tuple[str, dict[str, str | None]]]:
    """Every element of a page with its attributes, as a browser reads them."""
    return _Fields(answer.text).elements


def csrf(answer: TestResponse) -> str:
    """The token in a page's head."""
    return _Fields(answer.text).meta["csrf-token"]


@dataclass(frozen=True)
class Visit:
    """Somebody's browser in their project."""

    client: FlaskClient
    project_id: str

    @property
    def home(self) -> str:
        """The address of the project."""
        return f"/projects/{self.project_id}"

    @property
    def keys(self) -> str:
        """The address of My API Keys."""
        return f"{self.home}/settings/api-keys"

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **options)

    def send(self, path: str, /, *, headers: dict[str, str] | None = None, **typed: str) -> TestResponse:
        """Open a page with a form, fill it in, send it to the same address."""
        form = fields(self.client.get(path, headers=headers))
        return self.client.post(path, data=form | typed, headers=headers)

    def post(self, path: str, /, *, headers: dict[str, str] | None = None, **typed: str) -> TestResponse:
        """Send a form that stands on another page."""
        token = csrf(self.client.get(self.keys))
        return self.client.post(path, data={"csrf_token": token} | typed, headers=headers)


def visit(stage: Stage, name: str) -> Visit:
    """Somebody of the cast, signed in."""
    return Visit(stage.visitor(name), stage[name].project_id)

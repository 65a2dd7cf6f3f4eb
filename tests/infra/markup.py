"""Reads a Jinja template as HTML and names what breaks the rules for templates.

Jinja's marks are blanked first, so that the text left is HTML with every branch in it; line numbers stay.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
REQUESTS = frozenset({"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "hx-action"})
_ADDRESSES = {"a": "href", "form": "action", "button": "formaction", "input": "formaction"}
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_MACRO = re.compile(r"\{%-?\s*macro\b")
_NAME = r"\{\{ ?(?:\w+\.)*(?:name|title|project_title) ?\}\}"
_SOURCE_RULES = {
    # Where the next bracket opens, this is text and no attribute.
    "lets a name turn the direction of its sentence: it wants <bdi>": re.compile(
        r"(?:[\w,.:;(]\s+|\()" + _NAME + r"(?!\s*\{% endblock)(?=[^<>]*<)"
    ),
    "marks text as safe": re.compile(r"\|\s*safe\b|\bMarkup\s*\(|\{%-?\s*autoescape\s+false"),
    "names another template otherwise than by a plain name": re.compile(
        r"""\{%-?\s*(?:include|extends)\b(?!\s+(?:"[^"]+"|'[^']+')\s*-?%\})|\{%-?\s*(?:import|from)\s+[^"'\s]"""
    ),
}


@dataclass
class _Element:
    tag: str
    attributes: dict[str, str | None]
    line: int


@dataclass
class _Reader(HTMLParser):
    """Collects elements with their ancestors. Unbalanced ends are noted, since they hide what is inside what."""

    source: str
    open: list[_Element] = field(default_factory=list)
    roots: list[_Element] = field(default_factory=list)
    loose_text: int = 0
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()
        self.problems += [f"{element.line}: <{element.tag}> is not closed" for element in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = _Element(tag, dict(attrs), self.getpos()[0])
        if not self.open:
            self.roots.append(element)
        self.problems += [f"{element.line}: <{tag}> {problem}" for problem in _element_problems(element, self.open)]
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1].tag == tag:
            self.open.pop()
        else:
            self.problems.append(f"{self.getpos()[0]}: </{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.open:
            self.loose_text = self.loose_text or self.getpos()[0]
        if data.strip() and self.open and self.open[-1].tag in {"script", "style"}:
            self.problems.append(f"{self.getpos()[0]}: <{self.open[-1].tag}> holds its text inline")


def problems(source: str, *, partial: bool = False) -> list[str]:
    """Everything in a template that breaks a rule, each as ``line: what``.

    A partial also needs one root with an id. A file of macros is none, whatever it is called.
    """
    found = [
        f"{_line(source, hit.start())}: {rule}"
        for rule, pattern in _SOURCE_RULES.items()
        for hit in pattern.finditer(source)
    ]
    reader = _Reader(_JINJA.sub(_blank, source))
    found += reader.problems
    if partial and not _MACRO.search(source):
        if len(reader.roots) != 1 or reader.loose_text:
            found.append(f"1: a partial has one root element, this one has {len(reader.roots)} and text beside")
        if not all(root.attributes.get("id") for root in reader.roots):
            found.append("1: the root of a partial has an id")
    return found


def _element_problems(element: _Element, ancestors: list[_Element]) -> Iterator[str]:
    attributes = element.attributes
    if element.tag == "style":
        yield "is an inline style"
    if element.tag == "script" and not attributes.get("src"):
        yield "is an inline script"
    for name, value in attributes.items():
        if name == "style" or name.startswith(("on", "hx-on", "hx-live")):
            yield f"has {name}"
        if (value or "").strip().lower().startswith(("javascript:", "js:")):
            yield f"has code in {name}"
        if name.startswith("hx-trigger") and "[" in (value or ""):
            yield "filters its trigger by code"
    yield from _hypermedia_problems(element, ancestors)


def _hypermedia_problems(element: _Element, ancestors: list[_Element]) -> Iterator[str]:
    if not any(name.startswith("hx-") for name in element.attributes):
        return
    if not element.attributes.get("hx-nonce"):
        yield "has an hx attribute but no hx-nonce"
    requests = any(name.partition(":")[0] in REQUESTS for name in element.attributes)
    if requests and not _works_plainly(element, ancestors):
        yield "asks by htmx only: it needs a real href or action"


def _works_plainly(element: _Element, ancestors: list[_Element]) -> bool:
    if element.attributes.get(_ADDRESSES.get(element.tag, "")):
        return True
    return any(form.tag == "form" and form.attributes.get("action") for form in ancestors)


def _blank(hit: re.Match[str]) -> str:
    """What stands in for a Jinja mark: a value for an expression, nothing for a statement, with the same line ends."""
    lines = "\n" * hit.group().count("\n")
    return ("x" if hit.group().startswith("{{") else "") + lines


def _line(source: str, position: int) -> int:
    return source.count("\n", 0, position) + 1
